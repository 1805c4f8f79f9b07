-- How recent a person's sign-in must be for dangerous operations of the management API (RFC 9470); 0 asks for nothing.
ALTER TABLE instances ADD COLUMN dangerous_action_max_age_seconds integer NOT NULL DEFAULT 900
  CHECK (dangerous_action_max_age_seconds = 0 OR dangerous_action_max_age_seconds BETWEEN 60 AND 86400);

-- How recent the sign-in of whoever approves a device must be, where the device asks for it (max_age of OpenID Connect Core §3.1.2.1).
ALTER TABLE device_authorizations ADD COLUMN max_age_seconds integer CHECK (max_age_seconds >= 0);
