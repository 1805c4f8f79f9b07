import { saveOrganizationSettings, updateInstanceSettings } from '@latchkey/store';
import {
  type BrowserAgent,
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  leftFor,
  pageOf,
  type SeededUser,
  seedApplication,
  seedOrganization,
  seedUser,
  setState,
} from '@latchkey/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { beginFlow, call, countRows, discover, engines, redeem } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const person = { givenName: 'Mary', familyName: 'Somerville', password: 'connexion-of-the-sciences' };

async function setRegistration(world: ShopWorld, isSelfRegistrationEnabled: boolean): Promise<void> {
  const { server } = world;
  await changeAsOperator(server, (change) => updateInstanceSettings(change, { isSelfRegistrationEnabled }));
  const status = async () => (await server.fetch('/login/register')).status;
  await vi.waitFor(async () => expect(await status()).toBe(isSelfRegistrationEnabled ? 302 : 404));
}

describe.each(engines)('self-registration on $engine', ({ engine }) => {
  let world: ShopWorld;
  let agent: BrowserAgent;
  let names = 0;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    await setRegistration(world, true);
  });
  afterAll(() => world?.stop());
  beforeEach(() => {
    agent = createBrowserAgent(world.server);
  });

  function freshName(): string {
    names += 1;
    return `Mary.${names}@Example.com`;
  }

  async function begin(params: Readonly<Record<string, string>> = {}) {
    const flow = await beginFlow(world.server, world.spa, params);
    const page = pageOf(await agent.open(flow.url));
    return { flow, page: page.name === 'register' ? page : pageOf(await agent.click(page, 'register')) };
  }

  async function userCalled(loginName: string) {
    return await world.server.store.db
      .selectFrom('users')
      .selectAll()
      .where('loginName', '=', loginName)
      .executeTakeFirst();
  }

  function problemsOf(page: HtmlPage): readonly string[] {
    return [...page.html.matchAll(/id="([a-zA-Z]+)-problem"/g)].map(([, field = '']) => field);
  }

  test('who makes an account goes on to the application, signed in, with an unverified address', async () => {
    const { server, spa } = world;
    const { flow, page } = await begin();
    const loginName = freshName();
    const { url } = leftFor(await agent.submit(page, { ...person, loginName }));
    const tokens = await redeem(await discover(server, spa), { flow, callback: url });
    const user = await userCalled(loginName);
    expect(tokens.claims()?.sub).toBe(user?.id);
    expect(user).toMatchObject({
      kind: 'human',
      organizationId: server.organizationId,
      displayName: 'Mary Somerville',
      email: loginName,
      isEmailVerified: false,
      loginNameCanonical: loginName.toLowerCase(),
      preferredLanguage: 'en',
    });
    const { body } = await call(server, '/oidc/v1/userinfo', {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(body).toMatchObject({ given_name: 'Mary', email: loginName, email_verified: false });
    const known = createBrowserAgent(server);
    const again = await beginFlow(server, spa);
    const { password } = person;
    leftFor(await completeSignIn(known, await known.open(again.url), { loginName, password }));
  });

  test('Prompt Create 1.0 §4.1: prompt=create begins with the registration, also for who is signed in', async () => {
    const { page } = await begin({ prompt: 'create', login_hint: 'mary@example.org' });
    expect(page.name).toBe('register');
    expect(page.forms[0]?.fields.loginName).toBe('mary@example.org');
    const first = await userIdAfter(page);
    const { page: second } = await begin({ prompt: 'create' });
    expect(second.name).toBe('register');
    expect(await userIdAfter(second)).not.toBe(first);
  });

  async function userIdAfter(page: HtmlPage): Promise<string | undefined> {
    const loginName = freshName();
    leftFor(await agent.submit(page, { ...person, loginName }));
    return (await userCalled(loginName))?.id;
  }

  test('every field is judged, said beside it, and what was typed stays but the password', async () => {
    const { page } = await begin();
    const { events } = await countRows(world.server);
    const empty = pageOf(
      await agent.submit(page, { givenName: '', familyName: ' ', loginName: '', password: '' }),
    );
    expect([empty.name, empty.status]).toEqual(['register', 400]);
    expect(problemsOf(empty)).toEqual(['givenName', 'familyName', 'loginName', 'password']);
    const odd = { ...person, loginName: 'not an address', password: 'somerville-mary' };
    const again = pageOf(await agent.submit(empty, odd));
    expect(problemsOf(again)).toEqual(['loginName', 'password']);
    expect(again.forms[0]?.fields).toMatchObject({
      givenName: 'Mary',
      loginName: 'not an address',
      password: '',
    });
    expect(again.html).not.toContain(odd.password);
    expect(await countRows(world.server)).toMatchObject({ events });
  });

  test.each(['short', 'passwordpassword', 'qwertyuiopasdfgh', 'latchkey under test'])(
    'NIST SP 800-63B-4 §3.1.1.2: a password that is guessed first is refused (%s)',
    async (password) => {
      const { page } = await begin();
      const loginName = freshName();
      const refused = pageOf(await agent.submit(page, { ...person, loginName, password }));
      expect([refused.status, ...problemsOf(refused)]).toEqual([400, 'password']);
      expect(await userCalled(loginName)).toBeUndefined();
    },
  );

  test('a login name has one owner, however it is spelled, and so has a verified address', async () => {
    const { server } = world;
    const ada = await seedUser(server);
    const verified = `verified-${ada.id}@example.com`;
    await seedUser(server, { email: verified, emailCanonical: verified });
    for (const loginName of [ada.loginName.toUpperCase(), verified]) {
      const { page } = await begin();
      const refused = pageOf(await agent.submit(page, { ...person, loginName }));
      expect([refused.status, ...problemsOf(refused)]).toEqual([409, 'loginName']);
      expect(refused.textOf('loginName-problem')).toContain('There is an account with this address already.');
    }
  });

  test('of several who want the same name at once one gets it, and no answer is an error', async () => {
    const loginName = freshName();
    const agents = Array.from({ length: 4 }, () => createBrowserAgent(world.server));
    const stops = await Promise.all(
      agents.map(async (each) => {
        const flow = await beginFlow(world.server, world.spa);
        const page = pageOf(await each.click(pageOf(await each.open(flow.url)), 'register'));
        return await each.submit(page, { ...person, loginName });
      }),
    );
    expect(stops.filter((stop) => stop.kind === 'left')).toHaveLength(1);
    const statuses = stops.map((stop) => (stop.kind === 'page' ? stop.page.status : 0));
    expect(statuses.sort()).toEqual([0, 409, 409, 409]);
  });

  async function allowRegistration(organizationId: string): Promise<void> {
    await changeAsOperator(world.server, (change) =>
      saveOrganizationSettings(change, {
        organizationId,
        groups: { login: { allowRegistration: true } },
        difference: { from: {}, to: {} },
      }),
    );
  }

  async function opened(scope: string, prompt?: string): Promise<HtmlPage> {
    const params = { scope, ...(prompt === undefined ? {} : { prompt }) };
    const { url } = await beginFlow(world.server, world.spa, params);
    return pageOf(await agent.open(url));
  }

  test('ZITADEL dialect: an organization named by a scope takes people in only when it allows registration itself', async () => {
    const { server } = world;
    const organization = await seedOrganization(server);
    const scopes = [
      `openid urn:zitadel:iam:org:id:${organization.id}`,
      `openid urn:zitadel:iam:org:domain:primary:${organization.primaryDomain}`,
    ];
    const before = await countRows(server);
    for (const scope of scopes) {
      const refused = await opened(scope, 'create');
      expect([refused.status, refused.textOf('error-code')]).toEqual([404, 'not-found']);
      expect((await opened(scope)).html).not.toContain('/login/register');
    }
    expect(await countRows(server)).toEqual(before);
    await allowRegistration(organization.id);
    for (const scope of scopes) {
      const loginName = freshName();
      const page = await vi.waitUntil(async () => {
        const found = await opened(scope, 'create');
        return found.name === 'register' && found;
      });
      leftFor(await agent.submit(page, { ...person, loginName }));
      expect((await userCalled(loginName))?.organizationId).toBe(organization.id);
    }
  });

  test('an organization that closes registration, or is deactivated, takes nobody in who has the page already', async () => {
    const { server } = world;
    const { id } = await seedOrganization(server);
    await allowRegistration(id);
    const page = await opened(`openid urn:zitadel:iam:org:id:${id}`, 'create');
    await setState(server, 'organization', id, 'inactive');
    const loginName = freshName();
    const refused = pageOf(await agent.submit(page, { ...person, loginName }));
    expect([refused.status, refused.textOf('error-code')]).toEqual([400, 'request-invalid']);
    expect(await userCalled(loginName)).toBeUndefined();
  });

  test('nobody registers an address in a domain that another organization has verified', async () => {
    const { primaryDomain } = await seedOrganization(world.server);
    const { page } = await begin();
    for (const loginName of [`mary@${primaryDomain}`, `Mary@${primaryDomain.toUpperCase()}`]) {
      const refused = pageOf(await agent.submit(page, { ...person, loginName }));
      expect([refused.status, problemsOf(refused)]).toEqual([409, ['loginName']]);
      expect(await userCalled(loginName)).toBeUndefined();
    }
  });

  test('an application of somebody else still asks for consent', async () => {
    const partner = await seedApplication(world.server, world.shop, { type: 'web', isThirdParty: true });
    const flow = await beginFlow(world.server, partner, { prompt: 'create' });
    const page = pageOf(await agent.open(flow.url));
    const next = pageOf(await agent.submit(page, { ...person, loginName: freshName() }));
    expect(next.name).toBe('consent');
    leftFor(await agent.submit(next, {}, { buttonId: 'submit' }));
  });

  test('the registration is left for the sign-in, and found from it; by itself it ends with who is signed in', async () => {
    const { page } = await begin();
    const signIn = pageOf(await agent.click(page, 'sign-in'));
    expect(signIn.name).toBe('login-name');
    expect(pageOf(await agent.click(signIn, 'register')).name).toBe('register');
    const alone = pageOf(await agent.open(`${world.server.issuer}/login/register`));
    const end = pageOf(await agent.submit(alone, { ...person, loginName: freshName() }));
    expect([end.name, end.status]).toEqual(['signed-in', 200]);
  });

  test('a form from elsewhere makes no account', async () => {
    const { page } = await begin();
    const loginName = freshName();
    const answer = await world.server.fetch('/login/register', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: agent.cookies.header(),
        origin: 'https://elsewhere.example',
      },
      body: new URLSearchParams({ ...page.forms[0]?.fields, ...person, loginName }),
    });
    expect(answer.status).toBe(403);
    expect(await userCalled(loginName)).toBeUndefined();
  });
});

describe.each(engines)('limits of self-registration on $engine', ({ engine }) => {
  let world: ShopWorld;
  let ada: SeededUser;
  beforeAll(async () => {
    world = await startShopWorld(engine, {
      registrationLimits: [
        { perMinute: 3, burst: 3 },
        { perMinute: 1, burst: 5 },
      ],
    });
    ada = await seedUser(world.server);
  });
  afterAll(() => world?.stop());

  test('by default nobody makes an account: no page, no link, and prompt=create is refused', async () => {
    const { server, spa } = world;
    const agent = createBrowserAgent(server);
    const page = pageOf(await agent.open((await beginFlow(server, spa)).url));
    expect(page.links).not.toHaveProperty('register');
    for (const init of [{}, { method: 'POST' } as const]) {
      const answer = await server.fetch('/login/register', init);
      expect(answer.status).toBe(404);
    }
    const flow = await beginFlow(server, spa, { prompt: 'create' });
    expect(leftFor(await agent.open(flow.url)).url.searchParams.get('error')).toBe('invalid_request');
  });

  test('how often one address may ask whether a name is taken is limited, by the minute and by the hour', async () => {
    const { server, spa } = world;
    await setRegistration(world, true);
    server.clock.pause();
    const agent = createBrowserAgent(server);
    const flow = await beginFlow(server, spa);
    const page = pageOf(await agent.click(pageOf(await agent.open(flow.url)), 'register'));
    const ask = async () => {
      const answer = pageOf(await agent.submit(page, { ...person, loginName: ada.loginName }));
      return [answer.status, answer.headers.get('retry-after')];
    };
    const tries = async (count: number) => {
      const answers: unknown[] = [];
      for (let index = 0; index < count; index += 1) answers.push(await ask());
      return answers;
    };
    const isTaken = [409, null];
    expect(await tries(4)).toEqual([isTaken, isTaken, isTaken, [429, '20']]);
    server.clock.advance(40_000);
    expect(await tries(3)).toEqual([isTaken, isTaken, [429, '20']]);
    server.clock.advance(20_000);
    expect(await tries(2)).toEqual([isTaken, [429, '60']]);
    server.clock.resume();
  });
});
