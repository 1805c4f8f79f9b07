import { insertProjectGrant, lockProject, updateApplication, updateProject } from '@latchkey/store';
import {
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededApplication,
  type SeededMachine,
  type SeededProject,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedOrganization,
  seedPersonalAccessToken,
  seedProject,
  seedUserKey,
  signUserAssertion,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  basicOf,
  beginFlow,
  call,
  engines,
  introspect,
  managementProjectIdOf,
  payloadOf,
  tokensFor,
} from './flow-world.ts';
import { obtainByCode, waysToObtain } from './obtain-tokens.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const exchangeType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const deviceType = 'urn:ietf:params:oauth:grant-type:device_code';
const cibaType = 'urn:openid:params:grant-type:ciba';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const allRoles = 'urn:zitadel:iam:org:projects:roles';

/** What came of asking for the audience of a project. */
interface Obtained {
  readonly scope: readonly string[];
  readonly audience: readonly string[];
}

type Target =
  | 'own'
  | 'own organization'
  | 'granted'
  | 'listed client'
  | 'listed organization'
  | 'foreign'
  | 'unknown'
  | 'management by name'
  | 'management by ID';

const targets: readonly Target[] = [
  'own',
  'own organization',
  'granted',
  'listed client',
  'listed organization',
  'foreign',
  'unknown',
  'management by name',
  'management by ID',
];

describe.each(engines)('an audience is a capability, on $engine', ({ engine }) => {
  let world: ShopWorld;
  let app: SeededApplication;
  let marked: SeededApplication;
  let robot: SeededMachine;
  let elsewhere: string;
  const projects = new Map<Target, string>();
  const settings = {
    type: 'web',
    accessTokenType: 'jwt',
    grantTypes: ['authorization_code', 'implicit', 'refresh_token', deviceType, cibaType, exchangeType],
    responseTypes: ['code', 'code id_token token'],
    cibaDeliveryMode: 'poll',
  } as const;

  async function foreignProject(more: Parameters<typeof seedProject>[1] = {}): Promise<SeededProject> {
    return await seedProject({ ...world.server, organizationId: elsewhere }, more);
  }

  beforeAll(async () => {
    world = await startShopWorld(engine);
    const { server, shop, ledger } = world;
    elsewhere = (await seedOrganization(server)).id;
    const lists = { grantTypes: [...settings.grantTypes], responseTypes: [...settings.responseTypes] };
    app = await seedApplication(server, shop, { ...settings, ...lists });
    marked = await seedApplication(server, shop, { ...settings, ...lists, isManagementClient: true });
    robot = await seedMachine(server, { accessTokenType: 'jwt' });
    const granted = await foreignProject({ roleKeys: ['guest'] });
    await changeAsOperator(server, (change) =>
      insertProjectGrant(change, {
        id: `${granted.id}1`,
        projectId: granted.id,
        organizationId: server.organizationId,
        roleKeys: [],
      }),
    );
    projects.set('own', shop.id);
    projects.set('own organization', ledger.id);
    projects.set('granted', granted.id);
    const allowedClientIds = [app.clientId, marked.clientId];
    projects.set('listed client', (await foreignProject({ allowedClientIds })).id);
    const allowedOrganizationIds = [server.organizationId];
    projects.set('listed organization', (await foreignProject({ allowedOrganizationIds })).id);
    projects.set('foreign', (await foreignProject({ roleKeys: ['secret-role'] })).id);
    projects.set('unknown', '404');
    projects.set('management by name', 'zitadel');
    projects.set('management by ID', await managementProjectIdOf(server));
  });
  afterAll(() => world?.stop());

  const scopeOf = (target: Target): string => audienceScope({ id: projects.get(target) ?? '' });
  /** What stands in `aud` when a target is granted. */
  const idOf = (target: Target): string =>
    projects.get(target === 'management by name' ? 'management by ID' : target) ?? '';

  function obtained({ body }: Answer): Obtained {
    const { aud } = payloadOf(String(body.access_token));
    return { scope: String(body.scope).split(' '), audience: [aud].flat().map(String) };
  }

  const token = (form: Readonly<Record<string, string>>, by: SeededApplication | SeededMachine) =>
    call(world.server, '/oauth/v2/token', { form, headers: basicOf(by) });

  const byCode = (by: SeededApplication, params: Readonly<Record<string, string>>): Promise<Answer> =>
    obtainByCode(world, by, params);

  const allowedFor = (target: Target, who: 'application' | 'marked' | 'machine'): boolean => {
    if (target === 'foreign' || target === 'unknown') return false;
    if (target.startsWith('management')) return who !== 'application';
    return target !== 'listed client' || who !== 'machine';
  };

  describe.each(Object.entries(waysToObtain))('RFC 9700 §2.3: by %s', (_, obtain) => {
    test.each(['application', 'marked'] as const)(
      'the %s obtains what is allowed and no more',
      async (who) => {
        const by = who === 'marked' ? marked : app;
        const scope = ['openid', allRoles, ...targets.map(scopeOf)].join(' ');
        const answer = await obtain(world, by, scope);
        expect(answer.status, JSON.stringify(answer.body)).toBe(200);
        const { scope: granted, audience } = obtained(answer);
        for (const target of targets) {
          const isAllowed = allowedFor(target, who);
          expect([target, granted.includes(scopeOf(target))]).toEqual([target, isAllowed]);
          expect([target, audience.includes(idOf(target))]).toEqual([target, isAllowed]);
        }
      },
    );
  });

  test.each(['client_credentials', 'jwt-bearer'])(
    'RFC 9700 §2.3: a machine user that acts for itself by %s obtains what is allowed and no more',
    async (grant) => {
      const { server } = world;
      const scope = ['openid', ...targets.map(scopeOf)].join(' ');
      const nowSeconds = Math.floor(server.clock.now() / 1000);
      const file = await seedUserKey(server, robot.id);
      const form =
        grant === 'client_credentials'
          ? { grant_type: grant, scope }
          : {
              grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
              assertion: signUserAssertion(file, { audience: server.issuer, nowSeconds }),
              scope,
            };
      const { scope: granted, audience } = obtained(await token(form, robot));
      for (const target of targets) {
        const isAllowed = allowedFor(target, 'machine');
        expect([target, granted.includes(scopeOf(target))]).toEqual([target, isAllowed]);
        expect([target, audience.includes(idOf(target))]).toEqual([target, isAllowed]);
      }
    },
  );

  test('a machine user obtains a foreign project while it holds an authorization there', async () => {
    const { server } = world;
    const visitor = await seedMachine(server, { accessTokenType: 'jwt' });
    const foreign = {
      id: projects.get('foreign') ?? '',
      organizationId: elsewhere,
      roleKeys: ['secret-role'],
    };
    const form = { grant_type: 'client_credentials', scope: scopeOf('foreign') };
    expect(obtained(await token(form, visitor)).audience).not.toContain(foreign.id);
    await seedAuthorization(server, { userId: visitor.id, project: foreign });
    await expect
      .poll(async () => obtained(await token(form, visitor)).audience, { interval: 10, timeout: 5000 })
      .toContain(foreign.id);
  });

  test('a personal access token is active at the APIs its machine user may obtain, and told no roles of others', async () => {
    const { server, api } = world;
    const scopes = ['openid', allRoles, scopeOf('foreign'), scopeOf('own')];
    const { token: pat } = await seedPersonalAccessToken(server, robot.id, { scopes });
    const foreignApi = await seedApplication(
      { ...server, organizationId: elsewhere },
      { id: projects.get('foreign') ?? '', organizationId: elsewhere, roleKeys: [] },
      { type: 'api', grantTypes: [exchangeType] },
    );
    expect(await introspect(server, api, pat)).toMatchObject({ active: true });
    expect(await introspect(server, foreignApi, pat)).toEqual({ active: false });
    const subject = { subject_token: pat, subject_token_type: accessTokenType };
    const refused = await token({ grant_type: exchangeType, ...subject }, foreignApi);
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request']);
    const inShop = (audience: string) => token({ grant_type: exchangeType, ...subject, audience }, app);
    expect((await inShop(projects.get('own organization') ?? '')).status).toBe(200);
    for (const target of ['foreign', 'management by name'] as const)
      expect((await inShop(projects.get(target) ?? '')).body.error).toBe('invalid_target');
  });

  describe('RFC 8693 §2.1, RFC 8707 §2: an exchange', () => {
    const exchange = (by: SeededApplication, subject_token: string, more: Readonly<Record<string, string>>) =>
      token({ grant_type: exchangeType, subject_token, subject_token_type: accessTokenType, ...more }, by);

    test.each(targets)('reaches %s by audience if the exchanging client may', async (target) => {
      const { accessToken } = await tokensFor(world.server, world.spa, world.ada, 'openid');
      const audience = projects.get(target) ?? '';
      const isManagement = target.startsWith('management');
      for (const by of [app, marked]) {
        const answer = await exchange(by, accessToken, { audience });
        // The subject token is for the shop alone: not even a marked client gets the management API from it.
        if (allowedFor(target, 'application') && !isManagement)
          expect(obtained(answer).audience).toContain(audience);
        else expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target']);
      }
    });

    test('reaches the management API only from a token that is for it, at a marked application', async () => {
      const scope = `openid ${scopeOf('management by name')}`;
      const { body } = await byCode(marked, { scope });
      const subject = String(body.access_token);
      const kept = obtained(await exchange(marked, subject, {}));
      expect(kept.audience).toContain(idOf('management by name'));
      for (const audience of [
        projects.get('management by name'),
        idOf('management by ID'),
        'latchkey-console',
      ]) {
        const answer = await exchange(app, subject, { audience: audience ?? '' });
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target']);
      }
      const dropped = obtained(await exchange(app, subject, {}));
      expect(dropped.scope).toEqual(['openid']);
      expect(dropped.audience).not.toContain(idOf('management by ID'));
    });

    test('keeps what the subject token is for, though the client could not obtain it', async () => {
      const { server, shop } = world;
      const other = await seedApplication(server, shop, {
        type: 'api',
        accessTokenType: 'jwt',
        grantTypes: [exchangeType],
      });
      const { body } = await byCode(app, { scope: `openid ${scopeOf('listed client')}` });
      const target = projects.get('listed client') ?? '';
      const kept = await exchange(other, String(body.access_token), { audience: target });
      expect(obtained(kept).audience).toContain(target);
      const plain = await byCode(app, { scope: 'openid' });
      const refused = await exchange(other, String(plain.body.access_token), { audience: target });
      expect(refused.body.error).toBe('invalid_target');
    });

    test('of a token of a third party adds no project the user was not asked about', async () => {
      const { server, shop, ada } = world;
      const guest = await seedApplication(server, shop, {
        type: 'web',
        isThirdParty: true,
        grantTypes: ['authorization_code', exchangeType],
      });
      const open = await foreignProject({ isOpenToThirdParties: true });
      const agent = createBrowserAgent(server);
      const flow = await beginFlow(server, guest, { scope: 'openid' });
      const consent = pageOf(await completeSignIn(agent, await agent.open(flow.url), ada));
      const { url } = leftFor(await agent.submit(consent, {}, { buttonId: 'submit' }));
      const redemption = { grant_type: 'authorization_code', code: url.searchParams.get('code') ?? '' };
      const { body } = await token(
        { ...redemption, redirect_uri: guest.redirectUri, code_verifier: flow.verifier },
        guest,
      );
      for (const audience of [open.id, shop.id]) {
        const answer = await exchange(guest, String(body.access_token), { audience });
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target']);
      }
    });
  });

  test('RFC 8707 §2: a resource of a project that is not allowed is as unknown as one nobody registered', async () => {
    const { server, ada } = world;
    const api = await seedApplication(
      { ...server, organizationId: elsewhere },
      { id: projects.get('foreign') ?? '', organizationId: elsewhere, roleKeys: [] },
      { type: 'api', resourceUris: ['https://vault.elsewhere.example/api'] },
    );
    const describe = async (resource: string) => {
      const agent = createBrowserAgent(server);
      const flow = await beginFlow(server, app, { scope: 'openid', resource });
      const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), ada));
      const device = await call(server, '/oauth/v2/device_authorization', {
        form: { resource },
        headers: basicOf(app),
      });
      const machine = await token({ grant_type: 'client_credentials', resource }, robot);
      return [
        url.searchParams.get('error'),
        url.searchParams.get('error_description')?.replace(resource, ''),
        device.body,
        machine.body,
      ];
    };
    const foreign = await describe('https://vault.elsewhere.example/api');
    expect(foreign[0]).toBe('invalid_target');
    expect(foreign).toEqual(await describe('https://nobody.example.com/api'));
    expect(api.clientId).not.toBe('');
  });

  test('ZITADEL dialect: in the project of the management API an unmarked application is for itself alone', async () => {
    const { server } = world;
    const system = { id: idOf('management by ID'), organizationId: server.organizationId, roleKeys: [] };
    const lists = { grantTypes: [...settings.grantTypes], responseTypes: [...settings.responseTypes] };
    const intruder = await seedApplication(server, system, { ...settings, ...lists });
    const scope = `openid ${scopeOf('management by name')} ${scopeOf('management by ID')}`;
    for (const asked of ['openid', scope]) {
      const { scope: granted, audience } = obtained(await byCode(intruder, { scope: asked }));
      expect([granted, audience]).toEqual([['openid'], [intruder.clientId]]);
    }
  });

  test('RFC 6749 §6: what is withdrawn is not in the next token, by refresh or code', async () => {
    const { server } = world;
    const project = await foreignProject({ allowedClientIds: [app.clientId] });
    const { body } = await byCode(app, { scope: `openid offline_access ${audienceScope(project)}` });
    expect(obtained({ status: 200, headers: new Headers(), body }).audience).toContain(project.id);
    await changeAsOperator(server, async (change) => {
      const before = await lockProject(change, project.id);
      if (before !== undefined) await updateProject(change, before, { allowedClientIds: [] });
    });
    let refresh = String(body.refresh_token);
    const next = async () => {
      const answer = await token({ grant_type: 'refresh_token', refresh_token: refresh }, app);
      refresh = String(answer.body.refresh_token);
      return obtained(answer);
    };
    await expect
      .poll(async () => (await next()).audience, { interval: 10, timeout: 5000 })
      .not.toContain(project.id);
    expect((await next()).scope).not.toContain(audienceScope(project));
  });

  test('the management API takes no token of an application that lost its access', async () => {
    const { server } = world;
    const { body } = await byCode(marked, { scope: `openid ${scopeOf('management by name')}` });
    const me = async () =>
      (
        await server.fetch('/api/v1/me', {
          headers: { authorization: `Bearer ${String(body.access_token)}` },
        })
      ).status;
    expect(await me()).toBe(200);
    await changeAsOperator(server, (change) =>
      updateApplication(change, marked.id, { isManagementClient: false }),
    );
    await expect.poll(me, { interval: 10, timeout: 5000 }).toBe(401);
    await changeAsOperator(server, (change) =>
      updateApplication(change, marked.id, { isManagementClient: true }),
    );
    await expect.poll(me, { interval: 10, timeout: 5000 }).toBe(200);
  });

  test('RFC 9068 §2.2: a machine user named like a project does not get it as its audience', async () => {
    const { server } = world;
    const loginName = projects.get('foreign') ?? '';
    const twin = await seedMachine(server, { accessTokenType: 'jwt', loginName });
    const { audience } = obtained(await token({ grant_type: 'client_credentials', scope: 'openid' }, twin));
    expect(audience).toEqual([`urn:latchkey:user:${twin.id}`]);
  });
});
