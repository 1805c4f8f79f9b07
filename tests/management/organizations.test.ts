import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const txt = new Map<string, string>();

describe.each(engines)('organizations on $engine', ({ engine }) => {
  let world: ManagementWorld;
  const create = async (name: string): Promise<string> => {
    const { data } = await world.owner.call('createOrganization', { body: { name } });
    return String(data.id);
  };
  beforeAll(async () => {
    world = await startManagementWorld(engine, {
      resolveTxt: async (name) => {
        const value = txt.get(name);
        if (value === undefined) throw new Error(`queryTxt ENOTFOUND ${name}`);
        // Resolvers hand long records out in pieces.
        return [['v=spf1 -all'], [value.slice(0, 10), value.slice(10)]];
      },
    });
  });
  afterAll(() => world.stop());

  test('createOrganization: 201 with a domain made of the name; 409 already-exists, 400 invalid-input', async () => {
    const { data } = await world.owner.call('createOrganization', {
      body: { name: 'Ärzte & Söhne', ownerUserId: world.owner.userId },
    });
    expect(data).toMatchObject({
      name: 'Ärzte & Söhne',
      primaryDomain: 'a-rzte-so-hne.localhost',
      state: 'active',
      isSystem: false,
    });
    const managers = await world.owner.call('listOrganizationManagers', {
      path: { organizationId: data.id },
    });
    expect(managers.data.items).toMatchObject([{ userId: world.owner.userId, roles: ['ORG_OWNER'] }]);
    const again = await world.owner.refused('createOrganization', { body: { name: 'Ärzte & Söhne' } });
    expect(again).toMatchObject({ code: 'already-exists', errors: [{ pointer: '/name' }] });
    const domain = await world.owner.refused('createOrganization', {
      body: { name: 'Other', primaryDomain: 'a-rzte-so-hne.localhost' },
    });
    expect(domain).toMatchObject({ code: 'already-exists', errors: [{ pointer: '/primaryDomain' }] });
    const nobody = await world.owner.refused('createOrganization', {
      body: { name: 'Third', ownerUserId: '42' },
    });
    expect(nobody).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/ownerUserId' }] });
  });

  test('listOrganizations: 200 by search and order; its managers see their own alone; 400 cursor-invalid', async () => {
    const own = await create('List B');
    await create('List A');
    const { data } = await world.owner.call('listOrganizations', {
      query: { search: 'list', sort: '-name' },
    });
    expect(data.items).toMatchObject([{ name: 'List B' }, { name: 'List A' }]);
    const manager = await world.callerWith(['ORG_OWNER'], { kind: 'organization', id: own });
    expect((await manager.call('listOrganizations')).data.items).toMatchObject([{ name: 'List B' }]);
    const problem = await world.owner.refused('listOrganizations', { query: { cursor: 'W10.abc' } });
    expect(problem.code).toBe('cursor-invalid');
  });

  test('getOrganization: 200 with counts; not-found for another id', async () => {
    const { data } = await world.owner.call('getOrganization', {
      path: { organizationId: world.server.organizationId },
    });
    expect(data).toMatchObject({ isSystem: true, projectCount: 1, userCount: expect.any(Number) });
    const problem = await world.owner.refused('getOrganization', { path: { organizationId: '42' } });
    expect(problem.code).toBe('not-found');
  });

  test('updateOrganization: 200; not-found, invalid-input, already-exists, stale-version', async () => {
    const organizationId = await create('Before');
    const path = { organizationId };
    const { etag } = await world.owner.call('getOrganization', { path });
    const { data } = await world.owner.call('updateOrganization', { path, body: { name: 'After' } });
    expect(data.name).toBe('After');
    const stale = { path, body: { name: 'Later' }, ifMatch: etag ?? '' };
    expect(await world.owner.refused('updateOrganization', stale)).toMatchObject({ code: 'stale-version' });
    await create('Taken');
    expect(await world.owner.refused('updateOrganization', { path, body: { name: 'Taken' } })).toMatchObject({
      code: 'already-exists',
    });
    expect(await world.owner.refused('updateOrganization', { path, body: { name: '' } })).toMatchObject({
      code: 'invalid-input',
    });
    const nowhere = { path: { organizationId: '42' }, body: { name: 'X' } };
    expect(await world.owner.refused('updateOrganization', nowhere)).toMatchObject({ code: 'not-found' });
  });

  test('deactivateOrganization: 200 and its machines are refused until activateOrganization; not-found', async () => {
    const organizationId = await create('Asleep');
    const path = { organizationId };
    const machine = await world.callerWith(['ORG_OWNER'], {
      kind: 'organization',
      id: organizationId,
      organizationId,
    });
    expect((await machine.send('GET', '/me')).status).toBe(200);
    expect((await world.owner.call('deactivateOrganization', { path })).data.state).toBe('inactive');
    expect((await machine.send('GET', '/me')).status).toBe(401);
    expect((await world.owner.call('activateOrganization', { path })).data.state).toBe('active');
    // A personal access token is a credential like a secret: it counts again when its owner does.
    expect((await machine.send('GET', '/me')).status).toBe(200);
    for (const id of ['activateOrganization', 'deactivateOrganization'] as const)
      expect(await world.owner.refused(id, { path: { organizationId: '42' } })).toMatchObject({
        code: 'not-found',
      });
  });

  test('activateOrganization: 200 also when it is active; activateOrganization: not-found for none', async () => {
    const organizationId = await create('Awake');
    const { data } = await world.owner.call('activateOrganization', { path: { organizationId } });
    expect(data.state).toBe('active');
    expect((await world.owner.refused('activateOrganization', { path: { organizationId: '42' } })).code).toBe(
      'not-found',
    );
  });

  test('deactivateOrganization: conflict for the one that holds Latchkey itself', async () => {
    const path = { organizationId: world.server.organizationId };
    expect(await world.owner.refused('deactivateOrganization', { path })).toMatchObject({ code: 'conflict' });
  });

  test('removeOrganization: 204 and its name is free; not-found, has-dependents with counts, conflict for Latchkey itself', async () => {
    const organizationId = await create('Short-lived');
    const path = { organizationId };
    const { data } = await world.owner.call('createProject', { body: { organizationId, name: 'Inside' } });
    expect(await world.owner.refused('removeOrganization', { path })).toMatchObject({
      code: 'has-dependents',
      dependents: [{ kind: 'project', count: 1, names: ['Inside'] }],
    });
    await world.owner.call('removeProject', { path: { projectId: data.id } });
    await world.owner.call('removeOrganization', { path });
    expect(await world.owner.refused('removeOrganization', { path })).toMatchObject({ code: 'not-found' });
    expect(await create('Short-lived')).not.toBe(organizationId);
    const system = { path: { organizationId: world.server.organizationId } };
    expect(await world.owner.refused('removeOrganization', system)).toMatchObject({ code: 'conflict' });
  });

  test('addOrganizationDomain: 201 with the proof to give; already-exists, not-found, invalid-input', async () => {
    const path = { organizationId: await create('Domains') };
    const { data } = await world.owner.call('addOrganizationDomain', {
      path,
      body: { domain: 'Shop.Example.com' },
    });
    expect(data).toMatchObject({ domain: 'shop.example.com', isVerified: false, isPrimary: false });
    expect(data.verification).toMatchObject({ dnsName: '_latchkey-challenge.shop.example.com' });
    const refused = (body: unknown, at: unknown = path) =>
      world.owner.refused('addOrganizationDomain', { path: at as typeof path, body }); // cast: the test gives other ids on purpose
    expect(await refused({ domain: 'shop.example.com' })).toMatchObject({ code: 'already-exists' });
    expect(await refused({ domain: 'no domain' })).toMatchObject({ code: 'invalid-input' });
    expect(await refused({ domain: 'a.example.com' }, { organizationId: '42' })).toMatchObject({
      code: 'not-found',
    });
  });

  test('verifyOrganizationDomain: 200 by TXT record; conflict while it is missing, already-exists when another has it, not-found', async () => {
    const domain = `verified-${engine}.example.com`;
    const first = { organizationId: await create('Verifier') };
    const second = { organizationId: await create('Claimant') };
    const proofs = await Promise.all(
      [first, second].map((path) => world.owner.call('addOrganizationDomain', { path, body: { domain } })),
    );
    expect(
      await world.owner.refused('verifyOrganizationDomain', { path: { ...first, domain } }),
    ).toMatchObject({ code: 'conflict' });
    const proof = (index: number) =>
      proofs[index]?.data.verification as { dnsName: string; dnsValue: string }; // cast: the answer was cut to its schema
    txt.set(proof(0).dnsName, proof(0).dnsValue);
    const { data } = await world.owner.call('verifyOrganizationDomain', { path: { ...first, domain } });
    expect(data).toMatchObject({ isVerified: true, verification: null });
    txt.set(proof(1).dnsName, proof(1).dnsValue);
    expect(
      await world.owner.refused('verifyOrganizationDomain', { path: { ...second, domain } }),
    ).toMatchObject({ code: 'already-exists' });
    const unknown = { path: { ...first, domain: 'unknown.example.com' } };
    expect(await world.owner.refused('verifyOrganizationDomain', unknown)).toMatchObject({
      code: 'not-found',
    });
  });

  test('setPrimaryOrganizationDomain: 200 for a verified one; conflict otherwise, not-found', async () => {
    const organizationId = await create('Primary');
    const domain = `primary-${engine}.example.com`;
    const path = { organizationId, domain };
    const added = await world.owner.call('addOrganizationDomain', {
      path: { organizationId },
      body: { domain },
    });
    expect(await world.owner.refused('setPrimaryOrganizationDomain', { path })).toMatchObject({
      code: 'conflict',
    });
    const { dnsName, dnsValue } = added.data.verification as { dnsName: string; dnsValue: string }; // cast: the answer was cut to its schema
    txt.set(dnsName, dnsValue);
    await world.owner.call('verifyOrganizationDomain', { path });
    expect((await world.owner.call('setPrimaryOrganizationDomain', { path })).data.isPrimary).toBe(true);
    const unknown = { path: { organizationId, domain: 'unknown.example.com' } };
    expect(await world.owner.refused('setPrimaryOrganizationDomain', unknown)).toMatchObject({
      code: 'not-found',
    });
  });

  test('listOrganizationDomains: 200; not-found. removeOrganizationDomain', async () => {
    const organizationId = await create('Listed');
    const { data } = await world.owner.call('listOrganizationDomains', { path: { organizationId } });
    expect(data.items).toMatchObject([{ domain: 'listed.localhost', isPrimary: true, isVerified: true }]);
    const nowhere = { path: { organizationId: '42' } };
    expect(await world.owner.refused('listOrganizationDomains', nowhere)).toMatchObject({
      code: 'not-found',
    });
  });

  test('removeOrganizationDomain: 204; conflict for the primary one, not-found', async () => {
    const organizationId = await create('Removing');
    await world.owner.call('addOrganizationDomain', {
      path: { organizationId },
      body: { domain: 'gone.example.com' },
    });
    const at = (domain: string) => ({ path: { organizationId, domain } });
    await world.owner.call('removeOrganizationDomain', at('gone.example.com'));
    expect(await world.owner.refused('removeOrganizationDomain', at('gone.example.com'))).toMatchObject({
      code: 'not-found',
    });
    expect(await world.owner.refused('removeOrganizationDomain', at('removing.localhost'))).toMatchObject({
      code: 'conflict',
    });
  });

  test('setOrganizationMetadata: 200; invalid-input for what is not base64, not-found', async () => {
    const organizationId = await create('Meta');
    const set = { path: { organizationId, key: 'cost center' }, body: { value: 'NDcxMQ==' } };
    expect((await world.owner.call('setOrganizationMetadata', set)).data).toEqual({
      key: 'cost center',
      value: 'NDcxMQ==',
    });
    expect(
      await world.owner.refused('setOrganizationMetadata', { ...set, body: { value: '%' } }),
    ).toMatchObject({ code: 'invalid-input' });
    const nowhere = { ...set, path: { organizationId: '42', key: 'k' } };
    expect(await world.owner.refused('setOrganizationMetadata', nowhere)).toMatchObject({
      code: 'not-found',
    });
  });

  test('listOrganizationMetadata: 200; not-found', async () => {
    const organizationId = await create('Meta list');
    await world.owner.call('setOrganizationMetadata', {
      path: { organizationId, key: 'a' },
      body: { value: 'eA==' },
    });
    const { data } = await world.owner.call('listOrganizationMetadata', { path: { organizationId } });
    expect(data.items).toEqual([{ key: 'a', value: 'eA==' }]);
    const nowhere = { path: { organizationId: '42' } };
    expect(await world.owner.refused('listOrganizationMetadata', nowhere)).toMatchObject({
      code: 'not-found',
    });
  });

  test('removeOrganizationMetadata: 204, then not-found', async () => {
    const organizationId = await create('Meta gone');
    const path = { organizationId, key: 'a' };
    await world.owner.call('setOrganizationMetadata', { path, body: { value: 'eA==' } });
    await world.owner.call('removeOrganizationMetadata', { path });
    expect(await world.owner.refused('removeOrganizationMetadata', { path })).toMatchObject({
      code: 'not-found',
    });
  });
});
