import { seedApplication, seedMachine, seedProject, seedUser } from '@latchkey/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configure } from '../flows/registration-world.ts';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';
import { type Estate, seedEstate } from '../management/seeded-estate.ts';
import { propertySeed } from '../model/property-seed.ts';
import { managementCalls, openCalls, rightCalls } from './fuzz-management.ts';
import { protocolCalls } from './fuzz-protocol.ts';
import type { Sent } from './fuzz-request.ts';

const seed = propertySeed('FUZZ', 11);
const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);

type State = Readonly<Record<string, string>>;

let world: ManagementWorld;
let estate: Estate;
let readState: () => Promise<State>;

beforeAll(async () => {
  world = await startManagementWorld('pglite');
  const { server } = world;
  estate = await seedEstate(world, world.otherOrganizationId);
  const tables = await server.store.db.introspection.getTables();
  // Usage is counted in memory and kept now and then; refusals are noted once a second for all together.
  const marks = tables
    .filter(({ name }) => name !== 'usage_counters')
    .map(({ name }) => {
      const where =
        name === 'events' ? sql`where type not like '%.refused' and type <> 'alarm.raised'` : sql``;
      return sql`select ${sql.lit(name)} as name, count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) as mark
        from ${sql.table(name)} ${where}`;
    });
  const query = sql<{ name: string; mark: string }>`${sql.join(marks, sql` union all `)}`;
  readState = async () => {
    const { rows } = await query.execute(server.store.db);
    return Object.fromEntries(rows.map(({ name, mark }) => [name, mark]));
  };
});
afterAll(() => world?.stop());

/** 4xx with words and no row changed, or an answer; never 5xx, and no answer to what is never right. */
/** Whether an address tells an application of an error, by itself or in a signed answer (JARM §2.3.1). */
function tellsError(location: string): boolean {
  const signed = /[?#&]response=[^.&]+\.([\w-]+)\./.exec(location)?.[1] ?? '';
  return /[?#&]error=/.test(location) || Buffer.from(signed, 'base64url').includes('"error":');
}

async function expectSound(sent: Sent): Promise<number> {
  const before = await readState();
  const { path, method, headers, body } = sent;
  const answer = await world.server.fetch(path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  const said = `${method} ${path} ${body ?? ''} → ${answer.status} ${text}`.slice(0, 3000);
  expect(answer.status, said).toBeLessThan(500);
  expect(body?.includes('\ufffd') === true || !text.includes('\ufffd'), said).toBe(true);
  // An application is told by a redirect (RFC 6749 §4.1.2.1).
  const isTold = tellsError(answer.headers.get('location') ?? '');
  const isRefused = answer.status >= 400 || isTold;
  expect(isRefused || sent.isUnsound !== true, `${said}: taken`).toBe(true);
  if (!isRefused) return answer.status;
  expect(isTold || text.length > 20, said).toBe(true);
  const after = await readState();
  const changed = Object.keys(after).filter((table) => before[table] !== after[table]);
  const { mayChange = [] } = sent;
  expect(
    changed.filter((table) => !mayChange.includes(table)),
    `${said}: rows changed`,
  ).toEqual([]);
  return answer.status;
}

async function run(calls: fc.Arbitrary<Sent>): Promise<void> {
  const property = fc.asyncProperty(calls, async (sent) => {
    await expectSound(sent);
  });
  await fc.assert(property, { seed, numRuns, endOnFailure: true });
}

/** How each right call is answered that is refused; requests near a right one test more than its reader. */
async function refusedOf(calls: readonly Sent[]): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const sent of calls) {
    const status = await expectSound(sent);
    if (status >= 400) refused.push(`${sent.name} ${status}`);
  }
  return refused;
}

test('no operation answers 5xx, takes what is never right, or changes a row when it refuses', async () => {
  const { token } = world.owner;
  // There already, of another kind, or nobody's so far.
  expect(await refusedOf(rightCalls(token, estate))).toEqual([
    'activateWebKey 409',
    'updateOrganization 409',
    'verifyOrganizationDomain 409',
    'setPrimaryOrganizationDomain 409',
    'createProjectGrant 409',
    'updateApplication 409',
    'setUserPassword 409',
    'createAuthorization 409',
    'getSignIn 404',
  ]);
  // Once more: now what they make is taken, which handlers find out late.
  await refusedOf(rightCalls(token, estate));
  for (const sent of openCalls(token, estate)) await expectSound(sent);
  await run(managementCalls(token, estate));
}, 600_000);

test('no endpoint answers 5xx, takes what is never right, or changes a row when it refuses', async () => {
  const { server } = world;
  await configure(server, { dynamicRegistration: 'open', isSelfRegistrationEnabled: true });
  const project = await seedProject(server, { roleKeys: ['reader'] });
  const home = 'https://spa.example.com/';
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  const grantTypes = [
    ...['authorization_code', 'refresh_token', 'client_credentials', device],
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:openid:params:grant-type:ciba',
  ];
  const parts = {
    server,
    web: await seedApplication(server, project, { type: 'web', grantTypes, cibaDeliveryMode: 'poll' }),
    spa: await seedApplication(server, project, { type: 'user_agent', postLogoutRedirectUris: [home] }),
    tv: await seedApplication(server, project, { type: 'native', grantTypes: [device] }),
    ada: await seedUser(server),
    robot: await seedMachine(server),
    accessToken: world.owner.token,
  };
  const { calls, right } = await protocolCalls(parts);
  // Codes, tokens and passwords nobody has: what is right cannot be sent twice.
  expect(await refusedOf(right)).toEqual([
    'POST /oauth/v2/token authorization_code 400',
    'POST /oauth/v2/token refresh_token 400',
    'POST /oauth/v2/token urn:ietf:params:oauth:grant-type:jwt-bearer 400',
    'POST /oauth/v2/token urn:ietf:params:oauth:grant-type:device_code 400',
    'POST /oauth/v2/token urn:openid:params:grant-type:ciba 400',
    'POST /login/password 400',
    'POST /device 400',
    'POST /logout 400',
  ]);
  await run(calls);
}, 600_000);
