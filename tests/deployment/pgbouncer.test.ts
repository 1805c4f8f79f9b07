import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  startTemporaryPgbouncer,
  type TemporaryPgbouncer,
} from '../../packages/testkit/src/temporary-pgbouncer.ts';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { introspect, isActive, obtainTokens, signOut } from '../faults/relying-party.ts';
import { seedPlace } from '../faults/seed.ts';
import { newMasterKeys, type ServerProcess, startServer, untilTrue } from '../faults/server-process.ts';

let postgres: TemporaryPostgres;
let pooler: TemporaryPgbouncer;
const nodes: ServerProcess[] = [];

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
  pooler = await startTemporaryPgbouncer(postgres.port);
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.end('SIGKILL')));
  await pooler?.stop();
  await postgres?.stop();
});

const aUser = 'user-0@example.com';

test('two nodes behind one PgBouncer serve 200 requests at once without a 503, and each hears of the other’s revocations', async () => {
  const url = pooler.through(await postgres.createDatabase());
  const masterKeys = newMasterKeys();
  // Migrations and the first instance go through the pooler, too.
  const seed = await seedPlace({ kind: 'postgres', url }, masterKeys);
  const settings = { DATABASE_URL: url, LATCHKEY_MASTER_KEYS: masterKeys };
  const [first, second] = await Promise.all([startServer(settings), startServer(settings)]);
  nodes.push(first, second);
  const { accessToken } = await obtainTokens(first.http, seed, aUser);

  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => {
      const { http } = index % 2 === 0 ? first : second;
      return index % 4 < 2 ? introspect(http, seed, accessToken) : http.get('/readyz');
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));

  for (const [here, there] of [
    [first, second],
    [second, first],
  ] as const) {
    const tokens = await obtainTokens(here.http, seed, aUser);
    expect(await isActive(there.http, seed, tokens.accessToken)).toBe(true);
    await signOut(here.http, tokens.idToken);
    await untilTrue(
      'the other node calls the token inactive',
      1500,
      async () => !(await isActive(there.http, seed, tokens.accessToken)),
    );
  }
  // Neither node complained of the pooler, nor did the pooler of them.
  for (const node of nodes) expect(node.output()).not.toMatch(/"level":(?:40|50)/);
  expect(pooler.log()).not.toMatch(/ERROR|unsupported startup parameter|prepared statement/);
});
