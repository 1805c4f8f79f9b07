-- Objects that move here from another system keep their ids, and clients their hashed secrets.

-- Ids that may never be given again: those callers chose, and those of keys that were removed. Rows of other objects stay
-- when they are removed, so their ids are taken by the rows themselves.
CREATE TABLE spent_ids (
  instance_id text NOT NULL,
  id text NOT NULL,
  PRIMARY KEY (instance_id, id)
);

-- A secret of another system is kept as the hash it came with until it is used for the first time.
ALTER TABLE client_secrets ALTER COLUMN sha256 DROP NOT NULL;
ALTER TABLE client_secrets ADD COLUMN foreign_hash text;
ALTER TABLE client_secrets ADD CONSTRAINT client_secrets_one_hash CHECK ((sha256 IS NULL) <> (foreign_hash IS NULL));
