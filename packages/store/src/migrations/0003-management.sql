-- What the management API keeps: who manages what, organization domains and metadata, project grants, settings by
-- organization, answers to repeated requests, counters of use.

-- The project whose audience the management API accepts, with the console and the command line as its applications.
ALTER TABLE instances ADD COLUMN management_project_id text;

-- Who manages what, with the dialect's manager roles. Object kind 'instance' has the instance's id as object id.
CREATE TABLE memberships (
  instance_id text NOT NULL,
  object_kind text NOT NULL CHECK (object_kind IN ('instance', 'organization', 'project', 'project-grant')),
  object_id text NOT NULL,
  user_id text NOT NULL,
  roles text[] NOT NULL,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, object_kind, object_id, user_id),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);
CREATE INDEX memberships_by_user ON memberships (instance_id, user_id);
INSERT INTO memberships (instance_id, object_kind, object_id, user_id, roles, created_at_ms)
  SELECT instance_id, 'instance', instance_id, user_id, roles, created_at_ms FROM managers;

-- Domains people's login names and addresses may end in. A verified one belongs to one organization of the instance.
CREATE TABLE organization_domains (
  instance_id text NOT NULL,
  organization_id text NOT NULL,
  domain text NOT NULL,
  is_verified boolean NOT NULL DEFAULT false,
  verification_token text NOT NULL,
  created_at_ms bigint NOT NULL,
  verified_at_ms bigint,
  PRIMARY KEY (instance_id, organization_id, domain),
  FOREIGN KEY (instance_id, organization_id) REFERENCES organizations (instance_id, id)
);
INSERT INTO organization_domains (instance_id, organization_id, domain, is_verified, verification_token, created_at_ms, verified_at_ms)
  SELECT instance_id, id, primary_domain, true, '', created_at_ms, created_at_ms FROM organizations WHERE state <> 'removed';
CREATE UNIQUE INDEX organization_domains_one_owner ON organization_domains (instance_id, domain) WHERE is_verified;

CREATE TABLE organization_metadata (
  instance_id text NOT NULL,
  organization_id text NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (instance_id, organization_id, key),
  FOREIGN KEY (instance_id, organization_id) REFERENCES organizations (instance_id, id)
);

-- A project lent to another organization, with some of its roles.
CREATE TABLE project_grants (
  instance_id text NOT NULL,
  id text NOT NULL,
  project_id text NOT NULL,
  organization_id text NOT NULL,
  role_keys text[] NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'inactive', 'removed')),
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, id),
  FOREIGN KEY (instance_id, project_id) REFERENCES projects (instance_id, id),
  FOREIGN KEY (instance_id, organization_id) REFERENCES organizations (instance_id, id)
);
CREATE UNIQUE INDEX project_grants_one_each ON project_grants (instance_id, project_id, organization_id) WHERE state <> 'removed';
CREATE INDEX project_grants_by_organization ON project_grants (instance_id, organization_id);

-- The grant through which a user of another organization has roles in a project.
ALTER TABLE authorizations ADD COLUMN project_grant_id text;
ALTER TABLE authorizations DROP CONSTRAINT authorizations_instance_id_user_id_project_id_organization__key;
CREATE UNIQUE INDEX authorizations_one_each ON authorizations (instance_id, user_id, project_id, organization_id) WHERE state <> 'removed';
CREATE INDEX authorizations_by_project ON authorizations (instance_id, project_id, id);
CREATE INDEX authorizations_by_organization ON authorizations (instance_id, organization_id, id);

ALTER TABLE users
  ADD COLUMN description text,
  ADD COLUMN is_password_change_required boolean NOT NULL DEFAULT false;
-- What a removed organization was called may be given to another. (A removed user's canonical login name is replaced by
-- one nobody can type, since servers of the version before rely on its constraint.)
ALTER TABLE organizations DROP CONSTRAINT organizations_instance_id_name_key;
ALTER TABLE organizations DROP CONSTRAINT organizations_instance_id_primary_domain_key;
CREATE UNIQUE INDEX organizations_one_name ON organizations (instance_id, name) WHERE state <> 'removed';
CREATE UNIQUE INDEX organizations_one_primary_domain ON organizations (instance_id, primary_domain) WHERE state <> 'removed';

-- Lists are read by key, in order of creation or of name, and searched by the beginning of a name.
CREATE INDEX users_by_organization ON users (instance_id, organization_id, id);
CREATE INDEX users_by_organization_and_name ON users (instance_id, organization_id, (lower(display_name) COLLATE "C"), id);
-- A search reads nothing but these: what it narrows and sorts by is included.
CREATE INDEX users_by_display_name ON users (instance_id, (lower(display_name) COLLATE "C"), id)
  INCLUDE (display_name, organization_id, state, kind);
CREATE INDEX users_by_login_name_prefix ON users (instance_id, login_name_canonical text_pattern_ops, id)
  INCLUDE (display_name, organization_id, state, kind);
CREATE INDEX users_by_email_prefix ON users (instance_id, email_canonical text_pattern_ops, id)
  INCLUDE (display_name, organization_id, state, kind);
CREATE INDEX users_by_family_name_prefix ON users (instance_id, lower(family_name) text_pattern_ops, id)
  INCLUDE (family_name, display_name, organization_id, state, kind);
-- Those few among many: locked, deactivated, machines.
CREATE INDEX users_out_of_use ON users (instance_id, state, id) WHERE state IN ('inactive', 'locked');
CREATE INDEX users_machines ON users (instance_id, id) WHERE kind = 'machine';
CREATE INDEX sessions_of_user ON sessions (instance_id, user_id, id);
CREATE INDEX sessions_of_organization ON sessions (instance_id, organization_id, id);
CREATE INDEX projects_by_organization ON projects (instance_id, organization_id, id);
CREATE INDEX projects_by_name ON projects (instance_id, lower(name), id);
CREATE INDEX applications_by_name ON applications (instance_id, lower(name), id);
CREATE INDEX applications_by_organization ON applications (instance_id, organization_id, id);
CREATE INDEX authorizations_by_grant ON authorizations (instance_id, project_grant_id) WHERE project_grant_id IS NOT NULL;
CREATE INDEX events_by_type ON events (instance_id, type, seq);
CREATE INDEX events_by_actor ON events (instance_id, actor_id, seq);
CREATE INDEX events_by_organization ON events (instance_id, organization_id, seq);
CREATE INDEX events_by_time ON events (instance_id, at_ms);

-- Settings by kind: organization_id '' holds the instance's default, another one that organization's override.
CREATE TABLE settings (
  instance_id text NOT NULL REFERENCES instances (id),
  organization_id text NOT NULL DEFAULT '',
  kind text NOT NULL,
  value jsonb NOT NULL,
  updated_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, organization_id, kind)
);

-- Requests that carried an Idempotency-Key, with the sealed answer, so that a repetition changes nothing.
CREATE TABLE idempotency_keys (
  instance_id text NOT NULL,
  caller_id text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  status integer,
  answer_sealed bytea,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, caller_id, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at_ms);

-- How often something happened, by the hour; nodes add to it.
CREATE TABLE usage_counters (
  instance_id text NOT NULL,
  hour_ms bigint NOT NULL,
  metric text NOT NULL,
  object_id text NOT NULL DEFAULT '',
  count bigint NOT NULL,
  first_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, metric, hour_ms, object_id)
);
CREATE INDEX usage_counters_by_object ON usage_counters (instance_id, metric, object_id);

-- Grants begun, by client and by session: the first sign-in of a project, and what a sign-in led to.
CREATE INDEX events_grants_by_client ON events (instance_id, (detail->>'clientId'), seq) WHERE type = 'grant.started';
CREATE INDEX events_grants_by_session ON events (instance_id, (detail->>'sessionId'), seq) WHERE type = 'grant.started';
