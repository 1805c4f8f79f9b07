import type { Store } from '@latchkey/store';

/** Whose rows they are. */
export interface GrowthOwner {
  readonly instanceId: string;
  readonly organizationId: string;
  readonly applicationId: string;
  readonly clientId: string;
}

const grantsPerPerson = 20;
// Ids as long as real ones, below all of them.
const idBase = '100000000000000000';
const dayMs = 86_400_000;

function peopleSql(owner: GrowthOwner, count: number, nowMs: number): string {
  return `INSERT INTO users (instance_id, id, organization_id, kind, login_name, login_name_canonical, display_name,
    email, email_canonical, is_email_verified, created_at_ms, updated_at_ms)
  SELECT '${owner.instanceId}', (${idBase} + n)::text, '${owner.organizationId}', 'human', name, name, 'Grown ' || n,
    name, name, true, ${nowMs}, ${nowMs}
  FROM (SELECT n, 'grown-' || n || '@example.com' AS name FROM generate_series(0, ${count - 1}) AS n) AS people`;
}

/** Families of the last thirty days, in no order, one in four of them ended. */
function grantsSql(owner: GrowthOwner, rows: number, people: number, nowMs: number): string {
  return `INSERT INTO grants (instance_id, id, organization_id, user_id, session_id, application_id, client_id, scopes,
    auth_time_ms, amr, generation, rotated_at_ms, idle_expires_at_ms, absolute_expires_at_ms, ended_at_ms, created_at_ms)
  SELECT '${owner.instanceId}', (${idBase} + n::bigint * 7919)::text, '${owner.organizationId}',
    (${idBase} + n % ${people})::text, (${idBase} + n::bigint * 7907)::text, '${owner.applicationId}',
    '${owner.clientId}', ARRAY['openid', 'profile', 'email', 'offline_access'], at, ARRAY['pwd'], 1 + n % 9, at,
    at + ${60 * dayMs}, at + ${90 * dayMs}, CASE WHEN n % 4 = 0 THEN at + 1000 END, at
  FROM (SELECT n, ${nowMs}::bigint - (n::bigint * 104729) % ${30 * dayMs} AS at
    FROM generate_series(1, ${rows}) AS n) AS families`;
}

/** Single tokens and whole families, all to be kept for a day yet. */
function revocationsSql(owner: GrowthOwner, rows: number, nowMs: number): string {
  return `INSERT INTO revocations (instance_id, id, kind, not_after_ms, keep_until_ms)
  SELECT '${owner.instanceId}',
    CASE WHEN n % 2 = 0 THEN (${idBase} + n::bigint * 7919)::text ELSE left(md5(n::text), 22) END,
    CASE WHEN n % 2 = 0 THEN 'grant' ELSE 'token' END, ${Number.MAX_SAFE_INTEGER}, ${nowMs + dayMs}
  FROM generate_series(1, ${rows}) AS n`;
}

/** Puts so many rows each into grants and revocations, and the people they are of, as a server in use would have them. */
export async function seedGrowth(store: Store, owner: GrowthOwner, rows: number): Promise<void> {
  const nowMs = Date.now();
  const people = Math.ceil(rows / grantsPerPerson);
  const { engine } = store;
  await engine.runScript(peopleSql(owner, people, nowMs));
  await engine.runScript(grantsSql(owner, rows, people, nowMs));
  await engine.runScript(revocationsSql(owner, rows, nowMs));
  for (const table of ['users', 'grants', 'revocations']) await engine.runScript(`VACUUM ANALYZE ${table}`);
}
