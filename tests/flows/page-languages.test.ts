import { createBrowserAgent, type HtmlPage, leftFor, pageOf } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, engines, signIn } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('languages of pages outside a sign-in, on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  async function inGerman(path: string): Promise<readonly [HtmlPage, HtmlPage]> {
    const agent = createBrowserAgent(world.server);
    const english = pageOf(await agent.open(`${world.server.issuer}${path}`));
    expect(english.language).toBe('en');
    return [english, pageOf(await agent.click(english, 'language-de'))];
  }

  test.each([
    ['/nothing-here', 'not-found'],
    ['/login?request=not-ours', 'request-expired'],
    ['/oauth/v2/authorize?client_id=1&client_id=2', 'request-invalid'],
    ['/oauth/v2/authorize?client_id=%22%3E%3Cscript%3E', 'client-unknown'],
    ['/oidc/v1/end_session?state=1&state=2', 'request-invalid'],
  ])('an error page is the same in another language, and back (%s)', async (path, code) => {
    const [english, german] = await inGerman(path);
    expect(english.textOf('error-code')).toBe(code);
    expect([german.language, german.status, german.textOf('error-code')]).toEqual([
      'de',
      english.status,
      code,
    ]);
    const agent = createBrowserAgent(world.server);
    const back = pageOf(await agent.click(german, 'language-en'));
    expect([back.language, back.status]).toEqual(['en', english.status]);
    expect(back.url.search.match(/ui_locales=/g)).toHaveLength(1);
  });

  test('OpenID Connect RP-Initiated Logout §2: the sign-out pages have other languages too', async () => {
    const { server, spa, ada } = world;
    const { agent } = await signIn(server, spa, ada);
    const ask = pageOf(await agent.open(`${server.issuer}/oidc/v1/end_session`));
    const german = pageOf(await agent.click(ask, 'language-de'));
    expect([german.name, german.language]).toEqual(['sign-out-confirm', 'de']);
    const asked = pageOf(await agent.open(`${server.issuer}/oidc/v1/end_session?ui_locales=de`));
    expect(asked.language).toBe('de');
    expect(pageOf(await agent.click(asked, 'language-en')).language).toBe('en');
    const done = pageOf(await agent.submit(german, {}, { buttonId: 'submit' }));
    expect(done.name).toBe('signed-out');
    const other = done.language === 'de' ? 'en' : 'de';
    expect(pageOf(await agent.click(done, `language-${other}`)).language).toBe(other);
  });

  test('OpenID Connect Core §3.1.2.1: ui_locales chooses the language of an error page as well', async () => {
    const { server, spa } = world;
    const agent = createBrowserAgent(server);
    const redirect_uri = 'https://elsewhere.example/callback';
    const flow = await beginFlow(server, spa, { ui_locales: 'fr de', redirect_uri });
    const page = pageOf(await agent.open(flow.url));
    expect([page.textOf('error-code'), page.language]).toEqual(['redirect-uri-mismatch', 'de']);
  });

  test('a form that was refused is not sent again by a link', async () => {
    const { server, spa, ada } = world;
    const agent = createBrowserAgent(server);
    const page = pageOf(await agent.open((await beginFlow(server, spa)).url));
    const answer = await server.fetch('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://elsewhere.example' },
      body: new URLSearchParams({ ...page.forms[0]?.fields, loginName: ada.loginName }),
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain('hreflang');
    const password = pageOf(await agent.submit(page, { loginName: ada.loginName }));
    leftFor(await agent.submit(password, { password: ada.password }));
  });
});
