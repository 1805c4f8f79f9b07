import { basicOf } from '../flows/flow-world.ts';
import { type AttackCase, numbered, type Row, refused } from './attack-case.ts';
import { token } from './requests.ts';

const invalidGrant = refused(400, 'invalid_grant');
const unsupported = refused(400, 'unsupported_grant_type');
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

const otherGrants: readonly Row[] = [
  [
    'client_credentials of a front end',
    'RFC 6749 §4.4',
    (w) => token({ grant_type: 'client_credentials', client_id: w.shop.spa.clientId }),
    refused(400, 'unauthorized_client'),
  ],
  [
    'the password grant',
    'RFC 9700 §2.4',
    ({ shop: { ada, spa } }) =>
      token({
        grant_type: 'password',
        username: ada.loginName,
        password: ada.password,
        client_id: spa.clientId,
      }),
    unsupported,
  ],
  [
    'the implicit grant at the token endpoint',
    'RFC 6749 §4.2',
    (w) => token({ grant_type: 'implicit', client_id: w.shop.spa.clientId }),
    unsupported,
  ],
  [
    'grant_type __proto__',
    'CWE-1321',
    (w) => token({ grant_type: '__proto__', client_id: w.shop.spa.clientId }),
    unsupported,
  ],
  [
    'grant_type constructor',
    'CWE-1321',
    (w) => token({ grant_type: 'constructor', client_id: w.shop.spa.clientId }),
    unsupported,
  ],
  [
    'a made-up device code',
    'RFC 8628 §3.5',
    (w) => token({ grant_type: deviceCode, device_code: 'x'.repeat(43), client_id: w.shop.device.clientId }),
    invalidGrant,
  ],
  [
    'token exchange by an application that may not use it',
    'RFC 8693 §5',
    ({ shop, live }) =>
      token(
        { grant_type: exchange, subject_token: live.accessToken, subject_token_type: accessTokenType },
        basicOf(shop.web),
      ),
    refused(400, 'unauthorized_client'),
  ],
  [
    'token exchange by a front end',
    'RFC 8693 §5',
    ({ shop, live }) =>
      token({
        grant_type: exchange,
        subject_token: live.accessToken,
        subject_token_type: accessTokenType,
        client_id: shop.spa.clientId,
      }),
    refused(400, 'unauthorized_client'),
  ],
  [
    'a malformed JWT as grant',
    'RFC 7523 §3',
    () => token({ grant_type: jwtBearer, assertion: 'a.b.c' }),
    invalidGrant,
  ],
  [
    'an unsigned JWT of a machine user',
    'RFC 8725 §3.2',
    ({ shop: { robot }, near }) => {
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const now = Math.floor(near.clock.now() / 1000);
      const claims = { iss: robot.id, sub: robot.id, aud: near.issuer, iat: now, exp: now + 60 };
      return token({ grant_type: jwtBearer, assertion: `${encode({ alg: 'none' })}.${encode(claims)}.` });
    },
    invalidGrant,
  ],
  [
    'an ID token as JWT grant',
    'RFC 8725 §3.11',
    (w) => token({ grant_type: jwtBearer, assertion: w.live.idToken }),
    invalidGrant,
  ],
];

const leadingEndpoints: readonly Row[] = [
  [
    'device flow of an application that may not use it',
    'RFC 8628 §3.1',
    (w) => ({
      path: '/oauth/v2/device_authorization',
      form: { client_id: w.shop.spa.clientId, scope: 'openid' },
    }),
    refused(400, 'unauthorized_client'),
  ],
  [
    'device flow of an unknown client',
    'RFC 8628 §3.1',
    () => ({ path: '/oauth/v2/device_authorization', form: { client_id: '1' } }),
    refused(401, 'invalid_client'),
  ],
  [
    'backchannel authentication by a front end',
    'OpenID CIBA §7.1',
    ({ shop }) => ({
      path: '/oauth/v2/bc-authorize',
      form: { client_id: shop.spa.clientId, scope: 'openid', login_hint: shop.ada.loginName },
    }),
    refused(400, 'unauthorized_client'),
  ],
  [
    'backchannel authentication by an application that may not use it',
    'OpenID CIBA §7.1',
    ({ shop }) => ({
      path: '/oauth/v2/bc-authorize',
      form: { scope: 'openid', login_hint: shop.ada.loginName },
      headers: basicOf(shop.web),
    }),
    refused(400, 'unauthorized_client'),
  ],
  [
    'a pushed request without client authentication',
    'RFC 9126 §2',
    ({ shop: { web } }) => ({
      path: '/oauth/v2/par',
      form: {
        client_id: web.clientId,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: web.redirectUri,
      },
    }),
    refused(401, 'invalid_client'),
  ],
  [
    'a pushed request_uri',
    'RFC 9126 §2.1',
    (w) => ({
      path: '/oauth/v2/par',
      form: { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      headers: basicOf(w.shop.web),
    }),
    refused(400, 'invalid_request'),
  ],
  [
    'a pushed request with a foreign redirect_uri',
    'RFC 9126 §2.1',
    (w) => ({
      path: '/oauth/v2/par',
      form: { response_type: 'code', scope: 'openid', redirect_uri: 'https://evil.example.com' },
      headers: basicOf(w.shop.web),
    }),
    refused(400, 'invalid_request'),
  ],
  [
    'registration of a client where it is off',
    'RFC 7591 §3',
    () => ({ path: '/oauth/v2/register', json: { redirect_uris: ['https://evil.example.com'] } }),
    refused(404),
  ],
];

/** Attacks on the other grants and the endpoints that lead to them. */
export const grantAttacks: readonly AttackCase[] = [
  ...numbered('grant', otherGrants),
  ...numbered('grant-endpoint', leadingEndpoints),
];
