-- Header `typ` of JWT access tokens: `JWT` as the dialect has it, `at+jwt` as RFC 9068 §2.1 has it. What an application or a
-- machine user does not decide, the instance does. Those that are there keep the header they have.
ALTER TABLE instances ADD COLUMN access_token_jwt_type text NOT NULL DEFAULT 'JWT'
  CHECK (access_token_jwt_type IN ('at+jwt', 'JWT'));
ALTER TABLE applications ALTER COLUMN access_token_jwt_type DROP NOT NULL;
ALTER TABLE applications ALTER COLUMN access_token_jwt_type DROP DEFAULT;
ALTER TABLE users ADD COLUMN access_token_jwt_type text CHECK (access_token_jwt_type IN ('at+jwt', 'JWT'));
UPDATE users SET access_token_jwt_type = 'at+jwt' WHERE kind = 'machine';

-- Whether ID tokens name the client in `client_id` besides `azp`, as the dialect's do. Those that are there keep it.
ALTER TABLE applications ADD COLUMN id_token_client_id_assertion boolean NOT NULL DEFAULT true;
ALTER TABLE applications ALTER COLUMN id_token_client_id_assertion SET DEFAULT false;
