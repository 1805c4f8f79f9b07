-- Names by which people sign in and organizations are told apart are unique by index, in one canonical spelling, whatever
-- runs at once. Attempts at names nobody has are counted where every process sees them.

-- The canonical spelling of an address: its domain without a dot at the end, labels of punycode as the letters they stand
-- for (RFC 3492 §6.2). New names get it from canonicalLoginName; this is for those that are stored.
CREATE FUNCTION unpuny_label(label text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  digits text := substr(label, 5);
  letters int[] := '{}';
  at int; digit int; i int := 0; old_i int; weight int; k int; threshold int; bias int := 72; delta int;
  n int := 128; count int; decoded text := '';
BEGIN
  IF label !~ '^xn--[a-z0-9-]+$' THEN RETURN label; END IF;
  at := length(digits) - strpos(reverse(digits), '-');
  IF strpos(digits, '-') > 0 THEN
    FOR j IN 1..at LOOP letters := letters || ascii(substr(digits, j, 1)); END LOOP;
    digits := substr(digits, at + 2);
  END IF;
  WHILE digits <> '' LOOP
    old_i := i; weight := 1; k := 36;
    LOOP
      digit := CASE WHEN left(digits, 1) ~ '[a-z]' THEN ascii(digits) - 97
        WHEN left(digits, 1) ~ '[0-9]' THEN ascii(digits) - 22 ELSE NULL END;
      IF digit IS NULL THEN RETURN label; END IF;
      digits := substr(digits, 2);
      i := i + digit * weight;
      threshold := least(greatest(k - bias, 1), 26);
      EXIT WHEN digit < threshold;
      weight := weight * (36 - threshold);
      k := k + 36;
    END LOOP;
    count := coalesce(array_length(letters, 1), 0) + 1;
    delta := CASE WHEN old_i = 0 THEN (i - old_i) / 700 ELSE (i - old_i) / 2 END;
    delta := delta + delta / count;
    k := 0;
    WHILE delta > 455 LOOP delta := delta / 35; k := k + 36; END LOOP;
    bias := k + 36 * delta / (delta + 38);
    n := n + i / count;
    i := i % count;
    letters := letters[1:i] || n || letters[i + 1:];
    i := i + 1;
  END LOOP;
  SELECT string_agg(chr(letter), '' ORDER BY place) INTO decoded FROM unnest(letters) WITH ORDINALITY AS l(letter, place);
  RETURN lower(normalize(decoded, NFKC));
EXCEPTION WHEN others THEN RETURN label;
END
$$;
CREATE FUNCTION canonical_address(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN strpos(address, '@') = 0 THEN address ELSE
    left(address, length(address) - strpos(reverse(address), '@') + 1) || coalesce((
      SELECT string_agg(unpuny_label(label), '.' ORDER BY place)
      FROM unnest(string_to_array(regexp_replace(replace(
        right(address, strpos(reverse(address), '@') - 1), chr(12290), '.'), '[.]$', ''), '.')) WITH ORDINALITY AS d(label, place)), '') END
$$;
-- A login name keeps its old spelling where somebody has the canonical one: it can be given another by who manages it.
UPDATE users u SET login_name_canonical = t.canonical FROM (
    SELECT instance_id, id, canonical_address(login_name_canonical) AS canonical,
      row_number() OVER (PARTITION BY instance_id, canonical_address(login_name_canonical)
        ORDER BY (login_name_canonical = canonical_address(login_name_canonical)) DESC, created_at_ms, id) AS place
    FROM users WHERE state <> 'removed') t
  WHERE t.instance_id = u.instance_id AND t.id = u.id AND t.place = 1 AND t.canonical <> u.login_name_canonical;
UPDATE users SET email_canonical = canonical_address(email_canonical)
  WHERE email_canonical IS NOT NULL AND email_canonical <> canonical_address(email_canonical);
DROP FUNCTION canonical_address(text);
DROP FUNCTION unpuny_label(text);

-- Every name somebody signs in by: login names and verified addresses. One name means one user.
CREATE TABLE sign_in_names (
  instance_id text NOT NULL,
  name text NOT NULL,
  user_id text NOT NULL,
  PRIMARY KEY (instance_id, name),
  FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id)
);
CREATE INDEX sign_in_names_by_user ON sign_in_names (instance_id, user_id);
INSERT INTO sign_in_names (instance_id, name, user_id)
  SELECT instance_id, login_name_canonical, id FROM users WHERE state <> 'removed';
INSERT INTO sign_in_names (instance_id, name, user_id)
  SELECT DISTINCT ON (instance_id, email_canonical) instance_id, email_canonical, id FROM users
  WHERE state <> 'removed' AND is_email_verified AND email_canonical IS NOT NULL
  ORDER BY instance_id, email_canonical, created_at_ms, id
  ON CONFLICT DO NOTHING;
-- An address is verified for one person: whose login name it is, else who had it first. For the others it no longer is.
WITH others AS (
  UPDATE users u SET is_email_verified = false
  WHERE u.state <> 'removed' AND u.is_email_verified AND u.email_canonical IS NOT NULL AND NOT EXISTS (
    SELECT FROM sign_in_names s WHERE s.instance_id = u.instance_id AND s.name = u.email_canonical AND s.user_id = u.id)
  RETURNING u.instance_id, u.id, u.organization_id)
INSERT INTO events (instance_id, at_ms, type, object_kind, object_id, organization_id, actor_kind, actor_id, detail, is_waking)
  SELECT instance_id, (extract(epoch FROM now()) * 1000)::bigint, 'user.changed', 'user', id, organization_id, 'system',
    'migration', '{"from": {"isEmailVerified": true}, "to": {"isEmailVerified": false}, "reason": "verified for another user"}', true
  FROM others;

-- Claims the names of users, in an order that keeps two changes from waiting for each other. Who loses hears which name
-- it was: the constraint is `sign_in_names_login_name` or `sign_in_names_email`.
CREATE FUNCTION refuse_taken_sign_in_name(wanted_constraint text, wanted_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE unique_violation USING MESSAGE = 'a sign-in name is taken', CONSTRAINT = wanted_constraint, TABLE = 'sign_in_names';
END
$$;
CREATE FUNCTION claim_sign_in_names_of_new_users() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  clash record;
BEGIN
  INSERT INTO sign_in_names (instance_id, name, user_id)
    SELECT instance_id, name, id FROM (
      SELECT instance_id, login_name_canonical AS name, id FROM added WHERE state <> 'removed'
      UNION SELECT instance_id, email_canonical, id FROM added
        WHERE state <> 'removed' AND is_email_verified AND email_canonical IS NOT NULL) wanted
    ORDER BY instance_id, name ON CONFLICT DO NOTHING;
  SELECT w.* INTO clash FROM (
      SELECT instance_id, login_name_canonical AS name, id, 'sign_in_names_login_name' AS what FROM added WHERE state <> 'removed'
      UNION ALL SELECT instance_id, email_canonical, id, 'sign_in_names_email' FROM added
        WHERE state <> 'removed' AND is_email_verified AND email_canonical IS NOT NULL) w
    WHERE NOT EXISTS (SELECT FROM sign_in_names s
      WHERE s.instance_id = w.instance_id AND s.name = w.name AND s.user_id = w.id)
    ORDER BY w.what DESC LIMIT 1;
  IF FOUND THEN PERFORM refuse_taken_sign_in_name(clash.what, clash.name); END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER users_claim_names AFTER INSERT ON users REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION claim_sign_in_names_of_new_users();
CREATE FUNCTION claim_sign_in_names_of_changed_user() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted text[] := CASE WHEN NEW.state = 'removed' THEN '{}'
    WHEN NEW.is_email_verified AND NEW.email_canonical IS NOT NULL THEN ARRAY[NEW.login_name_canonical, NEW.email_canonical]
    ELSE ARRAY[NEW.login_name_canonical] END;
  clash text;
BEGIN
  DELETE FROM sign_in_names WHERE instance_id = NEW.instance_id AND user_id = NEW.id AND name <> ALL (wanted);
  INSERT INTO sign_in_names (instance_id, name, user_id)
    SELECT DISTINCT NEW.instance_id, name, NEW.id FROM unnest(wanted) AS w(name) ORDER BY name ON CONFLICT DO NOTHING;
  SELECT name INTO clash FROM unnest(wanted) AS w(name) WHERE NOT EXISTS (SELECT FROM sign_in_names s
    WHERE s.instance_id = NEW.instance_id AND s.name = w.name AND s.user_id = NEW.id) LIMIT 1;
  IF FOUND THEN
    PERFORM refuse_taken_sign_in_name(
      CASE WHEN clash = NEW.login_name_canonical THEN 'sign_in_names_login_name' ELSE 'sign_in_names_email' END, clash);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER users_claim_changed_names AFTER UPDATE ON users FOR EACH ROW
  WHEN (OLD.login_name_canonical IS DISTINCT FROM NEW.login_name_canonical
    OR OLD.email_canonical IS DISTINCT FROM NEW.email_canonical
    OR OLD.is_email_verified IS DISTINCT FROM NEW.is_email_verified
    OR (OLD.state = 'removed') IS DISTINCT FROM (NEW.state = 'removed'))
  EXECUTE FUNCTION claim_sign_in_names_of_changed_user();

-- Names of organizations are one name in every case and composition; a younger twin gets its id behind its name.
CREATE FUNCTION canonical_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(normalize(btrim(name), NFKC))
$$;
UPDATE organizations o SET name = t.name || ' (' || t.id || ')' FROM (
    SELECT instance_id, id, name, row_number() OVER (PARTITION BY instance_id, canonical_name(name) ORDER BY created_at_ms, id) AS place
    FROM organizations WHERE state <> 'removed') t
  WHERE t.instance_id = o.instance_id AND t.id = o.id AND t.place > 1;
CREATE UNIQUE INDEX organizations_one_canonical_name ON organizations (instance_id, canonical_name(name)) WHERE state <> 'removed';

-- Failed attempts at names nobody has, and those of browsers an account knows. `slot` is part of a keyed hash and `digest`
-- the whole of it, so that the table has a bounded number of rows and holds no name; a newer digest takes over the slot.
CREATE TABLE sign_in_attempts (
  instance_id text NOT NULL,
  slot integer NOT NULL CHECK (slot BETWEEN 0 AND 262143),
  digest text NOT NULL,
  failed_attempts integer NOT NULL,
  last_failed_at_ms bigint NOT NULL,
  PRIMARY KEY (instance_id, slot)
);
CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (last_failed_at_ms);

-- Since when a password is the present one: what a browser was trusted with before is worth nothing after.
ALTER TABLE users ADD COLUMN password_changed_at_ms bigint NOT NULL DEFAULT 0;
