-- The last time a message of a kind did not reach an application, and when one did again. One row however many messages fail.
CREATE TABLE delivery_failures (
  instance_id text NOT NULL,
  application_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('backchannel-logout', 'ciba-ping')),
  failed_at_ms bigint NOT NULL,
  address text NOT NULL,
  reason text NOT NULL,
  status integer,
  is_given_up boolean NOT NULL,
  delivered_at_ms bigint,
  PRIMARY KEY (instance_id, application_id, kind),
  FOREIGN KEY (instance_id, application_id) REFERENCES applications (instance_id, id)
);

-- Finds what waits for one application among the messages of all.
CREATE INDEX outbox_by_application ON outbox (instance_id, (payload ->> 'applicationId'), kind);
