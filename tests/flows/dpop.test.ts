import { createPrivateKey, randomUUID } from 'node:crypto';
import { updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  seedApplication,
  seedMachine,
  type TestServer,
} from '@latchkey/testkit';
import { SignJWT } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProofKey, type ProofChange, proofFor } from './dpop-proof.ts';
import {
  basicOf,
  call,
  countRows,
  discover,
  engines,
  introspect,
  payloadOf,
  redeem,
  signIn,
} from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const tokenPath = '/oauth/v2/token';
const userinfoPath = '/oidc/v1/userinfo';

/** Ways to break a proof at any endpoint; each word is in the answer. */
const brokenProofs: readonly (readonly [string, ProofChange, string])[] = [
  ['without typ', { header: { typ: undefined } }, 'typ'],
  ['of another typ', { header: { typ: 'JWT' } }, 'typ'],
  ['without alg', { header: { alg: undefined } }, 'signed JWT'],
  ['with alg none', { header: { alg: 'none' } }, 'alg'],
  ['without signature', { signature: 'none' }, 'signed JWT'],
  ['with another alg than the key', { header: { alg: 'ES384' } }, 'signature'],
  ['with a wrong signature', { signature: 'bad' }, 'signature'],
  ['without jwk', { header: { jwk: undefined } }, 'public key'],
  [
    'with a point that is on no curve',
    { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } } },
    'key',
  ],
  ['without jti', { claims: { jti: undefined } }, 'jti'],
  ['without htm', { claims: { htm: undefined } }, 'htm'],
  ['of another htm', { claims: { htm: 'PUT' } }, 'htm'],
  ['without htu', { claims: { htu: undefined } }, 'htu'],
  ['of another htu', { claims: { htu: 'https://other.example/' } }, 'htu'],
  ['without iat', { claims: { iat: undefined } }, 'iat'],
  ['an hour old', { claims: { iat: Math.floor(Date.now() / 1000) - 3600 } }, 'iat'],
  ['an hour ahead', { claims: { iat: Math.floor(Date.now() / 1000) + 3600 } }, 'iat'],
];

describe.each(engines)('DPoP on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  const key = createProofKey();
  const other = createProofKey();

  function tokenProof(change: ProofChange = {}, by = key): string {
    return proofFor(world.server, by, { method: 'POST', path: tokenPath }, change);
  }

  function askToken(dpop: string | undefined, server: TestServer = world.server, robot = world.robot) {
    const form = { grant_type: 'client_credentials', scope: `openid ${audienceScope(world.shop)}` };
    const headers = { ...basicOf(robot), ...(dpop === undefined ? {} : { dpop }) };
    return call(server, tokenPath, { form, headers });
  }

  async function boundToken(): Promise<string> {
    const { status, body } = await askToken(tokenProof());
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    return String(body.access_token);
  }

  function userinfoProof(accessToken: string, change: ProofChange = {}, by = key): string {
    return proofFor(world.server, by, { method: 'GET', path: userinfoPath, accessToken }, change);
  }

  function askUserinfo(accessToken: string, dpop: string | undefined, scheme = 'DPoP') {
    const headers = { authorization: `${scheme} ${accessToken}`, ...(dpop === undefined ? {} : { dpop }) };
    return call(world.server, userinfoPath, { headers });
  }

  test('RFC 9449 §5, §7: openid-client gets a bound token, uses it, and refreshes it', async () => {
    const { server, spa, ada, api } = world;
    const config = await discover(server, spa);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const signedIn = await signIn(server, spa, ada, { params: { scope: 'openid email offline_access' } });
    const tokens = await client.authorizationCodeGrant(
      config,
      signedIn.callback,
      {
        pkceCodeVerifier: signedIn.flow.verifier,
        expectedState: signedIn.flow.state,
        expectedNonce: signedIn.flow.nonce,
      },
      undefined,
      { DPoP },
    );
    expect(tokens.token_type).toBe('dpop');
    const info = await client.fetchUserInfo(config, tokens.access_token, ada.id, { DPoP });
    expect(info).toMatchObject({ sub: ada.id, email: ada.loginName });
    expect(await introspect(server, api, tokens.access_token)).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: await DPoP.calculateThumbprint() },
    });
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
    expect(refreshed.token_type).toBe('dpop');
    const refresh = (dpop: Readonly<Record<string, string>>) =>
      call(server, tokenPath, {
        form: {
          grant_type: 'refresh_token',
          refresh_token: refreshed.refresh_token ?? '',
          client_id: spa.clientId,
        },
        headers: dpop,
      });
    for (const headers of [{}, { dpop: tokenProof({}, other) }])
      expect(await refresh(headers)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    await client.refreshTokenGrant(config, refreshed.refresh_token ?? '', undefined, { DPoP });
  });

  test('RFC 9449 §10: a code asked for with dpop_jkt is redeemed by that key alone', async () => {
    const { server, spa, ada } = world;
    const config = await discover(server, spa);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const params = { dpop_jkt: await DPoP.calculateThumbprint() };
    const stolen = await signIn(server, spa, ada, { params });
    await expect(redeem(config, stolen)).rejects.toMatchObject({ error: 'invalid_grant' });
    const own = await signIn(server, spa, ada, { params });
    const checks = { pkceCodeVerifier: own.flow.verifier, expectedState: own.flow.state };
    const tokens = await client.authorizationCodeGrant(
      config,
      own.callback,
      { ...checks, expectedNonce: own.flow.nonce },
      undefined,
      { DPoP },
    );
    expect(tokens.token_type).toBe('dpop');
  });

  test.each([['ES256'], ['ES384'], ['ES512'], ['EdDSA'], ['PS256'], ['RS256']])(
    'RFC 9449 §4.3: a proof signed by %s is accepted',
    async (algorithm) => {
      const { server, robot } = world;
      const config = await client.discovery(
        new URL(server.issuer),
        robot.clientId,
        { [client.clockSkew]: Math.round(server.clock.offsetMs() / 1000) },
        client.ClientSecretPost(robot.clientSecret),
        { execute: [client.allowInsecureRequests] },
      );
      const pair = await client.randomDPoPKeyPair(algorithm);
      const DPoP = client.getDPoPHandle(config, pair);
      const tokens = await client.clientCredentialsGrant(config, { scope: 'openid' }, { DPoP });
      expect(tokens.token_type).toBe('dpop');
      const info = await client.fetchUserInfo(config, tokens.access_token, robot.id, { DPoP });
      expect(info.sub).toBe(robot.id);
    },
  );

  test.each(brokenProofs)('RFC 9449 §5: a proof %s gets no token', async (_, change, word) => {
    const answer = await askToken(tokenProof(change));
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    expect(answer.body.error_description).toContain(word);
  });

  test('RFC 9449 §4.3: several proofs, or a private key in one, get no token', async () => {
    const privateJwk = key.privateKey.export({ format: 'jwk' });
    for (const dpop of [
      `${tokenProof()}, ${tokenProof()}`,
      tokenProof({ header: { jwk: privateJwk } }),
      tokenProof({ header: { jwk: other.jwk } }),
      '',
      'x'.repeat(9000),
    ]) {
      const answer = await askToken(dpop);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    }
  });

  test('RFC 9449 §4.3: claims nobody defined and an address with a query do no harm', async () => {
    const htu = `${world.server.issuer.replace('http:', 'HTTP:').replace('localhost', 'LOCALHOST')}${tokenPath}?a=b#c`;
    expect((await askToken(tokenProof({ claims: { htu, extra: { a: 1 } } }))).status).toBe(200);
  });

  test.each([[-10], [10]])('a proof whose clock is %i seconds off gets a token', async (seconds) => {
    const iat = Math.floor(world.server.clock.now() / 1000) + seconds;
    expect((await askToken(tokenProof({ claims: { iat } }))).status).toBe(200);
  });

  test('RFC 9449 §11.1: a proof is good once, on whichever node', async () => {
    const node = await world.server.startNode();
    try {
      const proof = tokenProof();
      expect((await askToken(proof)).status).toBe(200);
      for (const server of [world.server, node]) {
        const again = await askToken(proof, server);
        expect(again).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
      }
    } finally {
      await node.close();
    }
  });

  test('a stranger’s proofs are written nowhere', async () => {
    const { server, spa } = world;
    const before = await countRows(server);
    const form = {
      grant_type: 'authorization_code',
      code: 'lk_ac_nothing',
      client_id: spa.clientId,
      redirect_uri: spa.redirectUri,
      code_verifier: 'v'.repeat(43),
    };
    const dpop = tokenProof();
    const first = await call(server, tokenPath, { form, headers: { dpop } });
    expect(first).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const second = await call(server, tokenPath, { form, headers: { dpop } });
    expect(second).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    expect(await countRows(server)).toEqual(before);
  });

  test('RFC 9449 §5.2: an application that must send proofs gets no bearer token', async () => {
    const { server, shop } = world;
    const web = await seedApplication(server, shop, { type: 'web', isDpopRequired: true });
    const form = { grant_type: 'authorization_code', code: 'any', redirect_uri: web.redirectUri };
    const refused = await call(server, tokenPath, { form, headers: basicOf(web) });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    const proven = await call(server, tokenPath, { form, headers: { ...basicOf(web), dpop: tokenProof() } });
    expect(proven.body.error).toBe('invalid_grant');
  });

  test('RFC 9449 §6.1: a bound JWT names its key in cnf', async () => {
    const robot = await seedMachine(world.server, { accessTokenType: 'jwt' });
    const { body } = await askToken(tokenProof(), world.server, robot);
    expect(payloadOf(String(body.access_token)).cnf).toEqual({ jkt: key.jkt });
  });

  test('RFC 9449 §7.1: a bound token with a good proof is accepted, the scheme in any spelling', async () => {
    const token = await boundToken();
    for (const scheme of ['DPoP', 'dpop', 'DPOP']) {
      const answer = await askUserinfo(token, userinfoProof(token), scheme);
      expect(answer).toMatchObject({ status: 200, body: { sub: world.robot.id } });
    }
    const posted = proofFor(world.server, key, { method: 'POST', path: userinfoPath, accessToken: token });
    const headers = { authorization: `DPoP ${token}`, dpop: posted };
    const answer = await call(world.server, userinfoPath, { method: 'POST', headers });
    expect(answer.status).toBe(200);
    expect(Date.parse(answer.headers.get('date') ?? '')).toBeGreaterThan(0);
  });

  const brokenAtResource = [
    ...brokenProofs,
    ['without ath', { claims: { ath: undefined } }, 'ath'],
    ['of another ath', { claims: { ath: 'A'.repeat(43) } }, 'ath'],
  ] as const;
  test.each(brokenAtResource)(
    'RFC 9449 §7.1: a bound token with a proof %s is refused',
    async (_, change) => {
      const token = await boundToken();
      const answer = await askUserinfo(token, userinfoProof(token, change));
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_dpop_proof' } });
      const challenge = answer.headers.get('www-authenticate');
      expect(challenge).toMatch(/^DPoP .*algs="ES256 .*error="invalid_dpop_proof"/);
    },
  );

  test('RFC 9449 §7.1: no proof, two proofs, a private key or a proof seen before are refused', async () => {
    const token = await boundToken();
    const used = userinfoProof(token);
    expect((await askUserinfo(token, used)).status).toBe(200);
    const privateJwk = key.privateKey.export({ format: 'jwk' });
    for (const dpop of [
      undefined,
      used,
      `${userinfoProof(token)}, ${userinfoProof(token)}`,
      userinfoProof(token, { header: { jwk: privateJwk } }),
      userinfoProof(`${token}x`),
    ]) {
      const answer = await askUserinfo(token, dpop);
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_dpop_proof' } });
    }
  });

  test('RFC 9449 §7.1: a proof by another key is refused', async () => {
    const token = await boundToken();
    const answer = await askUserinfo(token, userinfoProof(token, {}, other));
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_token"/);
  });

  test('RFC 9449 §7.2: a bound token is no bearer token', async () => {
    const token = await boundToken();
    for (const dpop of [undefined, userinfoProof(token)]) {
      const answer = await askUserinfo(token, dpop, 'Bearer');
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP /);
    }
    const inForm = await call(world.server, userinfoPath, { form: { access_token: token } });
    expect(inForm).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
  });

  test('RFC 9449 §7.1: an unbound token is none for the DPoP scheme', async () => {
    const { body } = await askToken(undefined);
    const token = String(body.access_token);
    const answer = await askUserinfo(token, userinfoProof(token));
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
  });

  test('RFC 6750 §2.3: an access token in the address is refused', async () => {
    const token = await boundToken();
    const path = `${userinfoPath}?access_token=${token}`;
    expect(await call(world.server, path)).toMatchObject({ status: 401 });
    const headers = { authorization: `DPoP ${token}`, dpop: userinfoProof(token) };
    expect(await call(world.server, path, { headers })).toMatchObject({ status: 400 });
  });

  test('scripts of other origins may send proofs', async () => {
    const preflight = await world.server.fetch(tokenPath, { method: 'OPTIONS' });
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/\bDPoP\b/);
  });

  describe('of a FAPI 2.0 application', () => {
    let fapi: SeededApplication;
    beforeAll(async () => {
      const settings = { type: 'web', authMethod: 'private_key_jwt', securityProfile: 'fapi2' } as const;
      fapi = await seedApplication(world.server, world.shop, settings);
    });

    async function redeemNothing(dpop: string | undefined) {
      const { server } = world;
      const { key: pem = '', keyId = '' } = fapi.keyFile ?? {};
      const nowSeconds = Math.floor(server.clock.now() / 1000);
      const assertion = await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'PS256', kid: keyId })
        .setIssuer(fapi.clientId)
        .setSubject(fapi.clientId)
        .setAudience(server.issuer)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + 60)
        .sign(createPrivateKey(pem));
      const form = {
        grant_type: 'authorization_code',
        code: 'none',
        redirect_uri: fapi.redirectUri,
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      };
      return await call(server, tokenPath, { form, headers: dpop === undefined ? {} : { dpop } });
    }

    test('FAPI 2.0 Security Profile §5.3.2.1: without a proof there are no tokens', async () => {
      const answer = await redeemNothing(undefined);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    });

    test('FAPI 2.0 Security Profile §5.3.2.1: proofs repeat a nonce of the server', async () => {
      const challenged = await redeemNothing(tokenProof());
      expect(challenged).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
      const nonce = challenged.headers.get('dpop-nonce') ?? '';
      const answer = await redeemNothing(tokenProof({ claims: { nonce } }));
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    });

    test('FAPI 2.0 Security Profile §5.4.1: a proof signed with RS256 is refused', async () => {
      const answer = await redeemNothing(tokenProof({ header: { alg: 'RS256' } }));
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
      expect(answer.body.error_description).toMatch(/^alg of/);
    });
  });

  describe('with nonces', () => {
    let node: TestServer;
    beforeAll(async () => {
      await changeAsOperator(world.server, (change) =>
        updateInstanceSettings(change, { isDpopNonceRequired: true }),
      );
      node = await world.server.startNode();
    });
    afterAll(() => node?.close());

    test('RFC 9449 §8: a proof without the nonce is told which to use, by every answer from then on', async () => {
      const challenged = await askToken(tokenProof(), node);
      expect(challenged).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
      const nonce = challenged.headers.get('dpop-nonce') ?? '';
      expect(nonce.length).toBeGreaterThan(20);
      expect(challenged.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce');
      const granted = await askToken(tokenProof({ claims: { nonce } }), node);
      expect([granted.status, granted.headers.get('dpop-nonce')]).toEqual([200, nonce]);
      const form = { grant_type: 'refresh_token', refresh_token: 'none', client_id: world.spa.clientId };
      const dpop = tokenProof({ claims: { nonce } });
      const failed = await call(node, tokenPath, { form, headers: { dpop } });
      expect([failed.body.error, failed.headers.get('dpop-nonce')]).toEqual(['invalid_grant', nonce]);
    });

    test('RFC 9449 §9: the resource asks for a nonce by its challenge', async () => {
      const challenged = await askToken(tokenProof(), node);
      const nonce = challenged.headers.get('dpop-nonce') ?? '';
      const { body } = await askToken(tokenProof({ claims: { nonce } }), node);
      const token = String(body.access_token);
      const ask = (dpop: string) =>
        call(node, userinfoPath, { headers: { authorization: `DPoP ${token}`, dpop } });
      const answer = await ask(userinfoProof(token));
      expect(answer).toMatchObject({ status: 401, body: { error: 'use_dpop_nonce' } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP .*error="use_dpop_nonce"/);
      expect(answer.headers.get('dpop-nonce')).toBe(nonce);
      expect((await ask(userinfoProof(token, { claims: { nonce } }))).status).toBe(200);
    });

    test('RFC 9449 §8.2: openid-client follows the nonces', async () => {
      const { robot } = world;
      const config = await client.discovery(
        new URL(node.issuer),
        robot.clientId,
        { [client.clockSkew]: Math.round(node.clock.offsetMs() / 1000) },
        client.ClientSecretPost(robot.clientSecret),
        {
          execute: [client.allowInsecureRequests],
          [client.customFetch]: (url, init) => fetchAt(node, url, init),
        },
      );
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
      const tokens = await client.clientCredentialsGrant(config, { scope: 'openid' }, { DPoP });
      const info = await client.fetchUserInfo(config, tokens.access_token, robot.id, { DPoP });
      expect(info.sub).toBe(robot.id);
    });

    test('RFC 9449 §8: nonces nobody gave out, and those of ten minutes ago, are not accepted', async () => {
      const { clock } = world.server;
      const nonce = (await askToken(tokenProof(), node)).headers.get('dpop-nonce') ?? '';
      for (const invented of [randomUUID(), `${nonce}x`, '']) {
        const answer = await askToken(tokenProof({ claims: { nonce: invented } }), node);
        expect(answer.body.error).toBe('use_dpop_nonce');
      }
      clock.advance(11 * 60_000);
      const late = await askToken(tokenProof({ claims: { nonce } }), node);
      expect(late.body.error).toBe('use_dpop_nonce');
      expect(late.headers.get('dpop-nonce')).not.toBe(nonce);
    });
  });
});

/** `fetch` for a peer, ending at one node. */
async function fetchAt(node: TestServer, url: string, init: client.CustomFetchOptions): Promise<Response> {
  const { method, headers, body } = init;
  const text = body instanceof URLSearchParams ? body.toString() : body;
  const isForm = body instanceof URLSearchParams;
  return await node.fetch(url, {
    method,
    headers: { ...headers, ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
    ...(typeof text === 'string' ? { body: text } : {}),
  });
}
