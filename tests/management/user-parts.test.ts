import { upsertConsent } from '@latchkey/store';
import { changeAsOperator, seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('metadata and consents of users on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let path: { readonly userId: string };
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    path = { userId: (await seedUser(world.server)).id };
  });
  afterAll(() => world.stop());

  const nobody = { userId: '404' };
  const value = Buffer.from('ünï').toString('base64');

  test('setUserMetadata: 200 and a token’s claims have it', async () => {
    const set = (key: string) =>
      world.owner.call('setUserMetadata', { path: { ...path, key }, body: { value } });
    expect((await set('crm')).data).toEqual({ key: 'crm', value });
    await set('erp');
    const project = await seedProject(world.server);
    const api = await seedApplication(world.server, project, { type: 'api' });
    const spa = await seedApplication(world.server, project, { type: 'user_agent' });
    const person = await seedUser(world.server);
    await world.owner.call('setUserMetadata', { path: { userId: person.id, key: 'crm' }, body: { value } });
    const scope = `openid urn:zitadel:iam:user:metadata ${audienceScope(project)}`;
    const { accessToken } = await tokensFor(world.server, spa, person, scope);
    expect(await introspect(world.server, api, accessToken)).toMatchObject({
      'urn:zitadel:iam:user:metadata': { crm: Buffer.from('ünï').toString('base64url') },
    });
  });

  test('listUserMetadata: 200 by pages, not-found, cursor-invalid', async () => {
    const first = await world.owner.call('listUserMetadata', { path, query: { limit: 1 } });
    expect(first.data.items).toEqual([{ key: 'crm', value }]);
    const cursor = first.data.nextCursor;
    const second = await world.owner.call('listUserMetadata', { path, query: { limit: 1, cursor } });
    expect(second.data).toEqual({ items: [{ key: 'erp', value }] });
    const refused = async (of: object, query = {}) =>
      (await world.owner.refused('listUserMetadata', { path: { ...of }, query })).code;
    expect(await refused(nobody)).toBe('not-found');
    expect(await refused({ userId: world.owner.userId }, { cursor })).toBe('cursor-invalid');
  });

  test('setUserMetadata: invalid-input for what is no base64, not-found', async () => {
    const code = async (of: object, body: object) =>
      (await world.owner.refused('setUserMetadata', { path: { ...of, key: 'crm' }, body })).code;
    expect(await code(path, { value: 'ünï' })).toBe('invalid-input');
    expect(await code(nobody, { value })).toBe('not-found');
  });

  test('setUserMetadata: conflict once there are 200', async () => {
    const { id: userId } = await seedUser(world.server);
    for (let index = 0; index < 200; index += 1)
      await world.owner.call('setUserMetadata', { path: { userId, key: `key-${index}` }, body: { value } });
    const set = { path: { userId, key: 'one-more' }, body: { value } };
    expect((await world.owner.refused('setUserMetadata', set)).code).toBe('conflict');
    await world.owner.call('setUserMetadata', { path: { userId, key: 'key-7' }, body: { value: '' } });
  }, 30_000);

  test('removeUserMetadata: 204, then not-found', async () => {
    const of = { path: { ...path, key: 'erp' } };
    await world.owner.call('removeUserMetadata', of);
    expect((await world.owner.refused('removeUserMetadata', of)).code).toBe('not-found');
  });

  test('listConsents: 200 by pages, not-found, cursor-invalid; removeConsent: 204, then not-found', async () => {
    const project = await seedProject(world.server);
    const applications = [
      await seedApplication(world.server, project, { type: 'web', isThirdParty: true, name: 'Post' }),
      await seedApplication(world.server, project, { type: 'web', isThirdParty: true, name: 'Bank' }),
    ];
    for (const { id: applicationId } of applications)
      await changeAsOperator(world.server, (change) =>
        upsertConsent(change, { ...path, applicationId, scopes: ['email', 'openid'] }),
      );
    const first = await world.owner.call('listConsents', { path, query: { limit: 1 } });
    expect(first.data.items).toMatchObject([{ applicationName: 'Post', scopes: ['email', 'openid'] }]);
    const cursor = first.data.nextCursor;
    const second = await world.owner.call('listConsents', { path, query: { limit: 1, cursor } });
    expect(second.data.items).toMatchObject([{ applicationName: 'Bank' }]);
    const refused = async (of: object, query = {}) =>
      (await world.owner.refused('listConsents', { path: { ...of }, query })).code;
    expect(await refused(nobody)).toBe('not-found');
    expect(await refused({ userId: world.owner.userId }, { cursor })).toBe('cursor-invalid');
    const of = { path: { ...path, applicationId: applications[0]?.id } };
    await world.owner.call('removeConsent', of);
    expect((await world.owner.refused('removeConsent', of)).code).toBe('not-found');
    const { data } = await world.owner.call('listConsents', { path });
    expect(data.items).toMatchObject([{ applicationName: 'Bank' }]);
  });

  test('removeConsent: 204 by the machine itself is not-found without a consent, not forbidden', async () => {
    const self = await world.callerWith([]);
    const of = { path: { userId: self.userId, applicationId: '404' } };
    expect((await self.refused('removeConsent', of)).code).toBe('not-found');
    expect((await self.refused('removeConsent', { path: { ...of.path, ...path } })).code).toBe('not-found');
  });
});
