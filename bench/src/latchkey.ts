import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, startTemporaryPostgres } from '@latchkey/testkit';
import { cpuMicros, end, residentMb, startNode } from './processes.ts';
import { type Place, type Population, seedLatchkey } from './seed-latchkey.ts';

/** The built product under measurement, as a user would run it. */
export interface LatchkeyUnderTest {
  readonly name: 'Latchkey, PGlite' | 'Latchkey, PostgreSQL';
  readonly port: number;
  readonly host: string;
  readonly origin: string;
  readonly population: Population;
  readonly pid: () => number | undefined;
  /** Milliseconds from starting the process on its existing data to the first answer. */
  readonly startMs: number;
  /** CPU time of all its threads until then. */
  readonly startCpuMs: number;
  /** Resident memory once it answers. */
  readonly startMemoryMb: number;
  readonly stop: () => Promise<void>;
}

const binary = fileURLToPath(new URL('../../apps/latchkey/dist/main.js', import.meta.url));

/** Asks for a path; resolves to the status, or `undefined` while nothing listens. */
function ask(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, path }, (message) => {
      message.resume();
      message.once('end', () => resolve(message.statusCode));
    });
    outgoing.once('error', () => resolve(undefined));
    outgoing.end();
  });
}

async function untilReady(port: number): Promise<void> {
  const deadline = performance.now() + 30_000;
  while ((await ask(port, '/readyz')) !== 200) {
    if (performance.now() > deadline) throw new Error('the server did not become ready within 30 seconds');
    // A child's port can only be tried: it has no other way to say that it listens.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function environment(place: Place, port: number, masterKeys: string): Record<string, string> {
  return {
    NODE_ENV: 'production',
    PORT: String(port),
    LATCHKEY_HOST: '127.0.0.1',
    LATCHKEY_ISSUER: `http://localhost:${port}`,
    LATCHKEY_MASTER_KEYS: masterKeys,
    LATCHKEY_LOG_LEVEL: 'info',
    // The login flood comes from one machine; like a proxy in front, it names the people's addresses.
    LATCHKEY_TRUSTED_PROXIES: '127.0.0.1',
    ...(place.kind === 'postgres' ? { DATABASE_URL: place.url } : { LATCHKEY_DATA_DIR: place.dataDir }),
  };
}

async function makePlace(kind: Place['kind'], folder: string) {
  if (kind === 'pglite')
    return { place: { kind, dataDir: join(folder, 'data') }, stop: async () => undefined };
  const postgres = await startTemporaryPostgres({ fsync: 'on' });
  return { place: { kind, url: await postgres.createDatabase() }, stop: () => postgres.stop() };
}

/** Seeds a database, then starts the built product on it. */
export async function startLatchkey(
  kind: Place['kind'],
  options: {
    readonly userCount: number;
    readonly nodeArgs?: readonly string[];
    /** So many rows more in grants and in revocations. */
    readonly grownRows?: number;
  },
): Promise<LatchkeyUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'lk-bench-'));
  const { place, stop: stopPlace } = await makePlace(kind, folder);
  const port = await findFreePort();
  const host = `localhost:${port}`;
  const origin = `http://${host}`;
  const masterKeys = `bench:${randomBytes(32).toString('base64')}`;
  const population = await seedLatchkey(place, { origin, masterKeys, ...options });
  const startedAt = performance.now();
  const child = startNode('server', [...(options.nodeArgs ?? []), binary, 'serve'], {
    cwd: folder,
    env: environment(place, port, masterKeys),
  });
  await untilReady(port);
  const startMs = performance.now() - startedAt;
  const startCpuMs = cpuMicros(child.pid) / 1000;
  return {
    name: kind === 'pglite' ? 'Latchkey, PGlite' : 'Latchkey, PostgreSQL',
    port,
    host,
    origin,
    population,
    pid: () => child.pid,
    startMs,
    startCpuMs,
    startMemoryMb: residentMb(child.pid),
    stop: async () => {
      await end(child);
      await stopPlace();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
