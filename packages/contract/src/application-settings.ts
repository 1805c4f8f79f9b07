import { z } from 'zod';
import { accessTokenJwtType, storedName } from './fields.ts';

/** Kinds of applications: what runs where decides what is safe. */
export const applicationType = z.enum(['user_agent', 'web', 'native', 'api']).meta({
  description:
    '`user_agent` runs in the browser, `web` on a server, `native` on a device; `api` only checks tokens. Decides the defaults and what is safe.',
});

const signingAlgorithm = z.enum([
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]);
const clientAlgorithm = z.enum([
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]);
const uri = z.string().min(1).max(2000);

function flag(description: string) {
  return z.boolean().meta({ description });
}

function uris(description: string) {
  return z.array(uri).max(50).meta({ description });
}

function texts(description: string) {
  return z.array(z.string().min(1).max(200)).max(20).meta({ description });
}

function uriOrNone(description: string) {
  return uri.nullable().meta({ description });
}

function secondsOrDefault(minimum: number, maximum: number, description: string) {
  return z.number().int().min(minimum).max(maximum).nullable().meta({ description });
}

const signIn = {
  redirectUris: uris(
    'Where people come back to after signing in. Compared byte for byte; a native app may use any loopback port.',
  ),
  postLogoutRedirectUris: uris('Where people may be sent after signing out'),
  additionalOrigins: z
    .array(z.string().min(1).max(300))
    .max(50)
    .meta({ description: 'Origins of the application besides those of its redirect URIs' }),
  authMethod: z
    .enum([
      'none',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
    ])
    .meta({
      description:
        'How the application proves who it is. `none` for browsers and devices, where PKCE takes its place.',
    }),
  grantTypes: z
    .array(
      z.enum([
        'authorization_code',
        'implicit',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'urn:openid:params:grant-type:ciba',
      ]),
    )
    .max(8)
    .meta({ description: 'Ways in which it may get tokens' }),
  responseTypes: z
    .array(
      z.enum(['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']),
    )
    .max(6)
    .meta({ description: 'What it may ask of the authorization endpoint; `code` is what is safe today' }),
  developmentMode: flag(
    'Allows http and `*` patterns in redirect URIs. For development; turn it off in production.',
  ),
  isThirdParty: flag('Somebody else’s application: people are asked before it gets anything'),
  isManagementClient: flag(
    'It may obtain tokens for the management API of this instance. Setting or clearing this, and any change of an application that has it, needs the permission instance.write',
  ),
  initiateLoginUri: uriOrNone('Where a sign-in that begins elsewhere is taken to; https'),
  defaultMaxAgeSeconds: secondsOrDefault(
    0,
    2_147_483_647,
    'How long ago a sign-in may have been when the request does not say; null for any time',
  ),
  isAuthTimeRequired: flag('ID tokens always say when the person signed in'),
  defaultAcrValues: texts('Strengths of sign-in asked for when the request names none'),
  cibaDeliveryMode: z
    .enum(['poll', 'ping'])
    .nullable()
    .meta({ description: 'How the application hears that a backchannel sign-in is done' }),
  cibaNotificationEndpoint: uriOrNone('Where it is told so, in mode `ping`; https'),
  cibaRequestSigningAlg: clientAlgorithm.nullable().meta({
    description:
      'The algorithm its backchannel sign-in requests are signed by; unsigned ones are refused then',
  }),
} as const;

const tokens = {
  accessTokenType: z.enum(['opaque', 'jwt']).meta({
    description:
      '`opaque` tokens are introspected and die at once; `jwt` can be checked without asking, until they expire',
  }),
  accessTokenJwtType: accessTokenJwtType.nullable().meta({
    description: 'Header `typ` of JWT access tokens; null: as the instance has it',
  }),
  accessTokenRoleAssertion: flag('Access tokens carry the roles of the project'),
  idTokenRoleAssertion: flag('ID tokens carry the roles of the project'),
  idTokenUserinfoAssertion: flag('ID tokens carry what userinfo tells: profile, email, phone'),
  idTokenClientIdAssertion: flag(
    'ID tokens name the application in `client_id`, as ZITADEL’s do; `aud` and `azp` name it always',
  ),
  clockSkewSeconds: z
    .number()
    .int()
    .min(0)
    .max(5)
    .meta({ description: 'How far the clock of the application may be behind' }),
  accessTokenLifetimeSeconds: secondsOrDefault(
    10,
    86_400,
    'How long its access tokens count, by whatever grant; null: as the instance has it',
  ),
  idTokenLifetimeSeconds: secondsOrDefault(10, 86_400, 'null: as the instance has it'),
  refreshIdleSeconds: secondsOrDefault(
    1,
    315_360_000,
    'A refresh token not used for so long ends; null: as the instance has it',
  ),
  refreshAbsoluteSeconds: secondsOrDefault(
    1,
    315_360_000,
    'Refreshing ends so long after the sign-in; null: as the instance has it',
  ),
  idTokenSigningAlg: signingAlgorithm.meta({
    description: 'Needs an active key of the instance with this algorithm',
  }),
  accessTokenSigningAlg: signingAlgorithm.meta({
    description: 'Of JWT access tokens; needs an active key of the instance with this algorithm',
  }),
  idTokenEncryptedResponseAlg: z
    .enum(['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'])
    .nullable()
    .meta({ description: 'Encrypts ID tokens for a key of `jwks` or `jwksUri`' }),
  idTokenEncryptedResponseEnc: z
    .enum(['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'])
    .nullable()
    .meta({ description: 'Content encryption of ID tokens; needs `idTokenEncryptedResponseAlg`' }),
  userinfoSignedResponseAlg: signingAlgorithm
    .nullable()
    .meta({ description: 'Userinfo is answered as a signed JWT' }),
  introspectionSignedResponseAlg: signingAlgorithm
    .nullable()
    .meta({ description: 'Introspection is answered as a signed JWT' }),
  authorizationSignedResponseAlg: signingAlgorithm.meta({
    description: 'Signs authorization responses where the request asks for a JWT',
  }),
  isMinimalIntrospection: flag('Introspection answers without claims about the user'),
  subjectType: z.enum(['public', 'pairwise']).meta({
    description: '`pairwise`: a `sub` of its own for each sector, so that applications cannot compare notes',
  }),
  sectorIdentifier: z
    .string()
    .min(1)
    .max(300)
    .nullable()
    .meta({ description: 'Host that stands for the sector of pairwise subjects' }),
  resourceUris: uris('Resource indicators (RFC 8707) that name this API as audience'),
} as const;

const proofs = {
  securityProfile: z.enum(['standard', 'fapi2', 'fapi2_message_signing']).meta({
    description: 'Turns on all that FAPI 2.0 asks for, with `fapi2_message_signing` signed messages too',
  }),
  isPkceRequired: flag(
    'Authorization codes need PKCE although the application authenticates (RFC 7636). Applications that do not authenticate, and FAPI 2.0, always need it.',
  ),
  isParRequired: flag('Authorization requests must be pushed (RFC 9126)'),
  isSignedRequestRequired: flag('Authorization requests must be signed objects (RFC 9101)'),
  requestObjectSigningAlg: clientAlgorithm
    .nullable()
    .meta({ description: 'The only algorithm its request objects may be signed by' }),
  requestUris: uris('Addresses request objects may be fetched from; https'),
  jwks: z
    .looseObject({ keys: z.array(z.looseObject({ kty: z.string().max(20) })).max(20) })
    .nullable()
    .meta({ description: 'Public keys of the application as a JWK Set' }),
  jwksUri: uriOrNone('Where the application publishes its public keys; https'),
  tokenEndpointAuthSigningAlg: z
    .enum([...clientAlgorithm.options, 'HS256', 'HS384', 'HS512'])
    .nullable()
    .meta({ description: 'The only algorithm its assertions may be signed by' }),
  tlsClientAuth: z
    .strictObject({
      tls_client_auth_subject_dn: z.string().min(1).max(1000),
      tls_client_auth_san_dns: z.string().min(1).max(1000),
      tls_client_auth_san_uri: z.string().min(1).max(1000),
      tls_client_auth_san_ip: z.string().min(1).max(1000),
      tls_client_auth_san_email: z.string().min(1).max(1000),
    })
    .partial()
    .nullable()
    .meta({ description: 'What its certificate must say: exactly one member (RFC 8705 §2.1.2)' }),
  isDpopRequired: flag('Its access tokens are bound to a key (RFC 9449)'),
  isCertificateBound: flag('Its access tokens are bound to its certificate (RFC 8705 §3)'),
} as const;

const signOut = {
  frontchannelLogoutUri: uriOrNone('Loaded in a hidden frame when the person signs out; https'),
  isFrontchannelSessionRequired: flag('It is told the issuer and session id with that'),
  backchannelLogoutUri: uriOrNone('Told by a signed logout token when a session ends; https'),
  isBackchannelSessionRequired: flag('Logout tokens always name the session'),
} as const;

const about = {
  clientUri: uriOrNone('Home page; https'),
  logoUri: uriOrNone('Logo; https'),
  policyUri: uriOrNone('Privacy policy; https'),
  tosUri: uriOrNone('Terms of service; https'),
  contacts: texts('Whom to write to about it'),
} as const;

/** Every setting of an application besides its type and name, by group. */
export const applicationSettingGroups = { signIn, tokens, proofs, signOut, about } as const;

/** Every setting of an application besides its type. */
export const applicationSettings = {
  name: storedName,
  ...signIn,
  ...tokens,
  ...proofs,
  ...signOut,
  ...about,
} as const;
