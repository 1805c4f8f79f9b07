import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { epochMs } from '@latchkey/protocol';
import { rotateSigningKeys } from '@latchkey/server';
import { openInstance } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('the instance on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  interface Key {
    readonly keyId: string;
    readonly algorithm: string;
    readonly state: string;
    readonly rsaBits: number | null;
  }
  const keys = async (): Promise<readonly Key[]> =>
    (await world.owner.call('listWebKeys')).data.items as readonly Key[]; // cast: the answer was cut to its schema
  const keyOf = async (algorithm: string, state: string): Promise<string> => {
    const key = (await keys()).find((each) => each.algorithm === algorithm && each.state === state);
    if (key === undefined) throw new Error(`no ${state} key of ${algorithm}`);
    return key.keyId;
  };

  test('getInstance: 200 with its issuer, the version that runs and an ETag', async () => {
    const { data, etag } = await world.owner.call('getInstance');
    const { version } = JSON.parse(
      await readFile(join(import.meta.dirname, '../../packages/server/package.json'), 'utf8'),
    );
    expect(data).toMatchObject({ id: world.server.instanceId, issuer: world.server.issuer, version });
    expect(etag).toMatch(/^"[\w-]{22}"$/);
  });

  test('updateInstance: 200; invalid-input, stale-version', async () => {
    const { etag = '' } = await world.owner.call('getInstance');
    const renamed = { body: { name: 'Renamed' }, ifMatch: etag };
    expect((await world.owner.call('updateInstance', renamed)).data.name).toBe('Renamed');
    expect(await world.owner.refused('updateInstance', { body: { name: '' } })).toMatchObject({
      code: 'invalid-input',
    });
    const stale = { body: { name: 'Later' }, ifMatch: etag };
    expect(await world.owner.refused('updateInstance', stale)).toMatchObject({ code: 'stale-version' });
  });

  test('addInstanceDomain: 201, and it is an issuer with the console at once; invalid-input, already-exists', async () => {
    const origin = 'https://login.example.com';
    const { data } = await world.owner.call('addInstanceDomain', { body: { origin } });
    expect(data).toEqual({ host: 'login.example.com', origin, isPrimary: false });
    const { data: list } = await world.owner.call('listApplications', {
      query: { search: 'latchkey-console' },
    });
    const [application] = list.items as { id: string }[]; // cast: the answer was cut to its schema
    const console = await world.owner.call('getApplication', { path: { applicationId: application?.id } });
    expect(console.data.redirectUris).toContain(`${origin}/console/callback`);
    const refused = (value: string) => world.owner.refused('addInstanceDomain', { body: { origin: value } });
    expect(await refused(origin)).toMatchObject({ code: 'already-exists' });
    expect(await refused('https://login.example.com/path')).toMatchObject({ code: 'invalid-input' });
  });

  test('listInstanceDomains: 200, the first one first', async () => {
    const { data } = await world.owner.call('listInstanceDomains');
    expect((data.items as object[])[0]).toMatchObject({ origin: world.server.issuer, isPrimary: true }); // cast: the answer was cut to its schema
  });

  test('removeInstanceDomain: 204; not-found, conflict for the first one', async () => {
    await world.owner.call('addInstanceDomain', { body: { origin: 'https://old.example.com' } });
    await world.owner.call('removeInstanceDomain', { path: { host: 'old.example.com' } });
    const again = { path: { host: 'old.example.com' } };
    expect(await world.owner.refused('removeInstanceDomain', again)).toMatchObject({ code: 'not-found' });
    const first = { path: { host: new URL(world.server.issuer).host } };
    expect(await world.owner.refused('removeInstanceDomain', first)).toMatchObject({ code: 'conflict' });
  });

  test('listWebKeys: 200 with algorithm and state, never a private half', async () => {
    expect((await keys()).map(({ algorithm }) => algorithm)).toEqual(
      expect.arrayContaining(['RS256', 'ES256', 'EdDSA']),
    );
    expect(JSON.stringify(await keys())).not.toContain('private');
  });

  test('createWebKey: 201, the first of an algorithm signs at once; conflict for a second that waits; invalid-input', async () => {
    const { data } = await world.owner.call('createWebKey', { body: { algorithm: 'ES384' } });
    expect(data).toMatchObject({ algorithm: 'ES384', state: 'active' });
    expect((await world.owner.call('createWebKey', { body: { algorithm: 'ES384' } })).data.state).toBe(
      'next',
    );
    expect(await world.owner.refused('createWebKey', { body: { algorithm: 'ES384' } })).toMatchObject({
      code: 'conflict',
    });
    expect(await world.owner.refused('createWebKey', { body: { algorithm: 'none' } })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('activateWebKey: conflict while clients may not have it, 200 with now; not-found, invalid-input', async () => {
    const path = { keyId: await keyOf('ES384', 'next') };
    const early = await world.owner.refused('activateWebKey', { path, body: {} });
    expect(early).toMatchObject({ code: 'conflict', detail: expect.stringContaining('now: true') });
    const { data } = await world.owner.call('activateWebKey', { path, body: { now: true } });
    expect(data.state).toBe('active');
    expect(await world.owner.refused('activateWebKey', { path: { keyId: 'none' }, body: {} })).toMatchObject({
      code: 'not-found',
    });
    expect(await world.owner.refused('activateWebKey', { path, body: { now: 1 } })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('activateWebKey: 200 for the key that was published before', async () => {
    await world.owner.call('createWebKey', { body: { algorithm: 'RS512' } });
    await world.owner.call('createWebKey', { body: { algorithm: 'RS512', rsaBits: 2048 } });
    const path = { keyId: await keyOf('RS512', 'next') };
    expect((await world.owner.call('activateWebKey', { path, body: { now: true } })).data.state).toBe(
      'active',
    );
    expect(await keyOf('RS512', 'retiring')).toBeDefined();
  });

  test('retireWebKey: conflict without another, 200 takes one back that never signed; not-found', async () => {
    const path = { keyId: await keyOf('EdDSA', 'active') };
    expect(await world.owner.refused('retireWebKey', { path })).toMatchObject({ code: 'conflict' });
    const { data } = await world.owner.call('createWebKey', { body: { algorithm: 'EdDSA' } });
    const { data: retired } = await world.owner.call('retireWebKey', { path: { keyId: data.keyId } });
    expect(retired).toMatchObject({ keyId: data.keyId, state: 'removed' });
    expect(await world.owner.refused('retireWebKey', { path: { keyId: 'none' } })).toMatchObject({
      code: 'not-found',
    });
  });

  test('retireWebKey: 200 withdraws a key that waits', async () => {
    const { data } = await world.owner.call('createWebKey', { body: { algorithm: 'ES256' } });
    const { data: retired } = await world.owner.call('retireWebKey', { path: { keyId: data.keyId } });
    expect(retired.state).toBe('removed');
  });

  test('revokeWebKey: 204, another signs at once; not-found', async () => {
    const keyId = await keyOf('ES256', 'active');
    await world.owner.call('revokeWebKey', { path: { keyId } });
    expect(await keyOf('ES256', 'active')).not.toBe(keyId);
    expect(await world.owner.refused('revokeWebKey', { path: { keyId: 'none' } })).toMatchObject({
      code: 'not-found',
    });
  });

  test('listRegistrationTokens: 200 with those that still count, newest first; cursor-invalid', async () => {
    const made = [];
    for (const uses of [1, 2, 3])
      made.push((await world.owner.call('createRegistrationToken', { body: { uses } })).data.id);
    const first = await world.owner.call('listRegistrationTokens', { query: { limit: 2 } });
    expect(first.data.items).toMatchObject([
      { id: made[2], usesLeft: 3 },
      { id: made[1], usesLeft: 2 },
    ]);
    expect(JSON.stringify(first.data)).not.toContain('lk_iat_');
    const cursor = String(first.data.nextCursor);
    const rest = await world.owner.call('listRegistrationTokens', { query: { limit: 2, cursor } });
    expect(rest.data.items).toContainEqual(expect.objectContaining({ id: made[0], usesLeft: 1 }));
    expect(await world.owner.refused('listRegistrationTokens', { query: { cursor: 'x' } })).toMatchObject({
      code: 'cursor-invalid',
    });
  });

  test('removeRegistrationToken: 204, nobody registers with it any more; not-found', async () => {
    await world.owner.call('updateInstanceSettings', {
      body: { features: { dynamicRegistration: 'token' } },
    });
    const { data } = await world.owner.call('createRegistrationToken', { body: { uses: 5 } });
    const register = async () =>
      (
        await world.server.fetch('/oauth/v2/register', {
          method: 'POST',
          headers: { authorization: `Bearer ${String(data.token)}`, 'content-type': 'application/json' },
          body: JSON.stringify({ redirect_uris: ['https://shop.example.com/callback'] }),
        })
      ).status;
    expect(await register()).toBe(201);
    const path = { registrationTokenId: data.id };
    await world.owner.call('removeRegistrationToken', { path });
    expect(await register()).toBe(401);
    expect(await world.owner.refused('removeRegistrationToken', { path })).toMatchObject({
      code: 'not-found',
    });
  });

  test('createRegistrationToken: 201 with a token shown once; invalid-input', async () => {
    const { data } = await world.owner.call('createRegistrationToken', { body: { uses: 2 } });
    expect(data).toMatchObject({ token: expect.stringMatching(/^lk_iat_/), uses: 2 });
    expect(await world.owner.refused('createRegistrationToken', { body: { uses: 0 } })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('a key tells what happens next and how long it is', async () => {
    const first = { body: { algorithm: 'PS256', rsaBits: 2048 } };
    const { data: active } = await world.owner.call('createWebKey', first);
    const day = 86_400_000;
    const span = ({ since, nextAt }: Readonly<Record<string, unknown>>) =>
      (Date.parse(String(nextAt)) - Date.parse(String(since))) / day;
    expect(active).toMatchObject({ state: 'active', rsaBits: 2048 });
    expect(span(active)).toBe(90);
    const { data: next } = await world.owner.call('createWebKey', { body: { algorithm: 'PS256' } });
    expect(next).toMatchObject({ state: 'next', rsaBits: 2048 });
    expect(span(next)).toBe(1);
    const path = { keyId: next.keyId };
    const early = await world.owner.refused('activateWebKey', { path, body: {} });
    expect(early.detail).toContain(String(next.nextAt));
    await world.owner.call('activateWebKey', { path, body: { now: true } });
    const retiring = (await keys()).find(({ keyId }) => keyId === active.keyId);
    expect(retiring).toMatchObject({ state: 'retiring' });
    expect(span({ ...retiring })).toBe(2);
    expect((await keys()).find(({ algorithm }) => algorithm === 'ES256')).toMatchObject({ rsaBits: null });
  });

  test('rotation and revocation keep the length of a key', async () => {
    const { store, clock } = world.server;
    const { data } = await world.owner.call('createWebKey', { body: { algorithm: 'RS384', rsaBits: 4096 } });
    const lengths = async (state: string) =>
      (await keys())
        .filter((key) => key.algorithm === 'RS384' && key.state === state)
        .map(({ rsaBits }) => rsaBits);
    const later = { ...clock, now: () => epochMs(clock.now() + 89 * 86_400_000) };
    await rotateSigningKeys(store, later, await openInstance(world.server));
    expect(await lengths('next')).toEqual([4096]);
    await world.owner.call('revokeWebKey', { path: { keyId: data.keyId } });
    expect(await lengths('active')).toEqual([4096]);
  }, 30_000);
});
