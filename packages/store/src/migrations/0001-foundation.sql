-- The first shape of the store. Every key leads with instance_id; ids are numeric texts, unique over all kinds.
-- Times are epoch milliseconds in bigint columns named *_ms.

CREATE TABLE instances (
  id text PRIMARY KEY,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'inactive', 'removed')),
  created_at_ms bigint NOT NULL,
  access_token_lifetime_seconds integer NOT NULL DEFAULT 900 CHECK (access_token_lifetime_seconds BETWEEN 10 AND 86400),
  id_token_lifetime_seconds integer NOT NULL DEFAULT 900 CHECK (id_token_lifetime_seconds BETWEEN 10 AND 86400),
  refresh_idle_seconds integer NOT NULL DEFAULT 2592000 CHECK (refresh_idle_seconds > 0),
  refresh_absolute_seconds integer NOT NULL DEFAULT 7776000 CHECK (refresh_absolute_seconds > 0),
  refresh_grace_seconds integer NOT NULL DEFAULT 10 CHECK (refresh_grace_seconds BETWEEN 0 AND 60),
  session_idle_seconds integer NOT NULL DEFAULT 43200 CHECK (session_idle_seconds > 0),
  session_absolute_seconds integer NOT NULL DEFAULT 2592000 CHECK (session_absolute_seconds > 0),
  password_minimum_length integer NOT NULL DEFAULT 15 CHECK (password_minimum_length BETWEEN 8 AND 64)
);

-- The addresses an instance answers on. The primary one is its issuer.
CREATE TABLE instance_domains (
  instance_id text NOT NULL REFERENCES instances (id),
  host text NOT NULL UNIQUE,
  origin text NOT NULL,
  is_primary boolean NOT NULL DEFAULT false,
  PRIMARY KEY (instance_id, host)
);
CREATE UNIQUE INDEX instance_domains_one_primary ON instance_domains (instance_id) WHERE is_primary;

-- Per-instance data keys, each wrapped by a master key that never enters the database.
CREATE TABLE instance_data_keys (
  instance_id text NOT NULL REFERENCES instances (id),
  version integer NOT NULL,
  master_key_id text NOT NULL,
  wrapped bytea NOT NULL,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, version)
);

CREATE TABLE signing_keys (
  instance_id text NOT NULL REFERENCES instances (id),
  id text NOT NULL,
  algorithm text NOT NULL CHECK (algorithm IN ('RS256', 'ES256')),
  state text NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'removed')),
  since_ms bigint NOT NULL,
  public_jwk jsonb NOT NULL,
  private_key_sealed bytea,
  PRIMARY KEY (instance_id, id)
);
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (instance_id, algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_one_next ON signing_keys (instance_id, algorithm) WHERE state = 'next';

CREATE TABLE organizations (
  instance_id text NOT NULL REFERENCES instances (id),
  id text NOT NULL,
  name text NOT NULL,
  primary_domain text NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'inactive', 'removed')),
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  UNIQUE (instance_id, name),
  UNIQUE (instance_id, primary_domain)
);

CREATE TABLE users (
  instance_id text NOT NULL,
  id text NOT NULL,
  organization_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('human', 'machine')),
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'inactive', 'locked', 'removed')),
  login_name text NOT NULL,
  login_name_canonical text NOT NULL,
  display_name text NOT NULL,
  given_name text,
  family_name text,
  nickname text,
  gender text CHECK (gender IN ('female', 'male', 'diverse')),
  preferred_language text,
  email text,
  email_canonical text,
  is_email_verified boolean NOT NULL DEFAULT false,
  phone text,
  is_phone_verified boolean NOT NULL DEFAULT false,
  password_hash text,
  failed_attempts integer NOT NULL DEFAULT 0,
  last_failed_at_ms bigint NOT NULL DEFAULT 0,
  access_token_type text NOT NULL DEFAULT 'opaque' CHECK (access_token_type IN ('opaque', 'jwt')),
  access_token_signing_alg text NOT NULL DEFAULT 'RS256' CHECK (access_token_signing_alg IN ('RS256', 'ES256')),
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  UNIQUE (instance_id, login_name_canonical),
  FOREIGN KEY (instance_id, organization_id) REFERENCES organizations (instance_id, id)
);
CREATE INDEX users_by_email ON users (instance_id, email_canonical) WHERE is_email_verified;

CREATE TABLE user_metadata (
  instance_id text NOT NULL,
  user_id text NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (instance_id, user_id, key),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);

-- Who administers what. `roles` are the dialect's manager roles, such as IAM_OWNER.
CREATE TABLE managers (
  instance_id text NOT NULL,
  user_id text NOT NULL,
  roles text[] NOT NULL,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, user_id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);

CREATE TABLE projects (
  instance_id text NOT NULL,
  id text NOT NULL,
  organization_id text NOT NULL,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'inactive', 'removed')),
  role_assertion boolean NOT NULL DEFAULT false,
  role_check boolean NOT NULL DEFAULT false,
  has_project_check boolean NOT NULL DEFAULT false,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  FOREIGN KEY (instance_id, organization_id) REFERENCES organizations (instance_id, id)
);

CREATE TABLE roles (
  instance_id text NOT NULL,
  project_id text NOT NULL,
  key text NOT NULL,
  display_name text NOT NULL,
  group_name text,
  PRIMARY KEY (instance_id, project_id, key),
  FOREIGN KEY (instance_id, project_id) REFERENCES projects (instance_id, id)
);

CREATE TABLE applications (
  instance_id text NOT NULL,
  id text NOT NULL,
  organization_id text NOT NULL,
  project_id text NOT NULL,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('user_agent', 'web', 'native', 'api')),
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'inactive', 'removed')),
  client_id text NOT NULL,
  auth_method text NOT NULL CHECK (auth_method IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
  redirect_uris text[] NOT NULL DEFAULT '{}',
  post_logout_redirect_uris text[] NOT NULL DEFAULT '{}',
  additional_origins text[] NOT NULL DEFAULT '{}',
  grant_types text[] NOT NULL DEFAULT '{}',
  development_mode boolean NOT NULL DEFAULT false,
  access_token_type text NOT NULL DEFAULT 'opaque' CHECK (access_token_type IN ('opaque', 'jwt')),
  access_token_role_assertion boolean NOT NULL DEFAULT false,
  id_token_role_assertion boolean NOT NULL DEFAULT false,
  id_token_userinfo_assertion boolean NOT NULL DEFAULT false,
  clock_skew_seconds integer NOT NULL DEFAULT 0 CHECK (clock_skew_seconds BETWEEN 0 AND 5),
  access_token_lifetime_seconds integer CHECK (access_token_lifetime_seconds BETWEEN 10 AND 86400),
  id_token_lifetime_seconds integer CHECK (id_token_lifetime_seconds BETWEEN 10 AND 86400),
  id_token_signing_alg text NOT NULL DEFAULT 'RS256' CHECK (id_token_signing_alg IN ('RS256', 'ES256')),
  access_token_signing_alg text NOT NULL DEFAULT 'RS256' CHECK (access_token_signing_alg IN ('RS256', 'ES256')),
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  UNIQUE (instance_id, client_id),
  FOREIGN KEY (instance_id, project_id) REFERENCES projects (instance_id, id)
);
CREATE INDEX applications_by_project ON applications (instance_id, project_id);

-- Secrets of applications and machine users: 256 random bits, kept as SHA-256. Two may be valid while one replaces the other.
CREATE TABLE client_secrets (
  instance_id text NOT NULL,
  id text NOT NULL,
  owner_id text NOT NULL,
  sha256 text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  PRIMARY KEY (instance_id, id)
);
CREATE INDEX client_secrets_by_owner ON client_secrets (instance_id, owner_id);

-- Public keys by which an application proves who it is (private_key_jwt).
CREATE TABLE application_keys (
  instance_id text NOT NULL,
  id text NOT NULL,
  application_id text NOT NULL,
  public_key_pem text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  PRIMARY KEY (instance_id, id),
  FOREIGN KEY (instance_id, application_id) REFERENCES applications (instance_id, id)
);
CREATE INDEX application_keys_by_application ON application_keys (instance_id, application_id);

CREATE TABLE authorizations (
  instance_id text NOT NULL,
  id text NOT NULL,
  user_id text NOT NULL,
  project_id text NOT NULL,
  organization_id text NOT NULL,
  role_keys text[] NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'inactive', 'removed')),
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  UNIQUE (instance_id, user_id, project_id, organization_id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id),
  FOREIGN KEY (instance_id, project_id) REFERENCES projects (instance_id, id),
  FOREIGN KEY (instance_id, organization_id) REFERENCES organizations (instance_id, id)
);

CREATE TABLE sessions (
  instance_id text NOT NULL,
  id text NOT NULL,
  organization_id text NOT NULL,
  user_id text NOT NULL,
  secret_sha256 text NOT NULL,
  auth_time_ms bigint NOT NULL,
  amr text[] NOT NULL,
  created_at_ms bigint NOT NULL,
  last_seen_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  ended_at_ms bigint,
  user_agent text,
  ip text,
  PRIMARY KEY (instance_id, id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);
CREATE INDEX sessions_by_user ON sessions (instance_id, user_id) WHERE ended_at_ms IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);

-- One row per refresh-token family. `generation` counts its rotations: the token of the present generation is the live one.
CREATE TABLE grants (
  instance_id text NOT NULL,
  id text NOT NULL,
  organization_id text NOT NULL,
  user_id text NOT NULL,
  session_id text NOT NULL,
  application_id text NOT NULL,
  client_id text NOT NULL,
  scopes text[] NOT NULL,
  auth_time_ms bigint NOT NULL,
  amr text[] NOT NULL,
  generation integer NOT NULL DEFAULT 1,
  rotated_at_ms bigint NOT NULL,
  is_sibling_used boolean NOT NULL DEFAULT true,
  idle_expires_at_ms bigint NOT NULL,
  absolute_expires_at_ms bigint NOT NULL,
  ended_at_ms bigint,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);
CREATE INDEX grants_by_session ON grants (instance_id, session_id) WHERE ended_at_ms IS NULL;
CREATE INDEX grants_by_user ON grants (instance_id, user_id) WHERE ended_at_ms IS NULL;
CREATE INDEX grants_by_expiry ON grants (absolute_expires_at_ms);

-- Everything that may be used once and is not a row of its own: codes, assertion ids. Kept until it would have expired anyway.
CREATE TABLE consumed (
  instance_id text NOT NULL,
  kind text NOT NULL,
  id text NOT NULL,
  keep_until_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, kind, id)
);
CREATE INDEX consumed_by_keep_until ON consumed (keep_until_ms);

-- Tokens that depend on `id` and were issued at or before `not_after_ms` are dead.
CREATE TABLE revocations (
  instance_id text NOT NULL,
  id text NOT NULL,
  kind text NOT NULL,
  not_after_ms bigint NOT NULL,
  keep_until_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id)
);
CREATE INDEX revocations_by_keep_until ON revocations (keep_until_ms);

-- The append-only log of every change of state, written in the change's own transaction.
-- `is_waking` marks what memory on other nodes must hear of at once; `revokes` repeats the revocations of the change.
CREATE TABLE events (
  instance_id text NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  tx_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at_ms bigint NOT NULL,
  type text NOT NULL,
  object_kind text NOT NULL,
  object_id text NOT NULL,
  organization_id text,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  ip text,
  detail jsonb,
  revokes jsonb,
  is_waking boolean NOT NULL,
  PRIMARY KEY (instance_id, seq)
);
CREATE INDEX events_waking_tail ON events (tx_id, seq) WHERE is_waking;
CREATE INDEX events_by_object ON events (instance_id, object_kind, object_id, seq);

CREATE FUNCTION announce_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('latchkey_events', NEW.instance_id);
  RETURN NULL;
END
$$;
-- Only waking events are announced: NOTIFY takes a database-wide lock at commit, which ordinary traffic must not pay.
CREATE TRIGGER events_announce AFTER INSERT ON events FOR EACH ROW WHEN (NEW.is_waking) EXECUTE FUNCTION announce_event();

CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are append-only';
END
$$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
