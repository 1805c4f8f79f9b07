import { describe, expect, test } from 'vitest';
import { checkCompliance as checkAgainst, type FindOutboundProblem } from './application-compliance.ts';
import { findSettingRefusals } from './application-refusals.ts';
import {
  type ApplicationSettings,
  alignResponseTypes,
  applicationDefaults,
  isTightened,
} from './application-settings.ts';

const https = ['https://app.example.com/callback'];
const device = 'urn:ietf:params:oauth:grant-type:device_code';
const hybrid = {
  grantTypes: ['authorization_code', 'implicit'],
  responseTypes: ['code', 'code token'],
} as const;
const rules = {
  signingAlgorithms: ['RS256', 'ES256'],
  ownOrigins: ['https://id.example.com'],
} as const;

function settings(
  type: ApplicationSettings['type'],
  more: Partial<ApplicationSettings> = {},
): ApplicationSettings {
  return { ...applicationDefaults(type), ...(type === 'api' ? {} : { redirectUris: https }), ...more };
}

function checkCompliance(wanted: ApplicationSettings, findProblem: FindOutboundProblem = () => undefined) {
  return checkAgainst(wanted, findProblem);
}

function codes(type: ApplicationSettings['type'], more: Partial<ApplicationSettings> = {}): string[] {
  const { problems } = checkCompliance(settings(type, more));
  return problems.filter(({ level }) => level === 'warning').map(({ code }) => code);
}

function places(type: ApplicationSettings['type'], more: Partial<ApplicationSettings> = {}): string[] {
  return findSettingRefusals(settings(type, more), rules).map(({ setting, index }) =>
    index === undefined ? setting : `${setting}/${index}`,
  );
}

test.each(['user_agent', 'web', 'native', 'api'] as const)(
  'RFC 9700 §2.1: the defaults of type %s are accepted and nothing about them is unsafe',
  (type) => {
    expect(places(type)).toEqual([]);
    expect(codes(type)).toEqual([]);
    expect(checkCompliance(settings(type)).isCompliant).toBe(true);
  },
);

describe('what works but is not safe is told with what to do about it', () => {
  test.each([
    [
      'a browser over http',
      'user_agent',
      { redirectUris: ['http://app.example.com/cb'] },
      'redirect-uri-http',
    ],
    [
      'a browser at localhost',
      'user_agent',
      { redirectUris: ['http://localhost:3000/'] },
      'redirect-uri-http',
    ],
    [
      'a server with a secret over http',
      'web',
      { redirectUris: ['http://app.example.com/cb'] },
      'redirect-uri-unencrypted',
    ],
    ['a scheme of its own on a server', 'web', { redirectUris: ['app:/cb'] }, 'redirect-uri-custom-scheme'],
    ['no address to return to', 'web', { redirectUris: [] }, 'redirect-uris-missing'],
    ['development mode', 'web', { developmentMode: true }, 'development-mode'],
    [
      'an open address after signing out',
      'web',
      { postLogoutRedirectUris: ['http://app.example.com/'] },
      'logout-uri-http',
    ],
    ['a secret in an app', 'native', { authMethod: 'client_secret_post' }, 'secret-in-public-client'],
    ['a key in a browser', 'user_agent', { authMethod: 'private_key_jwt' }, 'key-in-browser'],
    ['a server that proves nothing', 'web', { authMethod: 'none' }, 'web-without-authentication'],
    ['refresh tokens of nothing', 'web', { grantTypes: ['refresh_token'] }, 'refresh-without-sign-in'],
  ] as const)('%s', (_, type, more, code) => {
    expect(codes(type, more)).toEqual([code]);
    for (const problem of checkCompliance(settings(type, more)).problems)
      expect(problem.fix).toMatch(/^(Use|Add|Turn|Set|Choose) .+\.$/);
  });

  test('ZITADEL dialect: a native app may return to loopback and its own scheme, a server with a secret to loopback', () => {
    expect(codes('web', { redirectUris: ['http://localhost:3000/cb', 'http://127.0.0.1/cb'] })).toEqual([]);
    expect(codes('native', { redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb', 'app:/cb'] })).toEqual(
      [],
    );
    expect(codes('native', { redirectUris: ['http://app.example.com/cb'] })).toEqual(['redirect-uri-http']);
  });

  test('ZITADEL dialect: tokens in the address need https even there', () => {
    expect(
      codes('web', {
        redirectUris: ['http://app.example.com/cb'],
        grantTypes: ['implicit'],
        responseTypes: ['id_token token'],
      }),
    ).toEqual(['implicit-redirect-http', 'implicit-flow']);
  });

  test('RFC 9449 §5: tokens in the address are unsafe where tokens must be bound', () => {
    for (const demand of [{ isDpopRequired: true }, { isCertificateBound: true }])
      expect(codes('web', { ...hybrid, ...demand })).toEqual(['implicit-flow', 'unbound-tokens']);
  });

  test('RFC 9700 §2.1.1: that PKCE could be demanded is a hint, where codes are issued to who authenticates', () => {
    const hinted = (type: ApplicationSettings['type'], more: Partial<ApplicationSettings> = {}) =>
      checkCompliance(settings(type, more)).problems.filter(({ level }) => level === 'hint');
    expect(hinted('web')).toMatchObject([{ code: 'pkce-not-required', setting: 'isPkceRequired' }]);
    expect(hinted('web', { isPkceRequired: true })).toEqual([]);
    expect(hinted('web', { securityProfile: 'fapi2' })).toEqual([]);
    expect(hinted('web', { responseTypes: ['id_token'] })).toEqual([]);
    for (const type of ['user_agent', 'native', 'api'] as const) expect(hinted(type)).toEqual([]);
  });

  test.each(['jwksUri', 'backchannelLogoutUri', 'cibaNotificationEndpoint'] as const)(
    'an address the server refuses to call is a warning of its setting: %s',
    (setting) => {
      const inner = 'https://10.0.0.1/called';
      const wanted = settings('web', { [setting]: inner, initiateLoginUri: inner, isPkceRequired: true });
      const { isCompliant, problems } = checkCompliance(wanted, (address) =>
        address === inner ? { kind: 'not-public', detail: 'has the address 10.0.0.1' } : undefined,
      );
      expect(isCompliant).toBe(false);
      expect(problems).toMatchObject([{ code: 'address-not-public', level: 'warning', setting }]);
      expect(problems[0]?.message).toContain('will not call https://10.0.0.1/called, which has the address');
      expect(problems[0]?.fix).toContain('LATCHKEY_OUTBOUND_ALLOW');
    },
  );

  test('each address of request objects that is refused is told, and those that may be called are not', () => {
    const requestUris = ['http://a.example/1', 'https://b.example/2', 'http://c.example/3'];
    const { problems } = checkCompliance(settings('user_agent', { requestUris }), (address) =>
      address.startsWith('http:') ? { kind: 'not-https', detail: 'is not https' } : undefined,
    );
    expect(problems.map(({ code, setting }) => [code, setting])).toEqual([
      ['address-not-https', 'requestUris'],
      ['address-not-https', 'requestUris'],
    ]);
    expect(problems.map(({ message }) => message).join()).toMatch(/a\.example.*c\.example/);
  });

  test('development mode is told of once, not once for each address', () => {
    expect(
      codes('user_agent', {
        developmentMode: true,
        redirectUris: ['http://localhost:*/cb', 'https://*.example.com/cb'],
      }),
    ).toEqual(['development-mode']);
  });
});

describe('what can never work, or protects nothing, is refused', () => {
  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'mailto:a@example.com',
    '/callback',
    'https://app.example.com/a b',
    'https://user@app.example.com/',
    'https://app.example.com/#/cb',
    'https://*.example.com/cb',
  ])('RFC 6749 §3.1.2: the redirect URI %s', (uri) => {
    expect(places('web', { redirectUris: [...https, uri] })).toEqual(['redirectUris/1']);
  });

  test('RP-Initiated Logout §3.1: schemes that run are no address after signing out; a fragment is', () => {
    expect(places('web', { postLogoutRedirectUris: ['javascript:alert(1)'] })).toEqual([
      'postLogoutRedirectUris/0',
    ]);
    expect(places('web', { postLogoutRedirectUris: ['https://app.example.com/#/bye'] })).toEqual([]);
  });

  test('ZITADEL dialect: stars are for development mode, three at most, and may stand for a port', () => {
    const more = {
      developmentMode: true,
      redirectUris: ['http://localhost:*/cb', 'https://*.*.*.example.*/'],
    };
    expect(places('user_agent', more)).toEqual(['redirectUris/1']);
  });

  test.each([
    ['a secret in a browser', 'user_agent', { authMethod: 'client_secret_basic' }, 'authMethod'],
    ['an API that proves nothing', 'api', { authMethod: 'none' }, 'authMethod'],
    [
      'signing in to an API',
      'api',
      { grantTypes: ['authorization_code'], responseTypes: ['code'] },
      'grantTypes',
    ],
    ['DPoP with tokens in the address', 'web', { ...hybrid, isDpopRequired: true }, 'responseTypes'],
    [
      'certificate-bound tokens with tokens in the address',
      'web',
      { ...hybrid, isCertificateBound: true },
      'responseTypes',
    ],
    ['code without its grant', 'web', { grantTypes: [device] }, 'responseTypes'],
    ['the grant without code', 'web', { responseTypes: [] }, 'grantTypes'],
    ['tokens without implicit', 'web', { responseTypes: ['code', 'id_token'] }, 'responseTypes'],
    ['an algorithm without key', 'web', { idTokenSigningAlg: 'EdDSA' }, 'idTokenSigningAlg'],
    ['FAPI with a secret', 'web', { securityProfile: 'fapi2' }, 'authMethod'],
    ['signed requests without keys', 'web', { isSignedRequestRequired: true }, 'isSignedRequestRequired'],
    [
      'encryption without keys',
      'web',
      { idTokenEncryptedResponseAlg: 'ECDH-ES' },
      'idTokenEncryptedResponseAlg',
    ],
    ['certificates of nowhere', 'web', { authMethod: 'self_signed_tls_client_auth' }, 'authMethod'],
    ['a certificate without name', 'web', { authMethod: 'tls_client_auth' }, 'tlsClientAuth'],
    [
      'a name without certificate',
      'web',
      { tlsClientAuth: { tls_client_auth_san_dns: 'a' } },
      'tlsClientAuth',
    ],
    [
      'a MAC for a key',
      'web',
      { authMethod: 'private_key_jwt', tokenEndpointAuthSigningAlg: 'HS256' },
      'tokenEndpointAuthSigningAlg',
    ],
    ['keys twice', 'web', { jwks: { keys: [] }, jwksUri: 'https://app.example.com/keys' }, 'jwksUri'],
    ['private keys', 'web', { jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' }] } }, 'jwks'],
    [
      'logout over http',
      'web',
      { backchannelLogoutUri: 'http://app.example.com/out' },
      'backchannelLogoutUri',
    ],
    [
      'an origin with a path',
      'web',
      { additionalOrigins: ['https://app.example.com/'] },
      'additionalOrigins/0',
    ],
    ['a resource with a fragment', 'api', { resourceUris: ['https://api.example.com/#a'] }, 'resourceUris/0'],
    ['this server as a resource', 'api', { resourceUris: ['https://id.example.com/api'] }, 'resourceUris/0'],
    [
      'idle longer than absolute',
      'web',
      { refreshIdleSeconds: 2, refreshAbsoluteSeconds: 1 },
      'refreshIdleSeconds',
    ],
    [
      'pairwise over several hosts',
      'web',
      { subjectType: 'pairwise', redirectUris: [...https, 'https://b.example.com/'] },
      'sectorIdentifier',
    ],
    [
      'backchannel sign-in without mode',
      'web',
      { grantTypes: ['urn:openid:params:grant-type:ciba'], responseTypes: [] },
      'cibaDeliveryMode',
    ],
    ['pings to nowhere', 'web', { cibaDeliveryMode: 'ping' }, 'cibaNotificationEndpoint'],
    [
      'client credentials of nobody',
      'native',
      { grantTypes: ['authorization_code', 'client_credentials'] },
      'grantTypes',
    ],
  ] as const)('%s', (_, type, more, place) => {
    expect(places(type, more)).toEqual([place]);
  });

  test('a server at localhost may be told of sign-outs over http in development mode', () => {
    const backchannelLogoutUri = 'http://localhost:3000/out';
    expect(places('web', { backchannelLogoutUri, developmentMode: true })).toEqual([]);
  });
});

describe('what follows from a change', () => {
  const before = settings('web');
  test.each([
    ['third party', { isThirdParty: true }, true],
    ['a grant less', { grantTypes: ['authorization_code'] }, true],
    ['a grant more', { grantTypes: [...before.grantTypes, device] }, false],
    ['bound tokens', { isCertificateBound: true }, true],
    ['FAPI', { securityProfile: 'fapi2' }, true],
    ['another type', { type: 'native' }, true],
    ['another kind of subject', { subjectType: 'pairwise' }, true],
    ['another redirect URI', { redirectUris: [] }, false],
    ['another secret method', { authMethod: 'client_secret_post' }, false],
  ] as const)('RFC 9700 §2.2: %s ends tokens or does not', (_, more, ends) => {
    expect(isTightened(before, { ...before, ...more })).toBe(ends);
  });

  test('RFC 6749 §2.1: proving itself from now on ends tokens, no longer doing so does not', () => {
    const open = { ...before, authMethod: 'none' } as const;
    expect(isTightened(open, before)).toBe(true);
    expect(isTightened(before, open)).toBe(false);
  });

  test('RFC 7591 §2.1: response types follow the grant types', () => {
    const align = (grants: ApplicationSettings['grantTypes'], types: ApplicationSettings['responseTypes']) =>
      alignResponseTypes({ grantTypes: grants, responseTypes: types });
    expect(align(['authorization_code'], [])).toEqual(['code']);
    expect(align([device], ['code'])).toEqual([]);
    expect(align(['implicit'], ['code'])).toEqual(['id_token token']);
    expect(align(['authorization_code'], ['code id_token'])).toEqual(['code']);
    expect(align(['authorization_code', 'implicit'], ['code', 'id_token'])).toEqual(['code', 'id_token']);
  });
});
