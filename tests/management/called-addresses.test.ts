import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const allowed = '127.0.0.1:4999';
const inner = 'https://10.0.0.1/logout';

describe.each(engines)('addresses the server calls on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let projectId: string;
  beforeAll(async () => {
    world = await startManagementWorld(engine, { outboundAllow: [allowed] });
    projectId = String((await world.owner.call('createProject', { body: { name: 'Called' } })).data.id);
  });
  afterAll(() => world?.stop());

  const web = (name: string) =>
    ({
      name,
      type: 'web',
      redirectUris: ['https://shop.example.com/callback'],
      isPkceRequired: true,
    }) as const;
  const create = async (name: string, more: object) =>
    (await world.owner.call('createApplication', { body: { projectId, ...web(name), ...more } })).data;

  test('an application with an address the outbound rules refuse is saved with a warning, wherever it is shown', async () => {
    const warned = {
      isCompliant: false,
      problems: [{ code: 'address-not-public', level: 'warning', setting: 'backchannelLogoutUri' }],
    };
    const made = await create('Inner', { backchannelLogoutUri: inner });
    expect(made.compliance).toMatchObject(warned);
    const path = { applicationId: String(made.id) };
    expect((await world.owner.call('getApplication', { path })).data.compliance).toMatchObject(warned);
    const { data } = await world.owner.call('listApplications', { query: { projectId, search: 'Inner' } });
    expect(data.items).toMatchObject([{ isCompliant: false }]);
    const draft = { ...web('Draft'), backchannelLogoutUri: inner };
    expect((await world.owner.call('checkApplication', { body: draft })).data.compliance).toMatchObject(
      warned,
    );
    const moved = await world.owner.call('updateApplication', {
      path,
      body: { backchannelLogoutUri: 'https://shop.example.com/logout' },
    });
    expect(moved.data.compliance).toEqual({ isCompliant: true, problems: [] });
  });

  test('development mode lets plain http be saved, but not be called: that is a warning of its own', async () => {
    const uri = 'http://shop.example.com/logout';
    const made = await create('Plain', { developmentMode: true, backchannelLogoutUri: uri });
    expect(made.compliance).toMatchObject({
      problems: [
        { code: 'development-mode' },
        { code: 'address-not-https', setting: 'backchannelLogoutUri' },
      ],
    });
  });

  test('an address that LATCHKEY_OUTBOUND_ALLOW names, and a name nobody has looked up, are no warning', async () => {
    const made = await create('Allowed', {
      jwksUri: `https://${allowed}/jwks`,
      backchannelLogoutUri: 'https://unresolvable.invalid/logout',
    });
    expect(made.compliance).toEqual({ isCompliant: true, problems: [] });
  });

  test('a plan, and what was applied, warn of the applications they create or change, and of no others', async () => {
    const document = (backchannelLogoutUri: string) => ({
      version: 1,
      projects: [{ name: 'From a file', applications: [{ ...web('Web'), backchannelLogoutUri }] }],
    });
    const plan = async (uri: string) =>
      (await world.owner.call('planConfiguration', { body: document(uri) })).data.warnings;
    const warnings = [
      {
        path: expect.stringMatching(/ From a file \/ Web$/),
        setting: 'backchannelLogoutUri',
        message: expect.stringContaining(inner),
        fix: expect.stringContaining('LATCHKEY_OUTBOUND_ALLOW'),
      },
    ];
    expect(await plan(inner)).toEqual(warnings);
    const applied = await world.owner.call('applyConfiguration', { body: { document: document(inner) } });
    expect(applied.data.warnings).toEqual(warnings);
    expect(await plan(inner)).toEqual([]);
    expect(await plan('https://shop.example.com/logout')).toEqual([]);
    expect(await plan(`${inner}/other`)).toMatchObject([{ setting: 'backchannelLogoutUri' }]);
  });
});
