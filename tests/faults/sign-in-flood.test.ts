import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { type Answer, createHttpClient, type HttpClient } from './http-client.ts';
import {
  introspect,
  obtainTokens,
  openPasswordForm,
  type PasswordForm,
  refresh,
  signIn,
  type Tokens,
  tokensOf,
} from './relying-party.ts';
import { type Place, placeSettings, type Seed, seedPlace } from './seed.ts';
import { issuer, newMasterKeys, type ServerProcess, startServer } from './server-process.ts';

const atOnce = 500;

let postgres: TemporaryPostgres;
let folder: string;
const servers: ServerProcess[] = [];
const clients: HttpClient[] = [];

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
  folder = await mkdtemp(join(tmpdir(), 'lk-flood-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
});

afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function placeOf(engine: string): Promise<Place> {
  return engine === 'postgres'
    ? { kind: 'postgres', url: await postgres.createDatabase() }
    : { kind: 'folder', path: join(folder, 'data') };
}

async function start(engine: string): Promise<{ readonly server: ServerProcess; readonly seed: Seed }> {
  const place = await placeOf(engine);
  const masterKeys = newMasterKeys();
  const seed = await seedPlace(place, masterKeys, atOnce / 2 + 1);
  const server = await startServer({ ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys });
  servers.push(server);
  return { server, seed };
}

interface Person {
  readonly form: PasswordForm;
  readonly password: string;
}

/** People at the password page, half of them with names that nobody has, each with a connection of their own. */
async function crowd(server: ServerProcess, seed: Seed): Promise<readonly Person[]> {
  const port = await server.port;
  const people: Person[] = [];
  for (let start = 0; start < atOnce; start += 50) {
    // A client has 64 connections.
    const http = createHttpClient(port, issuer);
    clients.push(http);
    const group = Array.from({ length: 50 }, async (_, offset) => {
      const index = start + offset;
      const known = index % 2 === 0 ? seed.users[index / 2] : undefined;
      const loginName = known?.loginName ?? `nobody-${index}@example.com`;
      const form = await openPasswordForm(http, seed, loginName);
      return { form, password: known === undefined ? 'not the password' : seed.password };
    });
    people.push(...(await Promise.all(group)));
  }
  return people;
}

/** What applications and administrators ask while the flood goes on, over and over. */
async function askBeside(
  server: ServerProcess,
  seed: Seed,
  first: Tokens,
  isOver: () => boolean,
): Promise<readonly Answer[]> {
  const { http } = server;
  let tokens = first;
  const answers: Answer[] = [];
  do {
    answers.push(await introspect(http, seed, tokens.accessToken));
    const refreshed = await refresh(http, seed, tokens.refreshToken);
    answers.push(refreshed);
    tokens = tokensOf(refreshed);
    answers.push(await http.get('/readyz'));
    answers.push(await http.get('/device'));
  } while (!isOver());
  return answers;
}

describe.each(['pglite', 'postgres'])('on %s', (engine) => {
  test('of 500 sign-ins at once each is let in, refused or told to come again, tokens go on beside them, and no request finds the database taken', async () => {
    const { server, seed } = await start(engine);
    const last = seed.users.at(-1)?.loginName ?? '';
    const tokens = await obtainTokens(server.http, seed, last);
    const people = await crowd(server, seed);
    let isOver = false;
    const beside = askBeside(server, seed, tokens, () => isOver);
    const answers = await Promise.all(people.map(({ form, password }) => form.send(password)));
    isOver = true;
    expect((await beside).map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => ![303, 400, 429, 503].includes(status))).toEqual([]);
    expect(statuses).toContain(303);
    for (const { status, headers } of answers) if (status === 503) expect(headers['retry-after']).toBe('1');
    expect(server.output()).not.toContain('No database connection became free');
    // Nothing is left of it: the next sign-in is an ordinary one.
    expect((await signIn(server.http, seed, last)).code).toMatch(/./);
    const metrics = await server.http.get('/metrics');
    expect(metrics.text).toMatch(/^latchkey_password_queue 0$/m);
  }, 120_000);
});
