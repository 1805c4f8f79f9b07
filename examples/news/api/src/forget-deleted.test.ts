import {
  seedMachine,
  seedManager,
  seedPersonalAccessToken,
  seedUser,
  startTestServer,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from './database/open-database.ts';
import { ensureReader, findReaderId, putPreferences } from './database/readers.ts';
import { type ForgettingOptions, forgetDeletedReaders } from './forget-deleted.ts';

let server: TestServer;
let database: OpenDatabase;
let options: ForgettingOptions;
let ownerToken: string;

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite' });
  database = await openDatabase({ kind: 'memory' });
  const machine = await seedMachine(server);
  await seedManager(server, machine.id, 'IAM_OWNER_VIEWER');
  const owner = await seedMachine(server);
  await seedManager(server, owner.id, 'IAM_OWNER');
  ({ token: ownerToken } = await seedPersonalAccessToken(server, owner.id));
  options = optionsFor(machine);
});
afterAll(async () => {
  await database.close();
  await server.close();
});

function optionsFor(credentials: ForgettingOptions['credentials']): ForgettingOptions {
  const now = () => new Date(server.clock.now());
  return { issuer: server.issuer, credentials, db: database.db, now };
}

async function addReader(issuer = server.issuer) {
  const { id: subject } = await seedUser(server);
  const account = { issuer, subject };
  await putPreferences(
    database.db,
    account,
    { topics: [], sources: [], mutedTopics: [], mutedSources: [], isHistoryOn: true },
    new Date(server.clock.now()),
  );
  return account;
}

async function deleteUser(id: string): Promise<void> {
  const response = await server.fetch(`/api/v1/users/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ownerToken}` },
  });
  expect(response.status).toBe(204);
}

const isKnown = async (account: { issuer: string; subject: string }) =>
  (await findReaderId(database.db, account)) !== undefined;

test('without readers the issuer is not even asked', async () => {
  const away = { ...options, fetch: () => Promise.reject(new Error('asked')) };
  expect(await forgetDeletedReaders(away)).toBe(0);
});

test('a reader deleted in Latchkey is forgotten with all that was stored, and nobody else is', async () => {
  const [leaving, staying] = [await addReader(), await addReader()];
  const namesake = { issuer: 'https://other.example', subject: leaving.subject };
  await ensureReader(database.db, namesake, new Date());
  expect(await forgetDeletedReaders(options)).toBe(0);
  await deleteUser(leaving.subject);
  expect(await forgetDeletedReaders(options)).toBe(1);
  expect([await isKnown(leaving), await isKnown(staying), await isKnown(namesake)]).toEqual([
    false,
    true,
    true,
  ]);
  expect(await forgetDeletedReaders(options)).toBe(0);
});

test('deletions of a time when the API did not run are found by the next check, however many', async () => {
  const accounts = [];
  for (let count = 0; count < 5; count += 1) accounts.push(await addReader());
  await forgetDeletedReaders(options);
  for (const { subject } of accounts) await deleteUser(subject);
  server.clock.advance(7 * 86_400_000);
  const paged: ForgettingOptions = {
    ...options,
    // Pages of two, so that the check has to go on.
    fetch: (input, init) => fetch(String(input).replace('limit=200', 'limit=2'), init),
  };
  expect(await forgetDeletedReaders(paged)).toBe(5);
});

test('a deactivated account is no deleted one', async () => {
  const account = await addReader();
  const response = await server.fetch(`/api/v1/users/${account.subject}/deactivate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownerToken}` },
  });
  expect(response.status).toBe(200);
  expect(await forgetDeletedReaders(options)).toBe(0);
  expect(await isKnown(account)).toBe(true);
});

test('a machine without permission, or an issuer that is away, forgets nobody, and the next check makes up for it', async () => {
  const account = await addReader();
  const powerless = optionsFor(await seedMachine(server));
  await deleteUser(account.subject);
  await expect(forgetDeletedReaders(powerless)).rejects.toThrow(/may not read events/);
  const away = { ...options, fetch: () => Promise.reject(new Error('connection refused')) };
  await expect(forgetDeletedReaders(away)).rejects.toThrow(/refused/);
  expect(await isKnown(account)).toBe(true);
  expect(await forgetDeletedReaders(options)).toBe(1);
});
