-- Who acted as the actor of an event, the present actor first; null when nobody did (RFC 8693 §4.1).
ALTER TABLE events ADD COLUMN acting_user_ids text[];
-- An actor is searched for as actor and as who acted; few events have the latter.
CREATE INDEX events_acting_users ON events USING gin (acting_user_ids) WHERE acting_user_ids IS NOT NULL;
