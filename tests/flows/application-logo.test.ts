import {
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  pageOf,
  seedApplication,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe('the logo of an application', () => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld('pglite');
  });
  afterAll(() => world?.stop());

  type Settings = Omit<Parameters<typeof seedApplication>[2], 'type'>;

  async function pagesOf(settings: Settings): Promise<readonly HtmlPage[]> {
    const { server, shop, ada } = world;
    const application = await seedApplication(server, shop, { type: 'web', isThirdParty: true, ...settings });
    const agent = createBrowserAgent(server);
    const name = pageOf(await agent.open((await beginFlow(server, application)).url));
    const password = pageOf(await agent.submit(name, { loginName: ada.loginName }));
    const consent = pageOf(await completeSignIn(agent, { kind: 'page', page: password }, ada));
    expect(consent.name).toBe('consent');
    return [name, password, consent];
  }

  const pictureOf = (page: HtmlPage) => /<img[^>]*id="application-logo"[^>]*>/.exec(page.html)?.[0];
  const imagesOf = (page: HtmlPage) =>
    /img-src ([^;]*)/.exec(page.headers.get('content-security-policy') ?? '')?.[1];

  test('OpenID Connect Registration §2: it is a picture of a fixed size, from its one origin, without referrer', async () => {
    for (const page of await pagesOf({ logoUri: 'https://cdn.partner.example/logo.svg' })) {
      const picture = pictureOf(page) ?? '';
      expect(picture, page.name).toContain('src="https://cdn.partner.example/logo.svg"');
      for (const attribute of [' alt ', 'referrerpolicy="no-referrer"']) expect(picture).toContain(attribute);
      expect(imagesOf(page)).toBe("'self' data: https://cdn.partner.example");
    }
  });

  test.each(['http://cdn.partner.example/logo.svg', 'javascript:alert(1)', 'data:image/png;base64,AAAA'])(
    'it is https alone (%s)',
    async (logoUri) => {
      for (const page of await pagesOf({ logoUri })) {
        expect(pictureOf(page)).toBeUndefined();
        expect(imagesOf(page)).toBe("'self' data:");
      }
    },
  );

  test('RFC 7591 §5: an application that registered itself shows one of a host its redirect URIs lead to, and no other', async () => {
    const itself = {
      redirectUris: ['https://tool.example/callback'],
      registrationTokenSha256: 'f'.repeat(64),
    };
    const own = await pagesOf({ ...itself, logoUri: 'https://tool.example/logo.png' });
    for (const page of own) expect(pictureOf(page)).toContain('https://tool.example/logo.png');
    const other = { ...itself, registrationTokenSha256: 'e'.repeat(64) };
    for (const page of await pagesOf({ ...other, logoUri: 'https://bank.example/logo.png' })) {
      expect(pictureOf(page)).toBeUndefined();
      expect(page.html).not.toContain('bank.example');
      expect(imagesOf(page)).toBe("'self' data:");
    }
  });
});
