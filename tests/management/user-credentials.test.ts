import { generateKeyPairSync } from 'node:crypto';
import {
  seedApplication,
  seedProject,
  seedUser,
  signUserAssertion,
  type UserKeyFile,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, call, engines, tokensFor } from '../flows/flow-world.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

const password = 'seven brave otters swim';

describe.each(engines)('what users prove themselves by, on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let machine: { readonly path: { readonly userId: string }; readonly loginName: string };
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const body = { kind: 'machine', loginName: 'robot', description: 'Imports orders' };
    const { data } = await world.owner.call('createUser', { body });
    machine = { path: { userId: String(data.id) }, loginName: 'robot' };
  });
  afterAll(() => world.stop());

  const status = async (secret: string): Promise<number> => {
    const form = { grant_type: 'client_credentials', scope: 'openid' };
    const headers = basic(machine.loginName, secret);
    return (await call(world.server, '/oauth/v2/token', { form, headers })).status;
  };
  const items = async (operation: 'listUserSecrets' | 'listUserKeys' | 'listPersonalAccessTokens') =>
    (await world.owner.call(operation, { path: machine.path })).data.items as { id: string }[]; // cast: the answer was cut to its schema
  const nobody = { path: { userId: '404' } };
  const codeOf = async (caller: ApiCaller, ...call: Parameters<ApiCaller['refused']>) =>
    (await caller.refused(...call)).code;
  const aPerson = async () => ({ path: { userId: (await seedUser(world.server)).id } });

  test('createUserSecret: 201 works at once, the one before goes on for the overlap and no longer', async () => {
    expect(await status('lk_sec_none')).toBe(401);
    const first = await world.owner.call('createUserSecret', { path: machine.path, body: {} });
    expect(first.data).toMatchObject({ clientId: 'robot', expiresAt: null });
    expect(await status(String(first.data.clientSecret))).toBe(200);
    const body = { overlapSeconds: 60 };
    const second = await world.owner.call('createUserSecret', { path: machine.path, body });
    expect(await status(String(first.data.clientSecret))).toBe(200);
    expect(await status(String(second.data.clientSecret))).toBe(200);
    world.server.clock.advance(61_000);
    expect(await status(String(first.data.clientSecret))).toBe(401);
    expect(await status(String(second.data.clientSecret))).toBe(200);
  });

  test('listUserSecrets: 200 without the secrets themselves, not-found', async () => {
    const listed = await items('listUserSecrets');
    expect(listed.length).toBeGreaterThan(0);
    expect(JSON.stringify(listed)).not.toContain('lk_sec_');
    expect(await codeOf(world.owner, 'listUserSecrets', nobody)).toBe('not-found');
  });

  test('removeUserSecret: 204 and it is refused at once; not-found for another machine’s', async () => {
    const { data } = await world.owner.call('createUserSecret', {
      path: machine.path,
      body: { overlapSeconds: 0 },
    });
    const path = { ...machine.path, secretId: data.id };
    const other = { path: { ...path, userId: world.owner.userId } };
    expect(await codeOf(world.owner, 'removeUserSecret', other)).toBe('not-found');
    expect(await status(String(data.clientSecret))).toBe(200);
    await world.owner.call('removeUserSecret', { path });
    expect(await status(String(data.clientSecret))).toBe(401);
    expect(await codeOf(world.owner, 'removeUserSecret', { path })).toBe('not-found');
  });

  test('createUserSecret: conflict for a person, invalid-input for a past end, not-found', async () => {
    expect(await codeOf(world.owner, 'createUserSecret', { ...(await aPerson()), body: {} })).toBe(
      'conflict',
    );
    const body = { expiresAt: '2001-01-01T00:00:00Z' };
    expect(await codeOf(world.owner, 'createUserSecret', { path: machine.path, body })).toBe('invalid-input');
    expect(await codeOf(world.owner, 'createUserSecret', { ...nobody, body: {} })).toBe('not-found');
  });

  test('createUserKey: 201 a key file by which the machine gets tokens; removeUserKey: 204 ends that', async () => {
    const expiresAt = new Date(world.server.clock.now() + 86_400_000).toISOString();
    const { data } = await world.owner.call('createUserKey', { path: machine.path, body: { expiresAt } });
    const keyFile = data.keyFile as UserKeyFile; // cast: the answer was cut to its schema
    expect(keyFile).toMatchObject({
      type: 'serviceaccount',
      userId: machine.path.userId,
      expirationDate: expiresAt,
    });
    const send = async (): Promise<number> => {
      const nowSeconds = Math.floor(world.server.clock.now() / 1000);
      const assertion = signUserAssertion(keyFile, { audience: world.server.issuer, nowSeconds });
      const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      return (await call(world.server, '/oauth/v2/token', { form: { grant_type: grant, assertion } })).status;
    };
    expect(await send()).toBe(200);
    const path = { ...machine.path, keyId: data.id };
    const other = { path: { ...path, userId: world.owner.userId } };
    expect(await codeOf(world.owner, 'removeUserKey', other)).toBe('not-found');
    await world.owner.call('removeUserKey', { path });
    expect(await send()).toBe(400);
  });

  test('removeUserKey: 204 once, then not-found', async () => {
    const { data } = await world.owner.call('createUserKey', { path: machine.path, body: {} });
    const path = { ...machine.path, keyId: data.id };
    await world.owner.call('removeUserKey', { path });
    expect(await codeOf(world.owner, 'removeUserKey', { path })).toBe('not-found');
  });

  test('listUserKeys: 200 with an uploaded public key, whose private half nobody is shown; not-found', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const body = { publicKey: publicKey.export({ type: 'spki', format: 'pem' }) };
    const { data } = await world.owner.call('createUserKey', { path: machine.path, body });
    expect(data.keyFile).toBeNull();
    expect((await items('listUserKeys')).map(({ id }) => id)).toContain(data.id);
    expect(await codeOf(world.owner, 'listUserKeys', nobody)).toBe('not-found');
  });

  test('createUserKey: invalid-input for a private, weak or other key, conflict for a person, not-found', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const refused = (publicKey: unknown) =>
      codeOf(world.owner, 'createUserKey', { path: machine.path, body: { publicKey } });
    expect(await refused(privateKey.export({ type: 'pkcs8', format: 'pem' }))).toBe('invalid-input');
    expect(await refused(weak.export({ type: 'spki', format: 'pem' }))).toBe('invalid-input');
    expect(await refused(curve.export({ type: 'spki', format: 'pem' }))).toBe('invalid-input');
    expect(await refused('no key')).toBe('invalid-input');
    expect(await codeOf(world.owner, 'createUserKey', { ...(await aPerson()), body: {} })).toBe('conflict');
    expect(await codeOf(world.owner, 'createUserKey', { ...nobody, body: {} })).toBe('not-found');
  });

  test('createPersonalAccessToken: 201 works until it is taken back; removePersonalAccessToken: 204 does that', async () => {
    const { data } = await world.owner.call('createPersonalAccessToken', { path: machine.path, body: {} });
    const me = () =>
      world.server.fetch('/api/v1/me', { headers: { authorization: `Bearer ${String(data.token)}` } });
    expect((await me()).status).toBe(200);
    const listed = await items('listPersonalAccessTokens');
    expect(listed).toMatchObject([{ id: data.id, expiresAt: data.expiresAt }]);
    expect(JSON.stringify(listed)).not.toContain(String(data.token));
    const path = { ...machine.path, tokenId: data.id };
    const other = { path: { ...path, userId: world.owner.userId } };
    expect(await codeOf(world.owner, 'removePersonalAccessToken', other)).toBe('not-found');
    await world.owner.call('removePersonalAccessToken', { path });
    expect((await me()).status).toBe(401);
  });

  test('removePersonalAccessToken: 204 once, then not-found', async () => {
    const { data } = await world.owner.call('createPersonalAccessToken', { path: machine.path, body: {} });
    const path = { ...machine.path, tokenId: data.id };
    await world.owner.call('removePersonalAccessToken', { path });
    expect(await codeOf(world.owner, 'removePersonalAccessToken', { path })).toBe('not-found');
  });

  test('listPersonalAccessTokens: 200 and not-found', async () => {
    expect(await items('listPersonalAccessTokens')).toEqual([]);
    expect(await codeOf(world.owner, 'listPersonalAccessTokens', nobody)).toBe('not-found');
  });

  test('createPersonalAccessToken: conflict for a person, invalid-input for a past end, not-found', async () => {
    const create = 'createPersonalAccessToken';
    expect(await codeOf(world.owner, create, { ...(await aPerson()), body: {} })).toBe('conflict');
    const body = { expiresAt: '2001-01-01T00:00:00Z' };
    expect(await codeOf(world.owner, create, { path: machine.path, body })).toBe('invalid-input');
    expect(await codeOf(world.owner, create, { ...nobody, body: {} })).toBe('not-found');
  });

  test('setUserPassword: 204 the new one signs in and the sessions of before are over', async () => {
    const { server } = world;
    const person = await seedUser(server);
    const spa = await seedApplication(server, await seedProject(server), { type: 'user_agent' });
    await tokensFor(server, spa, person, 'openid');
    const live = async () =>
      (await world.owner.call('listSessions', { query: { userId: person.id, state: 'active' } })).data.items;
    expect(await live()).toHaveLength(1);
    const path = { userId: person.id };
    await world.owner.call('setUserPassword', { path, body: { password } });
    expect(await live()).toEqual([]);
    expect((await tokensFor(server, spa, { ...person, password }, 'openid')).idToken).not.toBe('');
  });

  test('setUserPassword: password-refused, invalid-input, conflict for a machine, not-found', async () => {
    const person = await aPerson();
    const code = (of: { path: object }, body: object) =>
      codeOf(world.owner, 'setUserPassword', { ...of, body } as never); // cast: ids are texts
    expect(await code(person, { password: 'short' })).toBe('password-refused');
    expect(await code(person, { password: 'passwordpassword' })).toBe('password-refused');
    expect(await code(person, {})).toBe('invalid-input');
    expect(await code(machine, { password })).toBe('conflict');
    expect(await code(nobody, { password })).toBe('not-found');
  });

  test('whoever changes their own password sends the current one; guesses at it are counted', async () => {
    const { server } = world;
    const person = await seedUser(server);
    const spa = await seedApplication(server, await seedProject(server), {
      type: 'user_agent',
      isManagementClient: true,
    });
    const scope = 'openid urn:zitadel:iam:org:project:id:zitadel:aud';
    const { accessToken } = await tokensFor(server, spa, person, scope);
    const change = async (currentPassword?: string) => {
      const answer = await server.fetch(`/api/v1/users/${person.id}/password`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ password, ...(currentPassword === undefined ? {} : { currentPassword }) }),
      });
      const text = await answer.text();
      const problem: { code?: string; errors?: { pointer: string }[] } = text === '' ? {} : JSON.parse(text);
      return [answer.status, problem.code, problem.errors?.[0]?.pointer];
    };
    expect(await change()).toEqual([400, 'invalid-input', '/currentPassword']);
    expect(await change('not the one')).toEqual([400, 'invalid-input', '/currentPassword']);
    expect(await change(person.password)).toEqual([204, undefined, undefined]);
    expect((await change(password))[0]).toBe(401);
    const again = await tokensFor(server, spa, { ...person, password }, scope);
    expect(again.accessToken).not.toBe('');
    const guesses: (number | string | undefined)[] = [];
    for (let guess = 0; guess < 30 && guesses.at(-1) !== 'conflict'; guess += 1) {
      const answer = await server.fetch(`/api/v1/users/${person.id}/password`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${again.accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ password: 'eight calm badgers sing', currentPassword: `guess ${guess}` }),
      });
      const { code }: { code: string } = JSON.parse(await answer.text());
      guesses.push(code);
    }
    expect(guesses.at(-1)).toBe('conflict');
  });

  test('whoever manages users gives no password, secret, key or token to somebody who manages more', async () => {
    const { server } = world;
    const at = { kind: 'organization', id: server.organizationId } as const;
    const manager = await world.callerWith(['ORG_USER_MANAGER'], at);
    const path = { userId: world.owner.userId };
    for (const operation of ['createUserSecret', 'createUserKey', 'createPersonalAccessToken'] as const)
      expect(await codeOf(manager, operation, { path, body: {} })).toBe('forbidden');
    const administrator = await server.store.db
      .selectFrom('users')
      .select('id')
      .where('kind', '=', 'human')
      .where('loginName', '=', server.administrator.loginName)
      .executeTakeFirstOrThrow();
    const of = { path: { userId: administrator.id } };
    expect(await codeOf(manager, 'setUserPassword', { ...of, body: { password } })).toBe('forbidden');
    const colleague = await aPerson();
    await manager.call('setUserPassword', { ...colleague, body: { password } });
  });
});
