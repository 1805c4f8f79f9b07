import {
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedProject,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const password = 'seven brave otters swim';
let counter = 0;
const unique = (word: string): string => {
  counter += 1;
  return `${word}${counter}@example.com`;
};

describe.each(engines)('users on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  const create = async (body: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> =>
    (await world.owner.call('createUser', { body })).data;
  const human = async (
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<{ path: { userId: string } }> => {
    const { id } = await create({ kind: 'human', loginName: unique('person'), ...more });
    return { path: { userId: String(id) } };
  };

  /** A signed-in person of the world, with their access token and an API that can look at it. */
  async function signedIn(user?: SeededUser) {
    const { server } = world;
    const project = await seedProject(server, { roleKeys: ['reader'] });
    const spa = await seedApplication(server, project, {
      type: 'user_agent',
      grantTypes: ['authorization_code', 'refresh_token'],
    });
    const api = await seedApplication(server, project, { type: 'api' });
    const person = user ?? (await seedUser(server));
    await seedAuthorization(server, { userId: person.id, project, roleKeys: ['reader'] });
    const { accessToken } = await tokensFor(server, spa, person, `openid ${audienceScope(project)}`);
    return {
      path: { userId: person.id },
      person,
      isActive: async () => (await introspect(server, api, accessToken)).active,
    };
  }

  test('createUser: 201 a person with every claim, who signs in with the password at once', async () => {
    const loginName = unique('Erika');
    const profile = {
      givenName: 'Erika',
      familyName: 'Muster',
      middleName: 'M.',
      nickname: 'Eri',
      gender: 'female',
      birthdate: '1990-02-03',
      preferredLanguage: 'de-CH',
      zoneinfo: 'Europe/Zurich',
      profileUrl: 'https://example.com/erika',
      pictureUrl: 'https://example.com/erika.png',
      website: 'https://erika.example.com',
      address: { streetAddress: 'Gasse 1', locality: 'Bern', postalCode: '3000', country: 'CH' },
      phone: '+41 31 000 00 00',
      isPhoneVerified: true,
      email: unique('erika.muster'),
      isEmailVerified: true,
    };
    const made = await create({ kind: 'human', loginName, password, ...profile });
    expect(made).toMatchObject({
      ...profile,
      kind: 'human',
      state: 'active',
      loginName,
      displayName: 'Erika Muster',
      hasPassword: true,
      organizationId: world.server.organizationId,
    });
    expect(JSON.stringify(made)).not.toContain('argon2');
    const { isActive } = await signedIn({
      id: String(made.id),
      organizationId: world.server.organizationId,
      loginName,
      password,
    });
    expect(await isActive()).toBe(true);
  });

  test('createUser: 400 invalid-input, password-refused and 409 already-exists say which field', async () => {
    const refused = async (body: Readonly<Record<string, unknown>>) => {
      const problem = await world.owner.refused('createUser', {
        body: { kind: 'human', loginName: unique('x'), ...body },
      });
      return [problem.code, problem.errors?.[0]?.pointer];
    };
    const taken = unique('taken');
    await create({ kind: 'human', loginName: taken, email: unique('mail'), isEmailVerified: true });
    expect(await refused({ loginName: taken.toUpperCase() })).toEqual(['already-exists', '/loginName']);
    expect(await refused({ email: taken, isEmailVerified: true })).toEqual(['already-exists', '/email']);
    expect(await refused({ password: 'short' })).toEqual(['password-refused', '/password']);
    expect(await refused({ kind: 'machine', password })).toEqual(['invalid-input', '/password']);
    expect(await refused({ kind: 'machine', givenName: 'Robo' })).toEqual(['invalid-input', '/givenName']);
    expect(await refused({ description: 'a person' })).toEqual(['invalid-input', '/description']);
    expect(await refused({ isEmailVerified: true })).toEqual(['invalid-input', '/isEmailVerified']);
    expect(await refused({ email: 'no address' })).toEqual(['invalid-input', '/email']);
    expect(await refused({ website: 'javascript:alert(1)' })).toEqual(['invalid-input', '/website']);
    expect(await refused({ shoeSize: 43 })).toEqual(['invalid-input', '/shoeSize']);
  });

  test('createUser: 404 not-found for an organization that is none', async () => {
    const body = { kind: 'human', loginName: unique('x'), organizationId: '404' };
    expect(await world.owner.refused('createUser', { body })).toMatchObject({ code: 'not-found' });
  });

  test('getUser: 200 with an ETag, for the person themselves without any role too, and not-found', async () => {
    const nobody = await world.callerWith([]);
    const path = { userId: nobody.userId };
    const { data, etag } = await world.owner.call('getUser', { path });
    expect(data).toMatchObject({ id: nobody.userId, kind: 'machine' });
    expect(etag).toMatch(/^"/);
    expect((await nobody.call('getUser', { path })).data).toEqual(data);
    expect(await world.owner.refused('getUser', { path: { userId: '404' } })).toMatchObject({
      code: 'not-found',
    });
  });

  test('updateUser: 200 changes what is named, null clears, the log tells old and new', async () => {
    const of = await human({ givenName: 'Ada', familyName: 'Byron', email: unique('ada') });
    const { data } = await world.owner.call('updateUser', {
      ...of,
      body: { familyName: 'Lovelace', givenName: null },
    });
    expect(data).toMatchObject({ familyName: 'Lovelace', givenName: null, displayName: 'Ada Byron' });
    const event = await world.server.store.db
      .selectFrom('events')
      .select('detail')
      .where('type', '=', 'user.changed')
      .where('objectId', '=', of.path.userId)
      .executeTakeFirstOrThrow();
    expect(event.detail).toEqual({
      from: { familyName: 'Byron', givenName: 'Ada' },
      to: { familyName: 'Lovelace', givenName: null },
    });
    const renamed = unique('new-name');
    await world.owner.call('updateUser', { ...of, body: { loginName: renamed } });
    expect((await world.owner.call('getUser', of)).data).toMatchObject({ loginName: renamed });
  });

  test('updateUser: 412 stale-version, 409 already-exists, 400 invalid-input, 404 not-found', async () => {
    const of = await human();
    const other = unique('other');
    await create({ kind: 'human', loginName: other });
    const code = async (body: unknown, more = {}) =>
      (await world.owner.refused('updateUser', { ...of, body, ...more })).code;
    expect(await code({ nickname: 'A' }, { ifMatch: '"old"' })).toBe('stale-version');
    expect(await code({ loginName: other })).toBe('already-exists');
    expect(await code({ email: other, isEmailVerified: true })).toBe('already-exists');
    expect(await code({ birthdate: 'yesterday' })).toBe('invalid-input');
    expect(await code({ accessTokenType: 'jwt' })).toBe('invalid-input');
    expect(await code({}, { path: { userId: '404' } })).toBe('not-found');
  });

  test('deactivateUser: 200, sessions end and the API refuses the token at once; not-found', async () => {
    const { path, isActive } = await signedIn();
    expect(await isActive()).toBe(true);
    const { data } = await world.owner.call('deactivateUser', { path });
    expect(data).toMatchObject({ state: 'inactive' });
    expect(await isActive()).toBe(false);
    expect((await world.owner.call('deactivateUser', { path })).data).toEqual(data);
    expect((await world.owner.refused('deactivateUser', { path: { userId: '404' } })).code).toBe('not-found');
  });

  test('activateUser: 200, what was issued before stays dead; not-found', async () => {
    const { path, isActive } = await signedIn();
    await world.owner.call('deactivateUser', { path });
    world.server.clock.advance(1000);
    expect((await world.owner.call('activateUser', { path })).data).toMatchObject({ state: 'active' });
    expect(await isActive()).toBe(false);
    expect((await world.owner.refused('activateUser', { path: { userId: '404' } })).code).toBe('not-found');
  });

  test('lockUser: 200 and its token is dead; not-found', async () => {
    const { path, isActive } = await signedIn();
    expect((await world.owner.call('lockUser', { path })).data).toMatchObject({ state: 'locked' });
    expect(await isActive()).toBe(false);
    expect((await world.owner.refused('lockUser', { path: { userId: '404' } })).code).toBe('not-found');
  });

  test('unlockUser: 200, conflict for one who is deactivated, not-found', async () => {
    const of = await human();
    await world.owner.call('lockUser', of);
    expect((await world.owner.call('unlockUser', of)).data).toMatchObject({ state: 'active' });
    await world.owner.call('deactivateUser', of);
    expect((await world.owner.refused('unlockUser', of)).code).toBe('conflict');
    expect((await world.owner.refused('unlockUser', { path: { userId: '404' } })).code).toBe('not-found');
  });

  test('removeUser: 204, the login name is free again, tokens are dead; not-found afterwards', async () => {
    const { path, person, isActive } = await signedIn();
    await world.owner.call('removeUser', { path });
    expect(await isActive()).toBe(false);
    expect((await world.owner.refused('getUser', { path })).code).toBe('not-found');
    expect((await world.owner.refused('removeUser', { path })).code).toBe('not-found');
    const again = await create({ kind: 'human', loginName: person.loginName });
    expect(again.id).not.toBe(person.id);
    const { data } = await world.owner.call('listAuthorizations', { query: { userId: person.id } });
    expect(data.items).toEqual([]);
  });

  test('lockUser: last-owner, deactivateUser: last-owner, removeUser: last-owner of an organization', async () => {
    const at = {
      kind: 'organization',
      id: world.otherOrganizationId,
      organizationId: world.otherOrganizationId,
    } as const;
    const first = await world.callerWith(['ORG_OWNER'], at);
    const path = { userId: first.userId };
    for (const operation of ['lockUser', 'deactivateUser', 'removeUser'] as const)
      expect((await first.refused(operation, { path })).code).toBe('last-owner');
    const second = await world.callerWith(['ORG_OWNER'], at);
    expect((await first.call('lockUser', { path: { userId: second.userId } })).data).toMatchObject({
      state: 'locked',
    });
    expect((await first.refused('removeUser', { path })).code).toBe('last-owner');
    await first.call('unlockUser', { path: { userId: second.userId } });
    await first.call('removeUser', { path });
  });
});

describe('the last owner', () => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
  });
  afterAll(() => world.stop());

  test('deactivateUser: last-owner of the instance', async () => {
    const { data } = await world.owner.call('listUsers', { query: { kind: 'human' } });
    const people = data.items as { id: string }[]; // cast: the answer was cut to its schema
    for (const { id } of people) await world.owner.call('removeUser', { path: { userId: id } });
    const path = { userId: world.owner.userId };
    expect((await world.owner.refused('deactivateUser', { path })).code).toBe('last-owner');
  });

  test('removeUser: last-owner of the instance', async () => {
    const path = { userId: world.owner.userId };
    expect((await world.owner.refused('removeUser', { path })).code).toBe('last-owner');
  });
});
