import {
  type BrowserAgent,
  createBrowserAgent,
  type HtmlPage,
  leftFor,
  pageOf,
  type SeededApplication,
  seedApplication,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, engines, introspect, payloadOf, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const endpoint = '/oidc/v1/end_session';
const goodbye = 'https://spa.example.com/goodbye';

describe.each(engines)('front-channel logout on $engine', ({ engine }) => {
  let world: ShopWorld;
  let app: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    app = await seedListener('https://spa.example.com/out?app=1');
  });
  afterAll(() => world?.stop());

  function seedListener(frontchannelLogoutUri: string): Promise<SeededApplication> {
    return seedApplication(world.server, world.shop, {
      type: 'user_agent',
      postLogoutRedirectUris: [goodbye],
      frontchannelLogoutUri,
    });
  }

  function framesOf(page: HtmlPage): readonly URL[] {
    const sources = [...page.html.matchAll(/<iframe src="([^"]*)"/g)].map(([, source = '']) => source);
    return sources.map((source) => new URL(source.replaceAll('&amp;', '&')));
  }

  function policyOf(page: HtmlPage): readonly string[] {
    return (page.headers.get('content-security-policy') ?? '').split('; ');
  }

  async function signOut(agent: BrowserAgent, params: Readonly<Record<string, string>>): Promise<HtmlPage> {
    return pageOf(await agent.open(`${endpoint}?${new URLSearchParams(params)}`));
  }

  test('Front-Channel Logout §3: the page loads the registered address with iss and sid and goes on to the post-logout address', async () => {
    const { server, api, ada } = world;
    const { signedIn, idToken, accessToken } = await tokensFor(server, app, ada);
    const hinted = { id_token_hint: idToken, post_logout_redirect_uri: goodbye, state: 'a b' };
    const page = await signOut(signedIn.agent, hinted);
    expect([page.name, page.status]).toEqual(['frontchannel-logout', 200]);
    const [frame, ...others] = framesOf(page);
    expect(others).toEqual([]);
    expect(frame?.origin).toBe('https://spa.example.com');
    expect(frame?.pathname).toBe('/out');
    expect([...(frame?.searchParams ?? [])]).toEqual([
      ['app', '1'],
      ['iss', server.issuer],
      ['sid', payloadOf(idToken).sid],
    ]);
    expect(page.links.continue).toBe(`${goodbye}?state=a+b`);
    expect(page.html).toContain(`<meta http-equiv="refresh" content="4;url=${goodbye}?state=a+b"`);
    expect(await introspect(server, api, accessToken)).toEqual({ active: false });
    expect(signedIn.agent.cookies.names()).toEqual(['latchkey_browser', 'latchkey_known']);
    const silent = leftFor(await signedIn.agent.open((await beginFlow(server, app, { prompt: 'none' })).url));
    expect(silent.url.searchParams.get('error')).toBe('login_required');
  });

  test('the page may frame exactly the origins it names, and only it may frame anything', async () => {
    const { server, ada } = world;
    const second = await seedListener('https://shop.example.com:8443/out');
    const { signedIn, idToken } = await tokensFor(server, app, ada);
    leftFor(await signedIn.agent.open((await beginFlow(server, second)).url));
    const page = await signOut(signedIn.agent, { id_token_hint: idToken });
    expect(framesOf(page).map(({ origin }) => origin)).toEqual([
      'https://shop.example.com:8443',
      'https://spa.example.com',
    ]);
    expect(policyOf(page)).toContain('frame-src https://shop.example.com:8443 https://spa.example.com');
    expect(policyOf(page)).toContain("frame-ancestors 'none'");
    expect(page.links.continue).toBe(`${server.issuer}/logout/done`);
    const confirm = pageOf(await createBrowserAgent(server).open('/logout'));
    expect(policyOf(confirm).filter((part) => part.startsWith('frame-src'))).toEqual([]);
  });

  test('somebody who signs out by the form has the applications told too', async () => {
    const { server, ada } = world;
    const { signedIn } = await tokensFor(server, app, ada);
    const confirm = pageOf(await signedIn.agent.open('/logout'));
    const page = pageOf(await signedIn.agent.submit(confirm, {}, { buttonId: 'submit' }));
    expect(page.name).toBe('frontchannel-logout');
    expect(framesOf(page)).toHaveLength(1);
    expect(pageOf(await signedIn.agent.click(page, 'continue')).name).toBe('signed-out');
  });

  test('an application that wants nothing of it changes nothing: straight back, no page', async () => {
    const { server, spa, ada } = world;
    const { signedIn, idToken } = await tokensFor(server, spa, ada);
    const page = await signOut(signedIn.agent, { id_token_hint: idToken });
    expect(page.name).toBe('signed-out');
  });

  test('ui_locales chooses the language of every page on the way out', async () => {
    const { server, ada } = world;
    const first = await tokensFor(server, app, ada);
    const page = await signOut(first.signedIn.agent, { id_token_hint: first.idToken, ui_locales: 'fr de' });
    expect([page.name, page.language]).toEqual(['frontchannel-logout', 'de']);
    expect(pageOf(await first.signedIn.agent.click(page, 'continue')).language).toBe('de');
    const second = await tokensFor(server, app, ada);
    const confirm = await signOut(second.signedIn.agent, { ui_locales: 'de' });
    expect([confirm.name, confirm.language]).toEqual(['sign-out-confirm', 'de']);
    const sent = pageOf(await second.signedIn.agent.submit(confirm, {}, { buttonId: 'submit' }));
    expect(sent.language).toBe('de');
  });
});
