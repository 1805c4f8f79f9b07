-- When the latest generations of a refresh-token family began, the present one first: a token replaced a moment ago is told from one
-- that comes back later, also after several quick rotations (decision 0007).
ALTER TABLE grants ADD COLUMN recent_rotations_ms bigint[] NOT NULL DEFAULT '{}';
