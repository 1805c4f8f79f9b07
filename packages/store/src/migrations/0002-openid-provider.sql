-- What a complete OpenID provider keeps beyond the foundation: more settings of applications, service-account keys,
-- personal access tokens, consents, device and backchannel authentication, the outbox.

ALTER TABLE instances
  ADD COLUMN is_impersonation_enabled boolean NOT NULL DEFAULT false,
  ADD COLUMN is_self_registration_enabled boolean NOT NULL DEFAULT false,
  ADD COLUMN dynamic_registration text NOT NULL DEFAULT 'off' CHECK (dynamic_registration IN ('off', 'token', 'open')),
  ADD COLUMN registration_policy jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN is_client_id_metadata_enabled boolean NOT NULL DEFAULT false,
  ADD COLUMN is_dpop_nonce_required boolean NOT NULL DEFAULT false;

ALTER TABLE signing_keys DROP CONSTRAINT signing_keys_algorithm_check;
ALTER TABLE signing_keys ADD CONSTRAINT signing_keys_algorithm_check
  CHECK (algorithm IN ('RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'));

ALTER TABLE users
  ADD COLUMN middle_name text,
  ADD COLUMN profile_url text,
  ADD COLUMN picture_url text,
  ADD COLUMN website text,
  ADD COLUMN birthdate text,
  ADD COLUMN zoneinfo text,
  ADD COLUMN address jsonb,
  DROP CONSTRAINT users_access_token_signing_alg_check;
ALTER TABLE users ADD CONSTRAINT users_access_token_signing_alg_check
  CHECK (access_token_signing_alg IN ('RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'));

ALTER TABLE applications
  ADD COLUMN response_types text[] NOT NULL DEFAULT '{code}',
  ADD COLUMN is_third_party boolean NOT NULL DEFAULT false,
  ADD COLUMN security_profile text NOT NULL DEFAULT 'standard' CHECK (security_profile IN ('standard', 'fapi2', 'fapi2_message_signing')),
  ADD COLUMN is_par_required boolean NOT NULL DEFAULT false,
  ADD COLUMN request_object_signing_alg text,
  ADD COLUMN is_signed_request_required boolean NOT NULL DEFAULT false,
  ADD COLUMN request_uris text[] NOT NULL DEFAULT '{}',
  ADD COLUMN jwks jsonb,
  ADD COLUMN jwks_uri text,
  ADD COLUMN token_endpoint_auth_signing_alg text,
  ADD COLUMN tls_client_auth jsonb,
  ADD COLUMN is_dpop_required boolean NOT NULL DEFAULT false,
  ADD COLUMN is_certificate_bound boolean NOT NULL DEFAULT false,
  ADD COLUMN access_token_jwt_type text NOT NULL DEFAULT 'at+jwt' CHECK (access_token_jwt_type IN ('at+jwt', 'JWT')),
  ADD COLUMN id_token_encrypted_response_alg text,
  ADD COLUMN id_token_encrypted_response_enc text,
  ADD COLUMN userinfo_signed_response_alg text,
  ADD COLUMN introspection_signed_response_alg text,
  ADD COLUMN authorization_signed_response_alg text NOT NULL DEFAULT 'RS256',
  ADD COLUMN is_minimal_introspection boolean NOT NULL DEFAULT false,
  ADD COLUMN subject_type text NOT NULL DEFAULT 'public' CHECK (subject_type IN ('public', 'pairwise')),
  ADD COLUMN sector_identifier text,
  ADD COLUMN resource_uris text[] NOT NULL DEFAULT '{}',
  ADD COLUMN frontchannel_logout_uri text,
  ADD COLUMN is_frontchannel_session_required boolean NOT NULL DEFAULT false,
  ADD COLUMN backchannel_logout_uri text,
  ADD COLUMN is_backchannel_session_required boolean NOT NULL DEFAULT false,
  ADD COLUMN initiate_login_uri text,
  ADD COLUMN client_uri text,
  ADD COLUMN logo_uri text,
  ADD COLUMN policy_uri text,
  ADD COLUMN tos_uri text,
  ADD COLUMN contacts text[] NOT NULL DEFAULT '{}',
  ADD COLUMN default_max_age_seconds integer CHECK (default_max_age_seconds >= 0),
  ADD COLUMN is_auth_time_required boolean NOT NULL DEFAULT false,
  ADD COLUMN default_acr_values text[] NOT NULL DEFAULT '{}',
  ADD COLUMN refresh_idle_seconds integer CHECK (refresh_idle_seconds > 0),
  ADD COLUMN refresh_absolute_seconds integer CHECK (refresh_absolute_seconds > 0),
  ADD COLUMN ciba_delivery_mode text CHECK (ciba_delivery_mode IN ('poll', 'ping')),
  ADD COLUMN ciba_notification_endpoint text,
  ADD COLUMN registration_token_sha256 text,
  ADD COLUMN registration_notes jsonb NOT NULL DEFAULT '{}',
  DROP CONSTRAINT applications_auth_method_check,
  DROP CONSTRAINT applications_id_token_signing_alg_check,
  DROP CONSTRAINT applications_access_token_signing_alg_check;
ALTER TABLE applications
  ADD CONSTRAINT applications_auth_method_check CHECK (auth_method IN ('none', 'client_secret_basic', 'client_secret_post',
    'client_secret_jwt', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth')),
  ADD CONSTRAINT applications_id_token_signing_alg_check
    CHECK (id_token_signing_alg IN ('RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA')),
  ADD CONSTRAINT applications_access_token_signing_alg_check
    CHECK (access_token_signing_alg IN ('RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'));
CREATE INDEX applications_by_resource ON applications USING gin (resource_uris);

-- A secret that signs (client_secret_jwt) must be readable: sealed besides its hash, for such applications alone.
ALTER TABLE client_secrets ADD COLUMN sealed bytea;

-- The key a family is bound to (RFC 9449 §5, RFC 8705 §4) and what else its refreshed tokens must repeat.
ALTER TABLE grants
  ADD COLUMN dpop_jkt text,
  ADD COLUMN resources text[] NOT NULL DEFAULT '{}',
  ADD COLUMN claims jsonb;

-- Public keys by which a machine user gets tokens (JWT profile, RFC 7523).
CREATE TABLE user_keys (
  instance_id text NOT NULL,
  id text NOT NULL,
  user_id text NOT NULL,
  public_key_pem text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  PRIMARY KEY (instance_id, id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);
CREATE INDEX user_keys_by_user ON user_keys (instance_id, user_id);

-- Long-lived tokens of users; the token itself is sealed and kept by its owner, the row says whether it still counts.
CREATE TABLE personal_access_tokens (
  instance_id text NOT NULL,
  id text NOT NULL,
  user_id text NOT NULL,
  scopes text[] NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);
CREATE INDEX personal_access_tokens_by_user ON personal_access_tokens (instance_id, user_id);

-- What a person let an application have, remembered.
CREATE TABLE consents (
  instance_id text NOT NULL,
  user_id text NOT NULL,
  application_id text NOT NULL,
  scopes text[] NOT NULL,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, user_id, application_id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id),
  FOREIGN KEY (instance_id, application_id) REFERENCES applications (instance_id, id)
);

-- Applications a session has signed in to and that want to hear of its end. `subject` is the sub they were told.
CREATE TABLE session_clients (
  instance_id text NOT NULL,
  session_id text NOT NULL,
  application_id text NOT NULL,
  subject text NOT NULL,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, session_id, application_id),
  FOREIGN KEY (instance_id, session_id) REFERENCES sessions (instance_id, id) ON DELETE CASCADE
);

-- Device authorizations (RFC 8628). Both codes are kept as hashes.
CREATE TABLE device_authorizations (
  instance_id text NOT NULL,
  id text NOT NULL,
  device_code_sha256 text NOT NULL,
  user_code_sha256 text NOT NULL,
  application_id text NOT NULL,
  client_id text NOT NULL,
  scopes text[] NOT NULL,
  resources text[] NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
  user_id text,
  session_id text,
  auth_time_ms bigint,
  amr text[] NOT NULL DEFAULT '{}',
  grant_id text NOT NULL,
  interval_seconds integer NOT NULL,
  last_polled_at_ms bigint NOT NULL DEFAULT 0,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  UNIQUE (instance_id, device_code_sha256)
);
CREATE UNIQUE INDEX device_authorizations_by_user_code ON device_authorizations (instance_id, user_code_sha256) WHERE state = 'pending';
CREATE INDEX device_authorizations_by_expiry ON device_authorizations (expires_at_ms);

-- Backchannel authentication requests (OpenID CIBA Core 1.0).
CREATE TABLE backchannel_authentications (
  instance_id text NOT NULL,
  id text NOT NULL,
  auth_req_id_sha256 text NOT NULL,
  application_id text NOT NULL,
  client_id text NOT NULL,
  user_id text NOT NULL,
  scopes text[] NOT NULL,
  binding_message text,
  acr_values text[] NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
  session_id text,
  auth_time_ms bigint,
  amr text[] NOT NULL DEFAULT '{}',
  grant_id text NOT NULL,
  notification_token_sealed bytea,
  interval_seconds integer NOT NULL,
  last_polled_at_ms bigint NOT NULL DEFAULT 0,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  UNIQUE (instance_id, auth_req_id_sha256),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);
CREATE INDEX backchannel_authentications_by_user ON backchannel_authentications (instance_id, user_id) WHERE state = 'pending';
CREATE INDEX backchannel_authentications_by_expiry ON backchannel_authentications (expires_at_ms);

-- Initial access tokens for dynamic registration (RFC 7591 §3).
CREATE TABLE initial_access_tokens (
  instance_id text NOT NULL,
  id text NOT NULL,
  sha256 text NOT NULL,
  project_id text NOT NULL,
  uses_left integer NOT NULL CHECK (uses_left >= 0),
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  UNIQUE (instance_id, sha256),
  FOREIGN KEY (instance_id, project_id) REFERENCES projects (instance_id, id)
);

-- Messages to others, written with the change that causes them and delivered afterwards, again and again until they arrive.
CREATE TABLE outbox (
  instance_id text NOT NULL REFERENCES instances (id),
  id bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL CHECK (kind IN ('backchannel-logout', 'ciba-ping')),
  payload jsonb NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at_ms bigint NOT NULL,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id)
);
CREATE INDEX outbox_due ON outbox (next_attempt_at_ms);
