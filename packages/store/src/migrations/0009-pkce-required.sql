-- Whether an application that authenticates must use PKCE all the same. Off for those that are there, which may not.
ALTER TABLE applications ADD COLUMN is_pkce_required boolean NOT NULL DEFAULT false;
