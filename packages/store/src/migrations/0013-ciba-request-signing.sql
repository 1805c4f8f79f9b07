-- The algorithm an application signs its backchannel authentication requests by; unsigned ones are refused then (OpenID CIBA Core §4).
ALTER TABLE applications ADD COLUMN ciba_request_signing_alg text;
