import { createPrivateKey, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BrowserAgent,
  completeSignIn,
  createBrowserAgent,
  createCookieJar,
  leftFor,
  type SeededApplication,
  seedApplication,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSender } from '../../packages/testkit/src/send-request.ts';
import { introspect } from '../flows/flow-world.ts';
import { type ShopWorld, startShopWorld } from '../flows/shop-world.ts';
import { type Apache, prepareApache, startApache } from './apache.ts';

/** A browser that uses the site behind Apache, and our pages when Apache sends it there. */
interface Visitor {
  readonly agent: BrowserAgent;
  /** Asks Apache for a page, with the cookies it has set. */
  readonly visit: (path: string, form?: Readonly<Record<string, string>>) => Promise<Response>;
}

interface Site {
  readonly apache: Apache;
  readonly app: SeededApplication;
}

const scope = 'openid profile email offline_access';

let world: ShopWorld;
let site: Site | undefined;
beforeAll(async () => {
  world = await startShopWorld('pglite');
});
afterAll(() => world?.stop());

/** Starts Apache as a relying party of an application registered for it. */
async function startSite(
  authMethod: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt',
  more: readonly string[] = [],
): Promise<Site> {
  const { server, shop, api } = world;
  const place = await prepareApache();
  const origin = `http://localhost:${place.port}`;
  const redirectUri = `${origin}/protected/callback`;
  const app = await seedApplication(server, shop, {
    type: 'web',
    authMethod,
    redirectUris: [redirectUri],
    postLogoutRedirectUris: [`${origin}/open.shtml`],
  });
  const keyFile = join(place.folder, 'client-key.pem');
  if (app.keyFile !== undefined) {
    // The module of Debian 12 falls over without the public half, and reads PKCS#8.
    const key = createPrivateKey(app.keyFile.key);
    writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(`${keyFile}.pub`, createPublicKey(key).export({ type: 'spki', format: 'pem' }));
  }
  const credential =
    app.keyFile === undefined
      ? [`OIDCClientSecret ${app.clientSecret}`]
      : [
          `OIDCPrivateKeyFiles ${app.keyFile.keyId}#${keyFile}`,
          `OIDCPublicKeyFiles ${app.keyFile.keyId}#${keyFile}.pub`,
        ];
  const apache = await startApache(place, [
    `OIDCProviderMetadataURL ${server.issuer}/.well-known/openid-configuration`,
    `OIDCClientID ${app.clientId}`,
    ...credential,
    `OIDCProviderTokenEndpointAuth ${authMethod}`,
    `OIDCRedirectURI ${redirectUri}`,
    'OIDCCryptoPassphrase a-passphrase-of-the-test',
    `OIDCScope "${scope}"`,
    'OIDCPKCEMethod S256',
    'OIDCPassClaimsAs environment',
    'OIDCPassRefreshToken On',
    'OIDCInfoHook access_token id_token userinfo remote_user',
    `OIDCOAuthServerMetadataURL ${server.issuer}/.well-known/oauth-authorization-server`,
    'OIDCOAuthIntrospectionEndpointAuth client_secret_basic',
    `OIDCOAuthClientID ${api.clientId}`,
    `OIDCOAuthClientSecret ${api.clientSecret}`,
    'OIDCOAuthRemoteUserClaim sub',
    'OIDCOAuthTokenIntrospectionInterval 0',
    ...more,
    '<Location /protected>',
    '  AuthType openid-connect',
    '  Require valid-user',
    '</Location>',
    '<Location /api>',
    '  AuthType oauth20',
    '  Require claim email_verified:true',
    '</Location>',
  ]);
  site = { apache, app };
  return site;
}

async function stopSite(): Promise<void> {
  const log = site?.apache.log() ?? '';
  await site?.apache.stop();
  site = undefined;
  expect(log).not.toMatch(/\[[a-z_]*:(crit|alert|emerg)\]/);
}

function createVisitor({ apache }: Site): Visitor {
  const jar = createCookieJar();
  const { host, port } = new URL(apache.origin);
  // Not fetch: it says that it is a script, and the module answers 401 to scripts in place of sending them away.
  const { send } = createSender(Number(port));
  return {
    agent: createBrowserAgent(world.server),
    visit: async (address, form) => {
      const { pathname, search } = new URL(address, apache.origin);
      const response = await send(pathname + search, {
        headers: { host, accept: 'text/html', 'user-agent': 'peer test', cookie: jar.header() },
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      });
      jar.store(response.headers);
      return response;
    },
  };
}

function locationOf(response: Response): string {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`${response.status} without a Location`);
  return location;
}

/** The environment of a request as the protected page shows it. */
async function environmentOf(response: Response): Promise<Readonly<Record<string, string>>> {
  const text = await response.text();
  expect(response.status, `${text.slice(0, 500)}\n${site?.apache.log().slice(-3000)}`).toBe(200);
  const lines = text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').split('\n');
  return Object.fromEntries(lines.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1, 3) ?? ['', '']));
}

/** Opens the protected page, signs in where it leads, and resolves to the environment of the page then shown. */
async function enter({ agent, visit }: Visitor): Promise<Readonly<Record<string, string>>> {
  const begun = locationOf(await visit('/protected/page.shtml'));
  const { url, method, fields } = leftFor(await completeSignIn(agent, await agent.open(begun), world.ada));
  const back = await visit(url.pathname + url.search, method === 'POST' ? fields : undefined);
  return await environmentOf(await visit(locationOf(back)));
}

describe('mod_auth_openidc of Debian, unmodified, by client_secret_basic and PKCE', () => {
  beforeAll(async () => {
    await startSite('client_secret_basic');
  });
  afterAll(stopSite);

  function theSite(): Site {
    if (site === undefined) throw new Error('Apache does not run.');
    return site;
  }

  test('OpenID Connect Core §3.1: it signs a person in and passes ID token and userinfo claims on', async () => {
    const { server, ada } = world;
    const visitor = createVisitor(theSite());
    const begun = new URL(locationOf(await visitor.visit('/protected/page.shtml')));
    expect(begun.origin).toBe(server.issuer);
    expect(begun.searchParams.get('code_challenge_method')).toBe('S256');
    expect(await enter(visitor)).toMatchObject({
      REMOTE_USER: `${ada.id}@${server.issuer}`,
      OIDC_CLAIM_sub: ada.id,
      OIDC_CLAIM_iss: server.issuer,
      OIDC_CLAIM_aud: theSite().app.clientId,
      OIDC_CLAIM_email: ada.loginName,
      OIDC_CLAIM_name: 'Ada Lovelace',
      OIDC_CLAIM_given_name: 'Ada',
      OIDC_CLAIM_preferred_username: ada.loginName,
    });
  });

  test('RFC 7662 §2: as a resource server it introspects the token it got, and refuses one that says nothing', async () => {
    const { apache } = theSite();
    const environment = await enter(createVisitor(theSite()));
    const ask = (token: string): Promise<Response> =>
      fetch(`${apache.origin}/api/page.shtml`, { headers: { authorization: `Bearer ${token}` } });
    const answer = await ask(environment.OIDC_access_token ?? '');
    expect((await environmentOf(answer)).REMOTE_USER).toBe(world.ada.id);
    expect((await ask('lk_at_nonsense')).status).toBe(401);
  });

  test('RFC 6749 §6: its refresh hook gets new tokens, and the old refresh token is spent', async () => {
    const { server, api } = world;
    const { apache } = theSite();
    const visitor = createVisitor(theSite());
    const first = await enter(visitor);
    const query = new URLSearchParams({
      refresh: `${apache.origin}/protected/page.shtml`,
      access_token: first.OIDC_access_token ?? '',
    });
    const back = locationOf(await visitor.visit(`/protected/callback?${query}`));
    expect(back).toBe(`${apache.origin}/protected/page.shtml`);
    const second = await environmentOf(await visitor.visit('/protected/page.shtml'));
    expect(second.OIDC_refresh_token).toMatch(/^lk_rt_/);
    expect(second.OIDC_refresh_token).not.toBe(first.OIDC_refresh_token);
    expect(await introspect(server, api, second.OIDC_access_token ?? '')).toMatchObject({ active: true });
  });

  test('RP-Initiated Logout 1.0 §2: its logout ends the session here, its tokens die, and it asks to sign in again', async () => {
    const { server, api } = world;
    const { apache } = theSite();
    const visitor = createVisitor(theSite());
    const environment = await enter(visitor);
    const accessToken = environment.OIDC_access_token ?? '';
    expect(await introspect(server, api, accessToken)).toMatchObject({ active: true });
    const goodbye = `${apache.origin}/open.shtml`;
    const away = new URL(
      locationOf(await visitor.visit(`/protected/callback?logout=${encodeURIComponent(goodbye)}`)),
    );
    expect(away.origin + away.pathname).toBe(`${server.issuer}/oidc/v1/end_session`);
    expect(leftFor(await visitor.agent.open(away)).url.href).toBe(goodbye);
    expect(await introspect(server, api, accessToken)).toEqual({ active: false });
    expect((await visitor.visit('/protected/page.shtml')).status).toBe(302);
  });

  test('RFC 6749 §10.12: it refuses a callback whose state another browser began', async () => {
    const victim = createVisitor(theSite());
    const attacker = createVisitor(theSite());
    const begun = locationOf(await attacker.visit('/protected/page.shtml'));
    const { url } = leftFor(
      await completeSignIn(attacker.agent, await attacker.agent.open(begun), world.ada),
    );
    const answer = await victim.visit(url.pathname + url.search);
    expect([answer.status, answer.headers.get('location')]).not.toEqual([
      302,
      `${theSite().apache.origin}/protected/page.shtml`,
    ]);
    expect((await victim.visit('/protected/page.shtml')).headers.get('location')).toContain(
      world.server.issuer,
    );
  });
});

test.each([
  ['private_key_jwt', []],
  ['client_secret_post', ['OIDCResponseMode form_post']],
] as const)('OpenID Connect Core §9: mod_auth_openidc signs in by %s %j', async (authMethod, more) => {
  const visitor = createVisitor(await startSite(authMethod, more));
  try {
    const environment = await enter(visitor);
    expect(environment.OIDC_CLAIM_email).toBe(world.ada.loginName);
  } finally {
    await stopSite();
  }
});
