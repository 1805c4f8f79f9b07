import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const png = `data:image/png;base64,${Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]).toString('base64')}`;

describe.each(engines)('settings on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  const ofOther = (): { path: { organizationId: string } } => ({
    path: { organizationId: world.otherOrganizationId },
  });
  const changesLogged = async (objectId: string, type: string): Promise<readonly unknown[]> => {
    const rows = await world.server.store.db
      .selectFrom('events')
      .select('detail')
      .where('type', '=', type)
      .where('objectId', '=', objectId)
      .orderBy('seq')
      .execute();
    return rows.map(({ detail }) => detail);
  };

  test('getInstanceSettings: 200 with every group, and what Latchkey ships with where nobody changed it', async () => {
    const { data, etag } = await world.owner.call('getInstanceSettings');
    expect(Object.keys(data).sort()).toEqual([
      'branding',
      'features',
      'lifetimes',
      'lockout',
      'login',
      'password',
      'security',
      'tokens',
    ]);
    expect(data).toMatchObject({
      features: { dynamicRegistration: 'off', registrationPolicy: { isThirdParty: true, projectId: null } },
      login: { allowLoginByEmail: true, allowedLanguages: null },
      tokens: { accessTokenJwtType: 'JWT' },
      branding: { accentColorLight: null, themeMode: 'auto', font: 'system' },
    });
    expect(etag).toMatch(/^"/);
  });

  test('updateInstanceSettings: 200 changes what is named, keeps the rest, logs old and new, and null takes a group back', async () => {
    const before = (await world.owner.call('getInstanceSettings')).data;
    const { data } = await world.owner.call('updateInstanceSettings', {
      body: {
        lifetimes: { accessTokenSeconds: 600 },
        lockout: { softLockAttempts: 20 },
        branding: { accentColorLight: '#0A5F8A', logoUrlLight: png },
      },
    });
    const expected = {
      ...before,
      lifetimes: { ...Object(before.lifetimes), accessTokenSeconds: 600 },
      lockout: { ...Object(before.lockout), softLockAttempts: 20 },
      branding: { ...Object(before.branding), accentColorLight: '#0a5f8a', logoUrlLight: png },
    };
    expect(data).toEqual(expected);
    expect((await world.owner.call('getInstanceSettings')).data).toEqual(expected);
    const [detail] = (await changesLogged(world.server.instanceId, 'instance.settings.changed')).slice(-1);
    expect(detail).toMatchObject({
      from: { 'lifetimes.accessTokenSeconds': expect.any(Number), 'branding.accentColorLight': null },
      to: { 'lifetimes.accessTokenSeconds': 600, 'branding.accentColorLight': '#0a5f8a' },
    });
    expect(JSON.stringify(detail)).not.toContain(png);
    const back = await world.owner.call('updateInstanceSettings', {
      body: {
        lifetimes: { accessTokenSeconds: Object(before.lifetimes).accessTokenSeconds },
        lockout: null,
        branding: null,
      },
    });
    expect(back.data).toEqual(before);
  });

  test('a change that changes nothing is no event', async () => {
    const count = async (): Promise<number> =>
      (await changesLogged(world.server.instanceId, 'instance.settings.changed')).length;
    const { data } = await world.owner.call('getInstanceSettings');
    const before = await count();
    await world.owner.call('updateInstanceSettings', { body: data });
    expect(await count()).toBe(before);
  });

  test('getOrganizationSettings: 200 shows what the organization says itself and what holds', async () => {
    const { data } = await world.owner.call('getOrganizationSettings', ofOther());
    const instance = (await world.owner.call('getInstanceSettings')).data;
    expect(data).toEqual({
      own: { password: null, lockout: null, login: null, branding: null },
      effective: {
        password: instance.password,
        lockout: instance.lockout,
        login: instance.login,
        branding: instance.branding,
      },
    });
  });

  test('updateOrganizationSettings: 200 makes a group the organization’s own, whatever the instance does later, until it is taken back', async () => {
    const { data } = await world.owner.call('updateOrganizationSettings', {
      ...ofOther(),
      body: { password: { minimumLength: 24 }, branding: { radiusPx: 0 } },
    });
    expect(data).toMatchObject({
      own: { password: { minimumLength: 24 }, lockout: null, login: null, branding: { radiusPx: 0 } },
      effective: { password: { minimumLength: 24 }, branding: { radiusPx: 0, font: 'system' } },
    });
    await world.owner.call('updateInstanceSettings', { body: { branding: { font: 'inter' } } });
    const kept = (await world.owner.call('getOrganizationSettings', ofOther())).data;
    expect(kept).toMatchObject({ effective: { branding: { font: 'system', radiusPx: 0 } } });
    const first = await world.owner.call('getOrganizationSettings', {
      path: { organizationId: world.server.organizationId },
    });
    expect(first.data).toMatchObject({ own: { branding: null }, effective: { branding: { font: 'inter' } } });
    const back = await world.owner.call('updateOrganizationSettings', {
      ...ofOther(),
      body: { password: null, branding: null },
    });
    expect(back.data).toMatchObject({
      own: { password: null, branding: null },
      effective: { branding: { font: 'inter' } },
    });
    await world.owner.call('updateInstanceSettings', { body: { branding: null } });
    expect(await changesLogged(world.otherOrganizationId, 'organization.settings.changed')).toHaveLength(2);
  });
});

describe('settings that are refused', () => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
  });
  afterAll(() => world.stop());

  const refusals = async (body: unknown): Promise<readonly (readonly [string, string])[]> => {
    const problem = await world.owner.refused('updateInstanceSettings', { body });
    return (problem.errors ?? []).map(({ pointer }) => [problem.code, pointer] as const);
  };

  test('updateInstanceSettings: invalid-input for what is no setting, no colour, no picture, no language, no project', async () => {
    expect(await refusals({ colours: {} })).toEqual([['invalid-input', '/colours']]);
    expect(await refusals({ password: { minimumLength: 7 } })).toEqual([
      ['invalid-input', '/password/minimumLength'],
    ]);
    expect(await refusals({ branding: { accentColorLight: 'red' } })).toEqual([
      ['invalid-input', '/branding/accentColorLight'],
    ]);
    const text = `data:image/png;base64,${Buffer.from('no picture').toString('base64')}`;
    expect(await refusals({ branding: { logoUrlLight: text } })).toEqual([
      ['invalid-input', '/branding/logoUrlLight'],
    ]);
    for (const logoUrlLight of [
      'javascript:alert(1)',
      'http://cdn.example/logo.svg',
      'https://cdn.example/logo.svg; script-src *',
      `data:image/svg+xml;base64,${'A'.repeat(90_000)}`,
      `data:image/svg+xml;base64,${Buffer.from('<svg><script>alert(1)</script></svg>').toString('base64')}`,
    ])
      expect(await refusals({ branding: { logoUrlLight } })).toEqual([
        ['invalid-input', '/branding/logoUrlLight'],
      ]);
    expect(await refusals({ login: { allowedLanguages: ['de', 'tlh'] } })).toEqual([
      ['invalid-input', '/login/allowedLanguages/1'],
    ]);
    expect(await refusals({ login: { helpUrl: 'javascript:alert(1)' } })).toEqual([
      ['invalid-input', '/login/helpUrl'],
    ]);
    expect(await refusals({ features: { registrationPolicy: { projectId: '1' } } })).toEqual([
      ['invalid-input', '/features/registrationPolicy/projectId'],
    ]);
  });

  test('updateInstanceSettings: unsafe-setting names the ratio and a colour that is accepted', async () => {
    const problem = await world.owner.refused('updateInstanceSettings', {
      body: { branding: { accentColorLight: '#ffcc00', accentColorDark: '#101820' } },
    });
    expect([problem.status, problem.code]).toEqual([400, 'unsafe-setting']);
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual([
      '/branding/accentColorLight',
      '/branding/accentColorDark',
    ]);
    expect(problem.detail).toContain('1.41:1');
    const nearest = /(#[0-9a-f]{6}) is the nearest/.exec(problem.detail)?.[1];
    const { data } = await world.owner.call('updateInstanceSettings', {
      body: { branding: { accentColorLight: nearest } },
    });
    expect(data).toMatchObject({ branding: { accentColorLight: nearest } });
    await world.owner.call('updateInstanceSettings', { body: { branding: null } });
  });

  test('updateInstanceSettings: unsafe-setting where an idle time is longer than the absolute one, or free attempts than all', async () => {
    expect(
      await refusals({
        lifetimes: { sessionIdleSeconds: 7200, sessionAbsoluteSeconds: 3600, refreshIdleSeconds: 99_999_999 },
        lockout: { freeAttempts: 8, softLockAttempts: 5 },
      }),
    ).toEqual([
      ['unsafe-setting', '/lifetimes/refreshIdleSeconds'],
      ['unsafe-setting', '/lifetimes/sessionIdleSeconds'],
      ['unsafe-setting', '/lockout/freeAttempts'],
    ]);
  });

  test('updateInstanceSettings: stale-version when somebody else changed them meanwhile, and nothing changes', async () => {
    const { etag } = await world.owner.call('getInstanceSettings');
    if (etag === undefined) throw new Error('no ETag');
    await world.owner.call('updateInstanceSettings', {
      body: { password: { minimumLength: 16 } },
      ifMatch: etag,
    });
    const problem = await world.owner.refused('updateInstanceSettings', {
      body: { password: { minimumLength: 8 } },
      ifMatch: etag,
    });
    expect([problem.status, problem.code]).toEqual([412, 'stale-version']);
    expect((await world.owner.call('getInstanceSettings')).data).toMatchObject({
      password: { minimumLength: 16 },
    });
    await world.owner.call('updateInstanceSettings', { body: { password: null } });
  });

  test('getOrganizationSettings: not-found for an organization there is none of, or that the roles do not reach', async () => {
    const path = { organizationId: '1' };
    expect((await world.owner.refused('getOrganizationSettings', { path })).code).toBe('not-found');
    const stranger = await world.callerWith(['ORG_OWNER'], {
      kind: 'organization',
      id: world.server.organizationId,
    });
    const other = { organizationId: world.otherOrganizationId };
    expect((await stranger.refused('getOrganizationSettings', { path: other })).code).toBe('not-found');
  });

  test('updateOrganizationSettings: not-found, invalid-input, unsafe-setting, stale-version', async () => {
    const refused = async (input: object): Promise<string> =>
      (await world.owner.refused('updateOrganizationSettings', input)).code;
    const path = { organizationId: world.otherOrganizationId };
    expect(await refused({ path: { organizationId: '1' }, body: {} })).toBe('not-found');
    expect(await refused({ path, body: { lifetimes: { accessTokenSeconds: 600 } } })).toBe('invalid-input');
    expect(await refused({ path, body: { branding: { accentColorDark: '#000000' } } })).toBe(
      'unsafe-setting',
    );
    const { etag } = await world.owner.call('getOrganizationSettings', { path });
    await world.owner.call('updateOrganizationSettings', { path, body: { password: { minimumLength: 30 } } });
    expect(await refused({ path, body: { password: { minimumLength: 8 } }, ifMatch: etag })).toBe(
      'stale-version',
    );
    await world.owner.call('updateOrganizationSettings', { path, body: { password: null } });
  });

  test('a manager of settings of one organization changes those, and none of the instance', async () => {
    const id = world.otherOrganizationId;
    const manager = await world.callerWith(['ORG_SETTINGS_MANAGER'], { kind: 'organization', id });
    const { data } = await manager.call('updateOrganizationSettings', {
      path: { organizationId: id },
      body: { login: { helpUrl: 'https://help.example/sign-in' } },
    });
    expect(data).toMatchObject({ own: { login: { helpUrl: 'https://help.example/sign-in' } } });
    expect((await manager.refused('updateInstanceSettings', { body: {} })).code).toBe('forbidden');
    await manager.call('updateOrganizationSettings', { path: { organizationId: id }, body: { login: null } });
  });
});
