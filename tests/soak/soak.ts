import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startTemporaryPostgres } from '../../packages/testkit/src/temporary-postgres.ts';
import { createHttpClient, type HttpClient } from '../faults/http-client.ts';
import { introspect, isActive, redeem, refresh, signIn, signOut, tokensOf } from '../faults/relying-party.ts';
import { type Place, placeSettings, type Seed, seedPlace } from '../faults/seed.ts';
import { issuer, newMasterKeys, settingsFor } from '../faults/server-process.ts';
import { type Sample, slopeOf } from './slope.ts';

const mib = 1024 * 1024;
const sampleEverySeconds = 20;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    database: { type: 'string', default: 'postgres' },
    'heap-bound': { type: 'string', default: '0.5' },
    'rss-bound': { type: 'string', default: '1' },
  },
});

/** What the server keeps after a garbage collection, in bytes, with the sizes of its caches. */
interface Reading {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
}

interface Soaked {
  readonly http: HttpClient;
  readonly read: () => Promise<Reading>;
  readonly end: () => Promise<void>;
}

/** Starts the built server with the probe in it. */
async function startSoaked(settings: Readonly<Record<string, string>>): Promise<Soaked> {
  const probe = fileURLToPath(new URL('memory-probe.mjs', import.meta.url));
  const main = fileURLToPath(new URL('../../apps/latchkey/dist/main.js', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--import', probe, main, 'serve'], {
    env: { PATH: process.env.PATH ?? '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const waiting: ((reading: Reading) => void)[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    const said: string[] = [];
    const hear = (line: string): void => {
      const [, reading] = /^memory-probe (.*)$/.exec(line) ?? [];
      if (reading !== undefined) waiting.shift()?.(JSON.parse(reading));
      said.push(line);
      if (said.length > 50) said.shift();
      const [, found] = /"port":(\d+).*Latchkey answers/.exec(line) ?? [];
      if (found !== undefined) resolve(Number(found));
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', hear);
    void ended.then(() => reject(new Error(`the server ended:\n${said.join('\n')}`)));
  });
  const http = createHttpClient(port, issuer);
  return {
    http,
    read: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.kill('SIGUSR2');
      }),
    end: async () => {
      child.kill('SIGTERM');
      await ended;
      http.close();
    },
  };
}

/** One round of a person: signs in, redeems, refreshes, has the tokens checked, and signs out every other time. */
async function oneRound(http: HttpClient, seed: Seed, loginName: string, round: number): Promise<void> {
  let tokens = tokensOf(await redeem(http, seed, await signIn(http, seed, loginName)));
  for (let times = 0; times < 3; times += 1) {
    for (let checks = 0; checks < 10; checks += 1)
      if (!(await isActive(http, seed, tokens.accessToken))) throw new Error('a live token is inactive');
    // Refused or answered: what is no token must leave nothing behind either.
    await introspect(http, seed, `lk_at_${round}${'x'.repeat(80)}`);
    tokens = tokensOf(await refresh(http, seed, tokens.refreshToken));
  }
  if (round % 2 === 0) await signOut(http, tokens.idToken);
}

/** What fills up by itself, as the metrics page has it: tells a cache from a leak. */
async function cacheSizes(http: HttpClient): Promise<string> {
  const { text } = await http.get('/metrics');
  const sizeOf = (name: string): string => new RegExp(`^latchkey_${name} (\\d+)`, 'm').exec(text)?.[1] ?? '?';
  return `${sizeOf('opened_tokens')} opened tokens, ${sizeOf('revocations')} revocations`;
}

async function soak(place: Place, minutes: number): Promise<{ readonly heap: number; readonly rss: number }> {
  const masterKeys = newMasterKeys();
  const seed = await seedPlace(place, masterKeys, 6);
  const server = await startSoaked({
    ...settingsFor({ ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys, LATCHKEY_LOG_LEVEL: 'info' }),
  });
  const heap: Sample[] = [];
  const rss: Sample[] = [];
  const state = { rounds: 0, isOver: false };
  try {
    const work = async (loginName: string): Promise<void> => {
      while (!state.isOver) await oneRound(server.http, seed, loginName, state.rounds++);
    };
    const workers = Promise.all(seed.users.map(({ loginName }) => work(loginName)));
    workers.catch(() => {
      state.isOver = true;
    });
    const startedAt = performance.now();
    const elapsedMinutes = (): number => (performance.now() - startedAt) / 60_000;
    while (!state.isOver && elapsedMinutes() < minutes) {
      await new Promise((resolve) => setTimeout(resolve, sampleEverySeconds * 1000));
      const reading = await server.read();
      const at = elapsedMinutes();
      heap.push({ at, value: reading.heapUsed / mib });
      rss.push({ at, value: reading.rss / mib });
      const sizes = await cacheSizes(server.http);
      console.log(
        `${at.toFixed(1)} min: heap ${(reading.heapUsed / mib).toFixed(1)} MiB, RSS ${(reading.rss / mib).toFixed(1)} MiB, ` +
          `external ${(reading.external / mib).toFixed(1)} MiB, ${state.rounds} rounds; ${sizes}`,
      );
    }
    state.isOver = true;
    await workers;
  } finally {
    await server.end();
  }
  // Caches fill and code is compiled in the first third.
  const settled = (samples: readonly Sample[]): readonly Sample[] =>
    samples.filter(({ at }) => at > minutes / 3);
  return { heap: slopeOf(settled(heap)), rss: slopeOf(settled(rss)) };
}

async function main(): Promise<void> {
  const minutes = Number(options.minutes);
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-soak-'));
  const postgres = options.database === 'postgres' ? await startTemporaryPostgres() : undefined;
  try {
    const place: Place =
      postgres === undefined
        ? { kind: 'folder', path: folder }
        : { kind: 'postgres', url: await postgres.createDatabase() };
    const slopes = await soak(place, minutes);
    const judge = (what: string, slope: number, bound: number): boolean => {
      const isFine = slope <= bound;
      console.log(
        `${isFine ? 'ok' : 'TOO MUCH'}: ${what} grows by ${slope.toFixed(2)} MiB a minute (bound ${bound})`,
      );
      return isFine;
    };
    const outcomes = [
      judge('the heap after a collection', slopes.heap, Number(options['heap-bound'])),
      judge('resident memory', slopes.rss, Number(options['rss-bound'])),
    ];
    process.exitCode = outcomes.every(Boolean) ? 0 : 1;
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
