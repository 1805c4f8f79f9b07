import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import type { Answer } from './http-client.ts';
import {
  introspect,
  isActive,
  obtainTokens,
  redeem,
  refresh,
  signIn,
  signOut,
  tokensOf,
} from './relying-party.ts';
import { type Place, placeSettings, type Seed, seedPlace, withStore } from './seed.ts';
import {
  launch,
  newMasterKeys,
  type ServerProcess,
  settingsFor,
  startServer,
  untilTrue,
} from './server-process.ts';

let postgres: TemporaryPostgres;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
});

afterAll(() => postgres?.stop());

interface Cluster {
  readonly place: Place;
  readonly seed: Seed;
  readonly nodes: readonly [ServerProcess, ServerProcess];
  readonly settings: Readonly<Record<string, string>>;
}

/** A fresh database with two server processes. */
async function startCluster(graceSeconds?: number): Promise<Cluster> {
  const place = { kind: 'postgres', url: await postgres.createDatabase() } as const;
  const masterKeys = newMasterKeys();
  const seed = await seedPlace(place, masterKeys);
  if (graceSeconds !== undefined) {
    await withStore(place, (store) =>
      store.db.updateTable('instances').set({ refreshGraceSeconds: graceSeconds }).execute(),
    );
  }
  const settings = { ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys };
  const nodes = await Promise.all([startServer(settings), startServer(settings)]);
  servers.push(...nodes);
  return { place, seed, nodes, settings };
}

/** Fifty calls at once, every other one to the other node. */
function fifty(nodes: Cluster['nodes'], call: (node: ServerProcess) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: 50 }, (_, index) => call(nodes[index % 2 === 0 ? 0 : 1])));
}

function countStatus(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

/** An answer that succeeded; throws when there is none. */
function theOne(answers: readonly Answer[]): Answer {
  const found = answers.findLast((answer) => answer.status === 200);
  if (found === undefined) throw new Error('None succeeded.');
  return found;
}

async function generationsOf(place: Place) {
  return await withStore(place, async (store) => ({
    grants: await store.db.selectFrom('grants').select(['generation', 'endedAtMs']).execute(),
    rotations: await store.db
      .selectFrom('events')
      .select('detail')
      .where('type', '=', 'grant.refreshed')
      .execute(),
  }));
}

const aUser = 'user-0@example.com';

describe('two server processes on one PostgreSQL', () => {
  test('RFC 6749 §4.1.2: of 50 redemptions of a code at once one succeeds, and its tokens are good at every node', async () => {
    const { seed, nodes } = await startCluster();
    const code = await signIn(nodes[0].http, seed, aUser);
    const answers = await fifty(nodes, (node) => redeem(node.http, seed, code));
    expect(countStatus(answers, 200)).toBe(1);
    expect(countStatus(answers, 400)).toBe(49);
    const refused = answers.filter((answer) => answer.status === 400);
    expect(new Set(refused.map((answer) => JSON.parse(answer.text).error))).toEqual(
      new Set(['invalid_grant']),
    );
    const given = tokensOf(theOne(answers));
    for (const node of nodes) expect(await isActive(node.http, seed, given.accessToken)).toBe(true);
    expect((await refresh(nodes[1].http, seed, given.refreshToken)).status).toBe(200);
  });

  test('RFC 9700 §4.14.2: of 50 refreshes at once one rotates, and all get a token of the same generation', async () => {
    const { place, seed, nodes } = await startCluster();
    const first = await obtainTokens(nodes[0].http, seed, aUser);
    const answers = await fifty(nodes, (node) => refresh(node.http, seed, first.refreshToken));
    expect(countStatus(answers, 200)).toBe(50);
    const { grants, rotations } = await generationsOf(place);
    expect(grants).toEqual([{ generation: 2, endedAtMs: null }]);
    expect(rotations.length).toBe(50);
    // The lineage goes on from whichever the client kept.
    const next = tokensOf(theOne(answers));
    const later = tokensOf(await refresh(nodes[1].http, seed, next.refreshToken));
    expect(await isActive(nodes[0].http, seed, later.accessToken)).toBe(true);
    expect((await generationsOf(place)).grants).toEqual([{ generation: 3, endedAtMs: null }]);
  });

  test('RFC 9700 §4.14.2: without a grace period exactly one of 50 refreshes succeeds, and the replay ends the family', async () => {
    const { place, seed, nodes } = await startCluster(0);
    const first = await obtainTokens(nodes[0].http, seed, aUser);
    const answers = await fifty(nodes, (node) => refresh(node.http, seed, first.refreshToken));
    expect(countStatus(answers, 200)).toBe(1);
    expect(countStatus(answers, 400)).toBe(49);
    const { grants } = await generationsOf(place);
    expect(grants).toHaveLength(1);
    expect(grants[0]?.generation).toBe(2);
    expect(grants[0]?.endedAtMs).not.toBeNull();
    const given = tokensOf(theOne(answers));
    for (const node of nodes)
      await untilTrue(
        'the access token is dead',
        1000,
        async () => !(await isActive(node.http, seed, given.accessToken)),
      );
  });

  test('a sign-out on one node and a deactivation at the command line are known to both within a second', async () => {
    const { seed, nodes, settings } = await startCluster();
    const [here, there] = nodes;
    for (const { loginName } of seed.users.slice(0, 3)) {
      const tokens = await obtainTokens(here.http, seed, loginName);
      expect(await isActive(there.http, seed, tokens.accessToken)).toBe(true);
      await signOut(here.http, tokens.idToken);
      expect(await isActive(here.http, seed, tokens.accessToken)).toBe(false);
      await untilTrue(
        'the other node knows',
        1000,
        async () => !(await isActive(there.http, seed, tokens.accessToken)),
      );
      expect((await refresh(there.http, seed, tokens.refreshToken)).status).toBe(400);
    }
    const tokens = await obtainTokens(here.http, seed, aUser);
    const command = launch(settingsFor(settings), ['users', 'deactivate', aUser]);
    expect((await command.ended).code).toBe(0);
    for (const node of nodes)
      await untilTrue(
        'the node knows',
        1000,
        async () => !(await isActive(node.http, seed, tokens.accessToken)),
      );
  });

  test('a code of one node is redeemed at the other, and its token is active at the first', async () => {
    const { seed, nodes } = await startCluster();
    const [here, there] = nodes;
    const tokens = tokensOf(await redeem(there.http, seed, await signIn(here.http, seed, aUser)));
    const answer = await introspect(here.http, seed, tokens.accessToken);
    expect(JSON.parse(answer.text)).toMatchObject({ active: true, username: aUser });
  });
});

test('three processes that start at once on an empty database make one instance and one administrator', async () => {
  const place = { kind: 'postgres', url: await postgres.createDatabase() } as const;
  const settings = { ...placeSettings(place), LATCHKEY_MASTER_KEYS: newMasterKeys() };
  const nodes = await Promise.all([startServer(settings), startServer(settings), startServer(settings)]);
  servers.push(...nodes);
  const made = await withStore(place, async ({ db }) => ({
    instances: await db.selectFrom('instances').select('id').execute(),
    organizations: await db.selectFrom('organizations').select('id').execute(),
    users: await db.selectFrom('users').select('loginName').execute(),
    managers: await db.selectFrom('memberships').select('roles').execute(),
    keys: await db.selectFrom('signingKeys').select('id').orderBy('id').execute(),
  }));
  expect(made.instances).toHaveLength(1);
  expect(made.organizations).toHaveLength(1);
  expect(made.users).toEqual([{ loginName: 'admin' }]);
  expect(made.managers).toEqual([{ roles: ['IAM_OWNER'] }]);
  expect(made.keys).toHaveLength(3);
  const keySets = await Promise.all(nodes.map((node) => node.http.get('/oauth/v2/keys')));
  expect(new Set(keySets.map((answer) => answer.text)).size).toBe(1);
  expect(nodes.filter((node) => node.output().includes('Made the first organization'))).toHaveLength(1);
});
