import { type AttackCase, type AttackOutcome, json, token } from './attack-case.ts';
import type { AttackRequest } from './attack-request.ts';
import type { AttackWorld } from './attack-world.ts';

type Row = readonly [string, string, (world: AttackWorld) => AttackRequest, AttackOutcome];

function redeem(world: AttackWorld, changes: Readonly<Record<string, string>>): AttackRequest {
  const usual = {
    grant_type: 'authorization_code',
    code: world.code,
    redirect_uri: world.spa.redirectUri,
    code_verifier: world.verifier,
    client_id: world.spa.clientId,
  };
  return token(
    Object.fromEntries(Object.entries({ ...usual, ...changes }).filter(([, value]) => value !== '')),
  );
}

function refresh(world: AttackWorld, changes: Readonly<Record<string, string>>): AttackRequest {
  return token({
    grant_type: 'refresh_token',
    refresh_token: world.refreshToken,
    client_id: world.spa.clientId,
    ...changes,
  });
}

const flip = (text: string): string => text.slice(0, -3) + (text.at(-3) === 'A' ? 'B' : 'A') + text.slice(-2);
const invalidGrant = json(400, 'invalid_grant');
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessType = 'urn:ietf:params:oauth:token-type:access_token';
const device = 'urn:ietf:params:oauth:grant-type:device_code';

const codes: readonly Row[] = [
  ['a wrong verifier', 'RFC 7636 §4.6', (w) => redeem(w, { code_verifier: 'x'.repeat(43) }), invalidGrant],
  ['no verifier', 'RFC 7636 §4.6', (w) => redeem(w, { code_verifier: '' }), invalidGrant],
  [
    'the challenge as verifier',
    'RFC 7636 §4.6',
    (w) => redeem(w, { code_verifier: w.challenge }),
    invalidGrant,
  ],
  [
    'another redirect_uri',
    'RFC 6749 §4.1.3',
    (w) => redeem(w, { redirect_uri: 'https://evil.example.com' }),
    invalidGrant,
  ],
  ['no redirect_uri', 'RFC 6749 §4.1.3', (w) => redeem(w, { redirect_uri: '' }), invalidGrant],
  [
    'another public client',
    'RFC 6749 §4.1.3',
    (w) => redeem(w, { client_id: w.device.clientId }),
    invalidGrant,
  ],
  ['a changed code', 'RFC 6749 §10.10', (w) => redeem(w, { code: flip(w.code) }), invalidGrant],
  ['a code cut short', 'CVE-2026-27840', (w) => redeem(w, { code: w.code.slice(0, -8) }), invalidGrant],
  ['a code with padding', 'RFC 4648 §3.2', (w) => redeem(w, { code: `${w.code}=` }), invalidGrant],
  ['a refresh token as code', 'RFC 8725 §3.11', (w) => redeem(w, { code: w.refreshToken }), invalidGrant],
  ['an access token as code', 'RFC 8725 §3.11', (w) => redeem(w, { code: w.accessToken }), invalidGrant],
  [
    'a resource the code is not for',
    'RFC 8707 §2.2',
    (w) => redeem(w, { resource: 'https://evil.example.com' }),
    json(400, 'invalid_target'),
  ],
  [
    'client_credentials of a front end',
    'RFC 6749 §4.4',
    (w) => token({ grant_type: 'client_credentials', client_id: w.spa.clientId }),
    json(400, 'unauthorized_client'),
  ],
  [
    'the password grant',
    'RFC 9700 §2.4',
    (w) =>
      token({
        grant_type: 'password',
        username: w.ada.loginName,
        password: w.ada.password,
        client_id: w.spa.clientId,
      }),
    json(400, 'unsupported_grant_type'),
  ],
  [
    'the implicit grant at the token endpoint',
    'RFC 6749 §4.2',
    (w) => token({ grant_type: 'implicit', client_id: w.spa.clientId }),
    json(400, 'unsupported_grant_type'),
  ],
  [
    'grant_type __proto__',
    'CWE-1321',
    (w) => token({ grant_type: '__proto__', client_id: w.spa.clientId }),
    json(400, 'unsupported_grant_type'),
  ],
  [
    'grant_type constructor',
    'CWE-1321',
    (w) => token({ grant_type: 'constructor', client_id: w.spa.clientId }),
    json(400, 'unsupported_grant_type'),
  ],
];

const refreshes: readonly Row[] = [
  ['another client', 'RFC 6749 §10.4', (w) => refresh(w, { client_id: w.device.clientId }), invalidGrant],
  [
    'a changed token',
    'RFC 6749 §10.10',
    (w) => refresh(w, { refresh_token: flip(w.refreshToken) }),
    invalidGrant,
  ],
  [
    'a token cut short',
    'CVE-2026-27840',
    (w) => refresh(w, { refresh_token: w.refreshToken.slice(0, -6) }),
    invalidGrant,
  ],
  ['an access token', 'RFC 8725 §3.11', (w) => refresh(w, { refresh_token: w.accessToken }), invalidGrant],
  ['an ID token', 'RFC 8725 §3.11', (w) => refresh(w, { refresh_token: w.idToken }), invalidGrant],
  ['a code', 'RFC 8725 §3.11', (w) => refresh(w, { refresh_token: w.code }), invalidGrant],
  [
    'more scopes',
    'RFC 6749 §6',
    (w) => refresh(w, { scope: 'openid email phone' }),
    json(400, 'invalid_scope'),
  ],
  [
    'a resource',
    'RFC 8707 §2.2',
    (w) => refresh(w, { resource: 'https://evil.example.com' }),
    json(400, 'invalid_target'),
  ],
];

const others: readonly Row[] = [
  [
    'a device code nobody has',
    'RFC 8628 §3.5',
    (w) => token({ grant_type: device, device_code: 'x'.repeat(43), client_id: w.device.clientId }),
    invalidGrant,
  ],
  [
    'device flow of an application that may not',
    'RFC 8628 §3.1',
    (w) => ({ path: '/oauth/v2/device_authorization', form: { client_id: w.spa.clientId, scope: 'openid' } }),
    json(400, 'unauthorized_client'),
  ],
  [
    'device flow of an unknown client',
    'RFC 8628 §3.1',
    () => ({ path: '/oauth/v2/device_authorization', form: { client_id: '1' } }),
    json(401, 'invalid_client'),
  ],
  [
    'token exchange of an application that may not',
    'RFC 8693 §5',
    (w) =>
      token(
        { grant_type: exchange, subject_token: w.accessToken, subject_token_type: accessType },
        w.basicOf(w.web),
      ),
    json(400, 'unauthorized_client'),
  ],
  [
    'token exchange of a front end',
    'RFC 8693 §5',
    (w) =>
      token({
        grant_type: exchange,
        subject_token: w.accessToken,
        subject_token_type: accessType,
        client_id: w.spa.clientId,
      }),
    json(400, 'unauthorized_client'),
  ],
  [
    'a JWT of nobody',
    'RFC 7523 §3',
    () => token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' }),
    invalidGrant,
  ],
  [
    'an unsigned JWT of a machine user',
    'RFC 8725 §3.2',
    (w) => {
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: w.robot.id, sub: w.robot.id, aud: w.server.issuer, iat: now, exp: now + 60 };
      const assertion = `${encode({ alg: 'none' })}.${encode(claims)}.`;
      return token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    },
    invalidGrant,
  ],
  [
    'an ID token as JWT grant',
    'RFC 8725 §3.11',
    (w) => token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: w.idToken }),
    invalidGrant,
  ],
  [
    'backchannel authentication by a front end',
    'OpenID CIBA §7.1',
    (w) => ({
      path: '/oauth/v2/bc-authorize',
      form: { client_id: w.spa.clientId, scope: 'openid', login_hint: w.ada.loginName },
    }),
    json(400, 'unauthorized_client'),
  ],
  [
    'backchannel authentication by an application that may not',
    'OpenID CIBA §7.1',
    (w) => ({
      path: '/oauth/v2/bc-authorize',
      form: { scope: 'openid', login_hint: w.ada.loginName },
      headers: w.basicOf(w.web),
    }),
    json(400, 'unauthorized_client'),
  ],
  [
    'pushing without authenticating',
    'RFC 9126 §2',
    (w) => ({
      path: '/oauth/v2/par',
      form: {
        client_id: w.web.clientId,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: w.web.redirectUri,
      },
    }),
    json(401, 'invalid_client'),
  ],
  [
    'pushing a request_uri',
    'RFC 9126 §2.1',
    (w) => ({
      path: '/oauth/v2/par',
      form: { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      headers: w.basicOf(w.web),
    }),
    json(400, 'invalid_request'),
  ],
  [
    'pushing a foreign redirect_uri',
    'RFC 9126 §2.1',
    (w) => ({
      path: '/oauth/v2/par',
      form: { response_type: 'code', scope: 'openid', redirect_uri: 'https://evil.example.com' },
      headers: w.basicOf(w.web),
    }),
    json(400, 'invalid_request'),
  ],
  [
    "revoking another client's token",
    'RFC 7009 §2.1',
    (w) => ({ path: '/oauth/v2/revoke', form: { token: w.refreshToken, client_id: w.device.clientId } }),
    json(400, 'invalid_client'),
  ],
  [
    'registering where registration is off',
    'RFC 7591 §3',
    () => ({
      path: '/oauth/v2/register',
      body: '{"redirect_uris":["https://evil.example.com"]}',
      headers: { 'content-type': 'application/json' },
    }),
    json(404),
  ],
];

const number = (index: number): string => String(index + 1).padStart(2, '0');

function named(family: string, rows: readonly Row[]): readonly AttackCase[] {
  return rows.map(([what, source, request, outcome], index) => ({
    id: `${family}-${number(index)}`,
    what,
    source,
    request,
    outcome,
  }));
}

/** Attacks on grants and the endpoints that lead to them. */
export const grantAttacks: readonly AttackCase[] = [
  ...named('code', codes),
  ...named('refresh', refreshes),
  ...named('grant', others),
];
