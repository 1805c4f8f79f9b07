import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { findLosses, startLoad } from './load.ts';
import { introspect, obtainTokens } from './relying-party.ts';
import { type Place, placeSettings, type Seed, seedPlace, withStore } from './seed.ts';
import {
  issuer,
  launch,
  newMasterKeys,
  type ServerProcess,
  settingsFor,
  startServer,
  untilTrue,
} from './server-process.ts';

const size = 2;
const masterKeys = newMasterKeys();
let postgres: TemporaryPostgres;
let place: Place;
let seed: Seed;
const servers: ServerProcess[] = [];
const clients: HttpClient[] = [];

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
  place = { kind: 'postgres', url: await postgres.createDatabase() };
  seed = await seedPlace(place, masterKeys, 6);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
});

afterAll(() => postgres?.stop());

async function startNode(settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const server = await startServer({
    ...placeSettings(place),
    LATCHKEY_MASTER_KEYS: masterKeys,
    LATCHKEY_WORKERS: String(size),
    ...settings,
  });
  servers.push(server);
  return server;
}

/** The processes a process has started. */
function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** So many clients, each with a connection of its own: connections go to the workers in turn. */
async function connect(server: ServerProcess, count: number): Promise<readonly HttpClient[]> {
  const port = await server.port;
  const made = Array.from({ length: count }, () => createHttpClient(port, issuer));
  clients.push(...made);
  return made;
}

/** The value of a metric without labels, or of one line of it. */
function metricOf(page: string, line: string): number {
  const found = page.split('\n').find((each) => each.startsWith(`${line} `));
  return found === undefined ? Number.NaN : Number(found.slice(line.length + 1));
}

const discovery = '/.well-known/openid-configuration';
const discoveries = `latchkey_http_requests_total{route="${discovery}",status="200"}`;

describe('LATCHKEY_WORKERS', () => {
  test('the embedded database has one process: workers are refused with a sentence that says what to set', async () => {
    for (const workers of ['2', 'auto']) {
      const launched = launch(settingsFor({ LATCHKEY_MASTER_KEYS: masterKeys, LATCHKEY_WORKERS: workers }));
      expect((await launched.ended).code).toBe(1);
      expect(launched.output().trim()).toBe(
        'LATCHKEY_WORKERS needs PostgreSQL, because the embedded database belongs to one process. Set DATABASE_URL, or leave LATCHKEY_WORKERS out.',
      );
    }
  });

  test('what is no number of workers is refused by name', async () => {
    for (const workers of ['0', '65', '1.5', 'many']) {
      const launched = launch(settingsFor({ ...placeSettings(place), LATCHKEY_WORKERS: workers }));
      expect((await launched.ended).code).toBe(1);
      expect(launched.output()).toContain('LATCHKEY_WORKERS: must be a number from 1 to 64, or auto');
    }
  });

  test('the first start makes one instance and tells its password once, however many workers there are', async () => {
    const fresh = { kind: 'postgres', url: await postgres.createDatabase() } as const;
    const server = await startNode({
      ...placeSettings(fresh),
      LATCHKEY_WORKERS: '3',
      LATCHKEY_ADMIN_PASSWORD: '',
    });
    expect(childrenOf(server.pid)).toHaveLength(3);
    expect(server.output().match(/Password of admin/g)).toHaveLength(1);
    expect(server.output().match(/brought up to date/g)).toHaveLength(1);
    const instances = await withStore(fresh, (store) =>
      store.db.selectFrom('instances').select('id').execute(),
    );
    expect(instances).toHaveLength(1);
  });

  test('connections go to all workers, and /metrics shows all of them whichever is asked', async () => {
    const server = await startNode();
    const group = await connect(server, 6);
    for (const client of group) expect((await client.get(discovery)).status).toBe(200);
    for (const client of group) {
      const { text } = await client.get('/metrics');
      expect(metricOf(text, discoveries)).toBe(6);
      expect(metricOf(text, 'latchkey_workers')).toBe(size);
    }
  });

  test('limits hold for the node: wrong secrets on connections to all workers are counted together', async () => {
    const server = await startNode();
    const statuses: number[] = [];
    const credentials = Buffer.from(`${seed.apiClientId}:wrong`).toString('base64');
    const headers = { authorization: `Basic ${credentials}`, 'x-forwarded-for': '192.0.2.7' };
    for (const client of await connect(server, 14)) {
      const { status } = await client.post('/oauth/v2/introspect', { token: 't' }, headers);
      statuses.push(status);
    }
    // Apart each worker would refuse none of its seven. What one counts reaches the other a moment later.
    const judged = statuses.filter((status) => status === 401).length;
    expect(judged).toBeGreaterThanOrEqual(10);
    expect(judged).toBeLessThanOrEqual(12);
    expect(statuses.slice(judged)).toEqual(statuses.slice(judged).map(() => 429));
  });

  test('kill -9 of a worker under load loses what it had in flight alone, and another takes its place', {
    timeout: 120_000,
  }, async () => {
    const server = await startNode();
    const group = await connect(server, 8);
    const { accessToken } = await obtainTokens(server.http, seed, 'user-0@example.com');
    const state = { stopped: false, answered: 0 };
    const failures = group.map(() => 0);
    const load = group.map(async (client, index) => {
      while (!state.stopped) {
        const answer = await introspect(client, seed, accessToken).catch(() => undefined);
        if (answer === undefined) failures[index] = (failures[index] ?? 0) + 1;
        else {
          expect(answer.status).toBe(200);
          state.answered += 1;
        }
      }
    });
    await untilTrue('there is load', 60_000, async () => state.answered > 200);
    const counted = metricOf(
      (await server.http.get('/metrics')).text,
      'latchkey_introspections_total{outcome="active"}',
    );
    const [victim = 0] = childrenOf(server.pid);
    process.kill(victim, 'SIGKILL');
    await untilTrue('the worker is replaced', 60_000, async () =>
      server.output().includes('a worker has taken its place and answers'),
    );
    const since = state.answered;
    await untilTrue('the load goes on', 60_000, async () => state.answered > since + 200);
    state.stopped = true;
    await Promise.all(load);
    // Each connection to that worker had one request at most; connections are dealt out in turn.
    expect(Math.max(...failures)).toBeLessThanOrEqual(1);
    expect(failures.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(group.length / 2);
    expect(childrenOf(server.pid)).toHaveLength(size);
    expect(childrenOf(server.pid)).not.toContain(victim);
    const page = (await server.http.get('/metrics')).text;
    expect(metricOf(page, 'latchkey_introspections_total{outcome="active"}')).toBeGreaterThanOrEqual(counted);
    expect(metricOf(page, 'latchkey_worker_restarts_total')).toBe(1);
    expect(server.output()).toMatch(/"worker":1,"pid":\d+,"endedBy":"SIGKILL".*another takes its place/);
  });

  test('a worker that does not answer makes the node not ready until it does', {
    timeout: 120_000,
  }, async () => {
    const server = await startNode();
    const [frozen = 0] = childrenOf(server.pid);
    const readiness = async (): Promise<number> => (await server.http.get('/readyz')).status;
    expect(await readiness()).toBe(200);
    // Of two connections one leads to each worker, so that one is left to say so.
    const [answering = server.http] = await connect(server, 1);
    process.kill(frozen, 'SIGSTOP');
    const probes = [server.http, answering];
    const statuses = await Promise.all(
      probes.map((probe) =>
        Promise.race([
          probe.get('/readyz').then(({ status }) => status),
          new Promise<string>((resolve) => setTimeout(() => resolve('silent'), 6000)),
        ]),
      ),
    );
    process.kill(frozen, 'SIGCONT');
    expect(statuses).toContain(503);
    expect(statuses).not.toContain(200);
    await untilTrue('the node is ready again', 60_000, async () => (await readiness()) === 200);
  });
});

describe('the end of a node with workers', () => {
  test('SIGTERM under load, to every process of the group: no request fails, nothing is lost, the exit code is 0', {
    timeout: 90_000,
  }, async () => {
    const server = await startNode({ LATCHKEY_DRAIN_DELAY_SECONDS: '3' });
    const workers = childrenOf(server.pid);
    const load = startLoad(server.http, seed);
    await load.untilAcknowledged(20);
    load.expectFaults();
    for (const pid of [...workers, server.pid]) process.kill(pid, 'SIGTERM');
    await untilTrue('the node says so', 20_000, async () => {
      const probe = createHttpClient(await server.port, issuer);
      clients.push(probe);
      return (await probe.get('/readyz')).status === 503;
    });
    await load.ended;
    expect(load.ledger.failures).toEqual([]);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(workers.filter(isRunning)).toEqual([]);
    const again = await startNode();
    expect(await findLosses(again.http, seed, load.ledger)).toEqual([]);
  });

  test('a second signal ends all processes at once', async () => {
    const server = await startNode({ LATCHKEY_DRAIN_DELAY_SECONDS: '60' });
    const workers = childrenOf(server.pid);
    server.kill('SIGTERM');
    await untilTrue(
      'the node says so',
      20_000,
      async () => (await server.http.get('/readyz')).status === 503,
    );
    server.kill('SIGTERM');
    expect((await server.ended).code).toBe(130);
    await untilTrue('no worker is left', 10_000, async () => !workers.some(isRunning));
  });

  test('no worker outlives its primary process', async () => {
    const server = await startNode();
    const workers = childrenOf(server.pid);
    await server.end('SIGKILL');
    await untilTrue('no worker is left', 20_000, async () => !workers.some(isRunning));
  });
});
