import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, createHttpClient, type HttpClient } from './http-client.ts';
import { findLosses, startLoad } from './load.ts';
import { placeSettings, type Seed, seedPlace } from './seed.ts';
import { issuer, newMasterKeys, type ServerProcess, startServer } from './server-process.ts';

const masterKeys = newMasterKeys();
let folder: string;
let seed: Seed;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-drain-'));
  seed = await seedPlace({ kind: 'folder', path: join(folder, 'data') }, masterKeys, 6);
});

afterAll(async () => {
  for (const server of servers) await server.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const place = { kind: 'folder', path: join(folder, 'data') } as const;
  const server = await startServer({
    ...placeSettings(place),
    LATCHKEY_MASTER_KEYS: masterKeys,
    LATCHKEY_DRAIN_DELAY_SECONDS: '1',
    ...settings,
  });
  servers.push(server);
  return server;
}

interface Balancer extends HttpClient {
  readonly failures: string[];
  readonly answered: () => number;
}

/** A load balancer: sends nothing more once the node said it is not ready, and notes every request that failed. */
function balance(http: HttpClient, isOut: () => boolean): Balancer {
  const failures: string[] = [];
  let answered = 0;
  const note = async (send: () => Promise<Answer>): Promise<Answer> => {
    if (isOut()) throw new Error('the node is out of the rotation');
    try {
      const answer = await send();
      answered += 1;
      if (answer.status >= 500) failures.push(`${answer.status} ${answer.text.slice(0, 200)}`);
      return answer;
    } catch (error) {
      failures.push(String(error));
      throw error;
    }
  };
  return {
    get: (path, headers) => note(() => http.get(path, headers)),
    post: (path, form, headers) => note(() => http.post(path, form, headers)),
    close: http.close,
    failures,
    answered: () => answered,
  };
}

/** Asks /readyz over and over on connections of its own until it answers something else than 200. */
async function watchReadiness(port: number): Promise<number> {
  const probe = createHttpClient(port, issuer);
  try {
    for (;;) {
      const { status } = await probe.get('/readyz');
      if (status !== 200) return status;
    }
  } finally {
    probe.close();
  }
}

test('SIGTERM under load: /readyz says 503 first, no request fails, the exit code is 0, nothing is lost', {
  timeout: 60_000,
}, async () => {
  for (let round = 0; round < 3; round += 1) {
    const server = await start();
    const port = await server.port;
    let isOut = false;
    const node = balance(server.http, () => isOut);
    const load = startLoad(node, seed);
    await load.untilAcknowledged(20);

    const readiness = watchReadiness(port);
    load.expectFaults();
    const before = node.answered();
    server.kill('SIGTERM');
    expect(await readiness).toBe(503);
    isOut = true;
    // Whoever has not noticed yet is still answered, and told to use another connection.
    const late = createHttpClient(port, issuer);
    const answer = await late.get('/.well-known/openid-configuration');
    late.close();
    expect(answer.status).toBe(200);
    expect(answer.headers.connection).toBe('close');
    await load.ended;
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(node.failures).toEqual([]);
    expect(node.answered()).toBeGreaterThan(before);

    const again = await start();
    expect(await findLosses(again.http, seed, load.ledger)).toEqual([]);
    expect(await again.end('SIGINT')).toMatchObject({ code: 0 });
  }
});

test('a second signal ends the process at once', async () => {
  const server = await start({ LATCHKEY_DRAIN_DELAY_SECONDS: '60' });
  server.kill('SIGTERM');
  expect(await watchReadiness(await server.port)).toBe(503);
  server.kill('SIGTERM');
  expect((await server.ended).code).toBe(130);
});
