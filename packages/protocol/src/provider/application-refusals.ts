import { parseJwkSet } from '../wire/jwk-set.ts';
import { isLegible } from '../wire/legible-text.ts';
import { grantTypes, type SigningAlgorithm } from '../wire/names.ts';
import { isAddress, parseAddress } from '../wire/web-address.ts';
import type { ApplicationSetting, ApplicationSettings } from './application-settings.ts';
import { mayUseAuthMethod } from './client-assertion.ts';
import { clientMacAlgorithms, clientSigningAlgorithms, needsSecret } from './client-registration.ts';
import { isUnboundResponse } from './token-binding.ts';

/** Why settings cannot be saved: the setting, where in it, and what would be accepted. */
export interface SettingRefusal {
  /** `value`: it can never be right. `together`: it does not go with another setting. */
  readonly kind: 'value' | 'together';
  readonly setting: ApplicationSetting;
  /** Place in a list. */
  readonly index?: number;
  readonly detail: string;
}

/** What settings are held against, besides one another. */
export interface SettingRules {
  /** Algorithms the instance has an active key for. */
  readonly signingAlgorithms: readonly SigningAlgorithm[];
  /** Origins of the instance itself. */
  readonly ownOrigins: readonly string[];
}

/** RFC 3986 §2: ASCII without space and backslash. */
const uriCharacters = /^[\x21-\x5b\x5d-\x7e]+$/;
const maximumStars = 3;

type Check = readonly [isWrong: boolean, setting: ApplicationSetting, detail: string];

function gather(kind: SettingRefusal['kind'], checks: readonly Check[]): readonly SettingRefusal[] {
  return checks.flatMap(([isWrong, setting, detail]) => (isWrong ? [{ kind, setting, detail }] : []));
}

function returnUriProblem(uri: string, settings: ApplicationSettings): string | undefined {
  // A star may stand for a port, which only digits can be.
  const read = parseAddress(uri.replaceAll('*', '1'), 'return');
  if (read.kind === 'refused') return read.detail;
  if (uri.includes('*') && !settings.developmentMode)
    return 'can hold * in development mode only; register each address';
  return uri.split('*').length > maximumStars + 1 ? `can hold at most ${maximumStars} *` : undefined;
}

function checkReturnUris(settings: ApplicationSettings): readonly SettingRefusal[] {
  const { redirectUris, postLogoutRedirectUris } = settings;
  const of = (
    setting: ApplicationSetting,
    uris: readonly string[],
    extra: (uri: string) => string | undefined,
  ) =>
    uris.flatMap((uri, index) => {
      const detail = returnUriProblem(uri, settings) ?? extra(uri);
      return detail === undefined ? [] : [{ kind: 'value' as const, setting, index, detail }];
    });
  return [
    // RFC 6749 §3.1.2: a redirect URI has no fragment; the address after signing out may have one.
    ...of('redirectUris', redirectUris, (uri) =>
      uri.includes('#') ? 'cannot have a fragment; register it without #' : undefined,
    ),
    ...of('postLogoutRedirectUris', postLogoutRedirectUris, (uri) =>
      uri.includes('*') ? 'cannot hold *; it is compared byte for byte' : undefined,
    ),
  ];
}

function isWebUri(uri: string, settings: ApplicationSettings): boolean {
  return isAddress(uri, settings.developmentMode ? 'development' : 'web');
}

const webUriSettings = [
  'initiateLoginUri',
  'frontchannelLogoutUri',
  'backchannelLogoutUri',
  'clientUri',
  'logoUri',
  'policyUri',
  'tosUri',
  'jwksUri',
  'cibaNotificationEndpoint',
] as const;

function isResource(text: string): boolean {
  return uriCharacters.test(text) && URL.canParse(text) && !text.includes('#');
}

function listed(
  setting: ApplicationSetting,
  values: readonly string[],
  detail: (value: string) => string | undefined,
): readonly SettingRefusal[] {
  return values.flatMap((value, index) => {
    const wrong = detail(value);
    return wrong === undefined ? [] : [{ kind: 'value' as const, setting, index, detail: wrong }];
  });
}

function checkAddresses(settings: ApplicationSettings, rules: SettingRules): readonly SettingRefusal[] {
  const wanted = 'must be an https URL; http is for development mode';
  const single = webUriSettings.map((setting): Check => {
    const uri = settings[setting];
    return [uri !== null && !isWebUri(uri, settings), setting, wanted];
  });
  return [
    ...checkReturnUris(settings),
    ...gather('value', single),
    ...listed('requestUris', settings.requestUris, (uri) => (isWebUri(uri, settings) ? undefined : wanted)),
    ...listed('additionalOrigins', settings.additionalOrigins, (origin) =>
      isAddress(origin, 'origin')
        ? undefined
        : 'must be scheme, host and port alone, such as https://app.example.com',
    ),
    ...listed('resourceUris', settings.resourceUris, (uri) => {
      if (!isResource(uri)) return 'must be an absolute URI without a fragment (RFC 8707)';
      const isOurs = rules.ownOrigins.some((origin) => uri === origin || uri.startsWith(`${origin}/`));
      return isOurs ? 'is an address of this server itself' : undefined;
    }),
  ];
}

const textSettings = ['contacts', 'defaultAcrValues', 'sectorIdentifier', 'tlsClientAuth'] as const;

function checkTexts(settings: ApplicationSettings): readonly SettingRefusal[] {
  const check = (setting: ApplicationSetting): Check => {
    const texts = Object.values(settings[setting] ?? {}).map(String);
    return [!texts.every(isLegible), setting, 'cannot hold control characters or line breaks'];
  };
  return gather('value', textSettings.map(check));
}

function checkSigning(settings: ApplicationSettings, rules: SettingRules): readonly SettingRefusal[] {
  const own: readonly string[] = rules.signingAlgorithms;
  const detail = `needs an active key of the instance; there are keys for ${own.join(', ')}`;
  const names = [
    'idTokenSigningAlg',
    'accessTokenSigningAlg',
    'userinfoSignedResponseAlg',
    'introspectionSignedResponseAlg',
    'authorizationSignedResponseAlg',
  ] as const;
  return gather(
    'together',
    names.map((name): Check => {
      const algorithm = settings[name];
      return [algorithm !== null && !own.includes(algorithm), name, detail];
    }),
  );
}

function checkKeys(settings: ApplicationSettings): readonly SettingRefusal[] {
  const { authMethod, jwks, jwksUri, tlsClientAuth, tokenEndpointAuthSigningAlg: alg } = settings;
  const hasKeys = jwks !== null || jwksUri !== null;
  const set = jwks === null ? undefined : parseJwkSet(jwks);
  const fitting = authMethod === 'client_secret_jwt' ? clientMacAlgorithms : clientSigningAlgorithms;
  const names = Object.values(tlsClientAuth ?? {}).filter((value) => value !== undefined);
  return [
    ...gather('value', [
      [
        set !== undefined && set.kind !== 'keys',
        'jwks',
        'must be a JWK Set of public keys, without private members',
      ],
    ]),
    ...gather('together', [
      [jwks !== null && jwksUri !== null, 'jwksUri', 'goes in place of jwks, not with it'],
      [
        authMethod === 'self_signed_tls_client_auth' && !hasKeys,
        'authMethod',
        'self_signed_tls_client_auth needs the certificates in jwks or jwksUri',
      ],
      [
        settings.idTokenEncryptedResponseAlg !== null && !hasKeys,
        'idTokenEncryptedResponseAlg',
        'needs a key to encrypt for, in jwks or jwksUri',
      ],
      [
        settings.idTokenEncryptedResponseEnc !== null && settings.idTokenEncryptedResponseAlg === null,
        'idTokenEncryptedResponseEnc',
        'needs idTokenEncryptedResponseAlg',
      ],
      [
        (settings.isSignedRequestRequired || settings.securityProfile === 'fapi2_message_signing') &&
          !hasKeys,
        'isSignedRequestRequired',
        'signed requests need the keys of the application in jwks or jwksUri',
      ],
      [
        alg !== null && !fitting.includes(alg),
        'tokenEndpointAuthSigningAlg',
        `must be one of ${fitting.join(', ')} with ${authMethod}`,
      ],
      [
        authMethod === 'tls_client_auth' && names.length !== 1,
        'tlsClientAuth',
        'tls_client_auth needs exactly one member',
      ],
      [
        authMethod !== 'tls_client_auth' && tlsClientAuth !== null,
        'tlsClientAuth',
        'is for the authentication method tls_client_auth',
      ],
    ]),
  ];
}

const apiGrants: readonly string[] = [
  grantTypes.tokenExchange,
  grantTypes.jwtBearer,
  grantTypes.clientCredentials,
];

function checkMethod(settings: ApplicationSettings): readonly SettingRefusal[] {
  const { type, authMethod, grantTypes: grants } = settings;
  return gather('together', [
    [
      type === 'user_agent' && needsSecret(authMethod),
      'authMethod',
      'a secret cannot be kept in a browser; use none (PKCE takes its place), or the type web',
    ],
    [
      type === 'api' && authMethod === 'none',
      'authMethod',
      'an API must prove who it is to check tokens; use client_secret_basic or private_key_jwt',
    ],
    [
      type === 'api' && grants.some((grant) => !apiGrants.includes(grant)),
      'grantTypes',
      'nobody signs in to an API; use the type web, user_agent or native',
    ],
    [
      authMethod === 'none' && grants.includes(grantTypes.clientCredentials),
      'grantTypes',
      'client_credentials is for applications that prove who they are; choose another authMethod',
    ],
    [
      authMethod === 'none' && grants.includes(grantTypes.ciba),
      'grantTypes',
      'backchannel sign-in is for applications that prove who they are; choose another authMethod',
    ],
    [
      !mayUseAuthMethod(settings),
      'authMethod',
      'FAPI 2.0 needs private_key_jwt, tls_client_auth or self_signed_tls_client_auth',
    ],
  ]);
}

function checkFlows(settings: ApplicationSettings): readonly SettingRefusal[] {
  const { grantTypes: grants, responseTypes, redirectUris } = settings;
  const withCode = responseTypes.some((type) => type.split(' ').includes('code'));
  const withTokens = responseTypes.some((type) => type !== 'code');
  const hosts = new Set(redirectUris.flatMap((uri) => (URL.canParse(uri) ? [new URL(uri).host] : [])));
  const { refreshIdleSeconds: idle, refreshAbsoluteSeconds: absolute } = settings;
  return gather('together', [
    [
      withCode && !grants.includes(grantTypes.authorizationCode),
      'responseTypes',
      'code needs the grant type authorization_code',
    ],
    [
      withTokens && !grants.includes(grantTypes.implicit),
      'responseTypes',
      'tokens from the authorization endpoint need the grant type implicit',
    ],
    [
      responseTypes.some((type) => isUnboundResponse(settings, type)),
      'responseTypes',
      'with token cannot be combined with bound access tokens (DPoP, certificate, FAPI 2.0); use code',
    ],
    [
      grants.includes(grantTypes.authorizationCode) && !withCode,
      'grantTypes',
      'authorization_code needs a response type with code',
    ],
    [
      settings.subjectType === 'pairwise' && hosts.size > 1 && settings.sectorIdentifier === null,
      'sectorIdentifier',
      'is needed for pairwise subjects with redirect URIs at several hosts',
    ],
    [
      grants.includes(grantTypes.ciba) && settings.cibaDeliveryMode === null,
      'cibaDeliveryMode',
      'is needed for backchannel sign-in; choose poll or ping',
    ],
    [
      settings.cibaDeliveryMode === 'ping' && settings.cibaNotificationEndpoint === null,
      'cibaNotificationEndpoint',
      'is needed in the delivery mode ping',
    ],
    [
      idle !== null && absolute !== null && idle > absolute,
      'refreshIdleSeconds',
      'cannot be longer than refreshAbsoluteSeconds',
    ],
  ]);
}

/**
 * Finds everything about the settings of an application that could never work, or would promise a protection that is not
 * there. Empty when they can be saved.
 * @see RFC 7591 §2, §5; RFC 6749 §3.1.2, §10.1; RFC 8705 §2.1.2; RFC 8707 §2; OpenID Connect Core §8.1; OpenID CIBA Core §4
 */
export function findSettingRefusals(
  settings: ApplicationSettings,
  rules: SettingRules,
): readonly SettingRefusal[] {
  return [
    ...checkAddresses(settings, rules),
    ...checkTexts(settings),
    ...checkMethod(settings),
    ...checkFlows(settings),
    ...checkSigning(settings, rules),
    ...checkKeys(settings),
  ];
}
