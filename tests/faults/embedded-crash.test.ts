import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findLosses, startLoad } from './load.ts';
import { placeSettings, type Seed, seedPlace, withStore } from './seed.ts';
import { launch, newMasterKeys, type ServerProcess, startServer } from './server-process.ts';

const rounds = 6;
const masterKeys = newMasterKeys();
let folder: string;
let seed: Seed;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-crash-'));
  seed = await seedPlace({ kind: 'folder', path: join(folder, 'data') }, masterKeys, 6);
});

afterAll(async () => {
  for (const server of servers) await server.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<ServerProcess> {
  const place = { kind: 'folder', path: join(folder, 'data') } as const;
  const server = await startServer({ ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys });
  servers.push(server);
  return server;
}

/** Each row was written with its event or not at all: the log tells of as many changes as the rows have seen. */
async function expectEventsForEveryChange(): Promise<void> {
  await withStore({ kind: 'folder', path: join(folder, 'data') }, async ({ db }) => {
    const grants = await db.selectFrom('grants').select(['id', 'generation']).orderBy('id').execute();
    const sessions = await db.selectFrom('sessions').select(['id', 'endedAtMs']).orderBy('id').execute();
    const events = await db.selectFrom('events').select(['type', 'objectId', 'detail']).execute();
    const idsOf = (type: string) =>
      events
        .filter((event) => event.type === type)
        .map((event) => event.objectId)
        .sort();
    const idOf = (row: { readonly id: string }) => row.id;
    expect(grants.length).toBeGreaterThan(rounds);
    expect(idsOf('grant.started')).toEqual(grants.map(idOf).sort());
    const rotations = events.filter(
      ({ type, detail }) => type === 'grant.refreshed' && JSON.stringify(detail).includes('rotate'),
    );
    expect(rotations.length).toBe(grants.reduce((sum, grant) => sum + grant.generation - 1, 0));
    expect(idsOf('session.started')).toEqual(sessions.map(idOf).sort());
    const ended = sessions.filter((session) => session.endedAtMs !== null);
    expect(idsOf('session.ended')).toEqual(ended.map(idOf).sort());
  });
}

/** How long a process of ours takes that does nothing: a measure of how busy the machine is. */
async function idleStartMs(): Promise<number> {
  const startedAt = performance.now();
  expect((await launch({}, ['--version']).ended).code).toBe(0);
  return performance.now() - startedAt;
}

test(`kill -9 under mixed load, ${rounds} times: nothing acknowledged is lost, and the folder needs no mending`, {
  timeout: 85_000,
}, async () => {
  const slowness: number[] = [];
  let server = await start();
  for (let round = 0; round < rounds; round += 1) {
    const load = startLoad(server.http, seed);
    await load.untilAcknowledged(25 + Math.floor(Math.random() * 30));
    load.expectFaults();
    expect(await server.end('SIGKILL')).toMatchObject({ code: null });
    await load.ended;
    expect(load.ledger.failures).toEqual([]);

    const idleMs = await idleStartMs();
    const startedAt = performance.now();
    server = await start();
    slowness.push((performance.now() - startedAt) / idleMs);
    expect((await server.http.get('/readyz')).status).toBe(200);
    expect(await findLosses(server.http, seed, load.ledger)).toEqual([]);
  }
  // A command that does nothing takes about a third of a second on an idle machine, so six of it are two seconds; counted
  // in it, the bound holds beside other tests too.
  expect(Math.min(...slowness)).toBeLessThan(6);
  await server.end('SIGKILL');
  await expectEventsForEveryChange();
});
