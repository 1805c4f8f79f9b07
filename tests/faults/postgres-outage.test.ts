import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findFreePort } from '../../packages/testkit/src/free-port.ts';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import type { Answer } from './http-client.ts';
import {
  introspect,
  isActive,
  obtainTokens,
  refresh,
  signIn,
  type Tokens,
  tokensOf,
} from './relying-party.ts';
import { placeSettings, type Seed, seedPlace } from './seed.ts';
import {
  launch,
  newMasterKeys,
  type ServerProcess,
  settingsFor,
  startServer,
  untilTrue,
} from './server-process.ts';

const aUser = 'user-0@example.com';
let postgres: TemporaryPostgres;
let seed: Seed;
let serverSettings: Record<string, string>;
let server: ServerProcess;
let tokens: Tokens;

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
  const place = { kind: 'postgres', url: await postgres.createDatabase() } as const;
  const masterKeys = newMasterKeys();
  seed = await seedPlace(place, masterKeys, 2);
  serverSettings = { ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys };
  server = await startServer(serverSettings);
});

afterAll(async () => {
  await server?.end('SIGKILL');
  await postgres?.stop();
});

beforeEach(async () => {
  tokens = await obtainTokens(server.http, seed, aUser);
});

interface Watch {
  readonly stop: () => Promise<{ readonly lies: readonly string[]; readonly statuses: ReadonlySet<number> }>;
}

/** Introspects a good token over and over; anything but "active" or 503 is a lie. */
function watchIntrospection(token: string): Watch {
  const state = { stopped: false };
  const lies: string[] = [];
  const statuses = new Set<number>();
  const running = (async () => {
    while (!state.stopped) {
      const { status, text } = await introspect(server.http, seed, token);
      statuses.add(status);
      if (status !== 503 && !(status === 200 && JSON.parse(text).active === true))
        lies.push(`${status} ${text}`);
    }
  })();
  return {
    stop: async () => {
      state.stopped = true;
      await running;
      return { lies, statuses };
    },
  };
}

async function statusOf(path: string): Promise<number> {
  return (await server.http.get(path)).status;
}

/** Everything that needs the database says so, and says when to come again. */
async function expectAway(): Promise<void> {
  await untilTrue('readiness is withdrawn', 6000, async () => (await statusOf('/readyz')) === 503);
  expect(await statusOf('/livez')).toBe(200);
  const refused: Answer = await refresh(server.http, seed, tokens.refreshToken);
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  expect(JSON.parse(refused.text)).toMatchObject({ error: 'temporarily_unavailable' });
  await expect(signIn(server.http, seed, 'user-1@example.com')).rejects.toMatchObject({ status: 503 });
  // What is known of revocations may be a second old; then nothing is said any more.
  await untilTrue(
    'introspection says so',
    6000,
    async () => (await introspect(server.http, seed, tokens.accessToken)).status === 503,
  );
}

/** It heals by itself within two seconds, and what was acknowledged before is still there. */
async function expectHealed(): Promise<void> {
  await untilTrue('readiness is back', 2000, async () => (await statusOf('/readyz')) === 200);
  const later = tokensOf(await refresh(server.http, seed, tokens.refreshToken));
  expect(await isActive(server.http, seed, later.accessToken)).toBe(true);
  tokensOf(await refresh(server.http, seed, later.refreshToken));
  await obtainTokens(server.http, seed, 'user-1@example.com');
  expect(server.isRunning()).toBe(true);
}

const faults: readonly [string, () => Promise<void>, () => Promise<void>][] = [
  ['is stopped and started', () => postgres.halt('fast'), () => postgres.start()],
  ['is killed with kill -9 and started', () => postgres.kill(), () => postgres.start()],
  ['hangs and goes on', () => postgres.freeze(), () => postgres.resume()],
];

test.each(faults)(
  'PostgreSQL %s: 503 in between, never "inactive", then everything heals and nothing is lost',
  { timeout: 60_000 },
  async (_name, strike, mend) => {
    const watch = watchIntrospection(tokens.accessToken);
    try {
      await strike();
      await expectAway();
      await mend();
      await expectHealed();
    } finally {
      await watch.stop();
    }
    const { lies, statuses } = await watch.stop();
    expect(lies).toEqual([]);
    expect(statuses).toContain(503);
  },
);

test('a start while PostgreSQL is away waits for it: healthz 200 and readyz 503 meanwhile, then it serves', async () => {
  const port = await findFreePort();
  await postgres.halt('fast');
  const starting = launch(settingsFor({ ...serverSettings, PORT: String(port) }));
  const status = async (path: string): Promise<number> => {
    try {
      return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    } catch {
      return 0;
    }
  };
  try {
    await untilTrue('it lives', 20_000, async () => (await status('/healthz')) === 200);
    expect(await status('/readyz')).toBe(503);
    expect(starting.isRunning()).toBe(true);
    await postgres.start();
    await untilTrue('it is ready', 20_000, async () => (await status('/readyz')) === 200);
  } finally {
    starting.kill('SIGKILL');
    await starting.ended;
  }
}, 60_000);
