import { grantTypes, type ResponseType } from '../wire/names.ts';
import type { ApplicationFacts } from './facts.ts';

/** Everything an operator decides about an application, besides its name. */
export type ApplicationSettings = Omit<
  ApplicationFacts,
  'id' | 'clientId' | 'name' | 'state' | 'secrets' | 'keys' | 'isSelfRegistered'
>;

/** A setting of an application, by name. */
export type ApplicationSetting = keyof ApplicationSettings;

const signingIn = [grantTypes.authorizationCode, grantTypes.refreshToken] as const;

const byType = {
  user_agent: { authMethod: 'none', grantTypes: signingIn, responseTypes: ['code'] },
  web: { authMethod: 'client_secret_basic', grantTypes: signingIn, responseTypes: ['code'] },
  native: { authMethod: 'none', grantTypes: signingIn, responseTypes: ['code'] },
  api: { authMethod: 'client_secret_basic', grantTypes: [], responseTypes: [] },
} as const satisfies Record<ApplicationSettings['type'], Partial<ApplicationSettings>>;

const signIn = {
  redirectUris: [],
  postLogoutRedirectUris: [],
  additionalOrigins: [],
  developmentMode: false,
  isThirdParty: false,
  isManagementClient: false,
  initiateLoginUri: null,
  defaultMaxAgeSeconds: null,
  isAuthTimeRequired: false,
  defaultAcrValues: [],
  cibaDeliveryMode: null,
  cibaNotificationEndpoint: null,
  cibaRequestSigningAlg: null,
  frontchannelLogoutUri: null,
  isFrontchannelSessionRequired: false,
  backchannelLogoutUri: null,
  isBackchannelSessionRequired: false,
  clientUri: null,
  logoUri: null,
  policyUri: null,
  tosUri: null,
  contacts: [],
} as const satisfies Partial<ApplicationSettings>;

const tokens = {
  accessTokenType: 'opaque',
  accessTokenJwtType: null,
  accessTokenRoleAssertion: false,
  idTokenRoleAssertion: false,
  idTokenUserinfoAssertion: false,
  idTokenClientIdAssertion: false,
  clockSkewSeconds: 0,
  accessTokenLifetimeSeconds: null,
  idTokenLifetimeSeconds: null,
  refreshIdleSeconds: null,
  refreshAbsoluteSeconds: null,
  idTokenSigningAlg: 'RS256',
  accessTokenSigningAlg: 'RS256',
  idTokenEncryptedResponseAlg: null,
  idTokenEncryptedResponseEnc: null,
  userinfoSignedResponseAlg: null,
  introspectionSignedResponseAlg: null,
  authorizationSignedResponseAlg: 'RS256',
  isMinimalIntrospection: false,
  subjectType: 'public',
  sectorIdentifier: null,
  resourceUris: [],
} as const satisfies Partial<ApplicationSettings>;

const proofs = {
  securityProfile: 'standard',
  isPkceRequired: false,
  isParRequired: false,
  isSignedRequestRequired: false,
  requestObjectSigningAlg: null,
  requestUris: [],
  jwks: null,
  jwksUri: null,
  tokenEndpointAuthSigningAlg: null,
  tlsClientAuth: null,
  isDpopRequired: false,
  isCertificateBound: false,
} as const satisfies Partial<ApplicationSettings>;

/**
 * The settings an application of a type begins with.
 * @see ZITADEL dialect, application types; RFC 9700 §2.1 (code flow, no implicit)
 */
export function applicationDefaults(type: ApplicationSettings['type']): ApplicationSettings {
  return { ...signIn, ...tokens, ...proofs, ...byType[type], type };
}

/**
 * What an application loses when its settings change: whether tokens it was given before would be more than it could get
 * now. They end then, and its refresh tokens with them.
 * @see RFC 9700 §2.2 (sender constraint), RFC 6749 §2.1 (client types), OpenID Connect Core §3.1.2.4 (consent), §8.1
 */
export function isTightened(before: ApplicationSettings, after: ApplicationSettings): boolean {
  return (
    (after.isThirdParty && !before.isThirdParty) ||
    (before.isManagementClient && !after.isManagementClient) ||
    (after.authMethod !== 'none' && before.authMethod === 'none') ||
    before.grantTypes.some((grant) => !after.grantTypes.includes(grant)) ||
    (after.isDpopRequired && !before.isDpopRequired) ||
    (after.isCertificateBound && !before.isCertificateBound) ||
    (after.securityProfile !== 'standard' && before.securityProfile === 'standard') ||
    after.subjectType !== before.subjectType ||
    after.type !== before.type
  );
}

/**
 * The response types that go with grant types, when somebody changes those and says nothing of these: what is still
 * allowed stays, and the code flow has its code.
 * @see RFC 7591 §2.1
 */
export function alignResponseTypes(
  settings: Pick<ApplicationSettings, 'grantTypes' | 'responseTypes'>,
): readonly ResponseType[] {
  const { grantTypes: grants, responseTypes } = settings;
  const hasCode = grants.includes(grantTypes.authorizationCode);
  const hasTokens = grants.includes(grantTypes.implicit);
  const allowed = responseTypes.filter((type) => {
    const words = type.split(' ');
    return (hasCode || !words.includes('code')) && (hasTokens || type === 'code');
  });
  const isCode = (type: ResponseType): boolean => type.split(' ').includes('code');
  return [
    ...(hasCode && !allowed.some(isCode) ? (['code'] as const) : []),
    ...allowed,
    ...(hasTokens && !allowed.some((type) => !isCode(type)) && !hasCode ? (['id_token token'] as const) : []),
  ];
}
