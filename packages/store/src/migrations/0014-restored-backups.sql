-- After a backup is restored a new data key begins, and what older ones sealed (tokens, codes, sign-ins) no longer opens.
-- Columns sealed at rest still do.
ALTER TABLE instances ADD COLUMN oldest_accepted_key_version integer NOT NULL DEFAULT 1;

-- Which database of which cluster this is, so that a start notices a copy that was made by dump and restore.
CREATE TABLE database_identity (
  id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  system_identifier text NOT NULL,
  database_oid text NOT NULL
);
