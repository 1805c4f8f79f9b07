import { randomBytes, randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { SigningKey } from './signing-key.ts';

/** What an access token of the test issuer says. Everything has a default. */
export interface TokenSettings {
  /** `jwt` unless given; `opaque` tokens mean something at introspection only. */
  readonly format?: 'jwt' | 'opaque';
  /** Header `typ` of a JWT, as the application has it set: `JWT` unless given, or `at+jwt` (RFC 9068 §2.1). */
  readonly jwtType?: 'JWT' | 'at+jwt';
  readonly subject?: string;
  /** The application the token was issued to. */
  readonly clientId?: string;
  /** The test project unless given. */
  readonly audience?: string | readonly string[];
  readonly scopes?: readonly string[];
  /** Roles in the test project, granted by `organization`. */
  readonly roles?: readonly string[];
  /** Organisation of the user, `test-organization` unless given. */
  readonly organization?: string;
  /** Negative for a token that has expired already; 900 unless given. */
  readonly expiresInSeconds?: number;
  /** Added last: other claims, or other values; `undefined` takes a claim out. */
  readonly claims?: JsonObject;
}

/** What an ID token of the test issuer says. */
export type IdTokenSettings = Pick<TokenSettings, 'subject' | 'audience' | 'expiresInSeconds' | 'claims'>;

export interface MintContext {
  readonly issuer: string;
  readonly projectId: string;
  readonly nowSeconds: number;
}

export function buildAccessTokenClaims(settings: TokenSettings, context: MintContext): JsonObject {
  const organization = settings.organization ?? 'test-organization';
  const expiresInSeconds = settings.expiresInSeconds ?? 900;
  return {
    iss: context.issuer,
    sub: settings.subject ?? 'test-user',
    aud: [settings.audience ?? context.projectId].flat(),
    client_id: settings.clientId ?? '100000000000000001',
    scope: (settings.scopes ?? ['openid']).join(' '),
    jti: randomUUID(),
    iat: Math.min(context.nowSeconds, context.nowSeconds + expiresInSeconds),
    nbf: Math.min(context.nowSeconds, context.nowSeconds + expiresInSeconds),
    exp: context.nowSeconds + expiresInSeconds,
    'urn:zitadel:iam:user:resourceowner:id': organization,
    ...buildRoleClaims(settings.roles ?? [], organization, context.projectId),
    ...settings.claims,
  };
}

export function buildIdTokenClaims(settings: IdTokenSettings, context: MintContext): JsonObject {
  return {
    iss: context.issuer,
    sub: settings.subject ?? 'test-user',
    aud: [settings.audience ?? context.projectId].flat(),
    azp: '100000000000000001',
    at_hash: randomBytes(16).toString('base64url'),
    iat: context.nowSeconds,
    auth_time: context.nowSeconds,
    exp: context.nowSeconds + (settings.expiresInSeconds ?? 900),
    ...settings.claims,
  };
}

/** Writes the token: a signed JWT, or random text. */
export async function writeToken(
  claims: JsonObject,
  { format = 'jwt', jwtType = 'JWT' }: Pick<TokenSettings, 'format' | 'jwtType'>,
  key: SigningKey,
): Promise<string> {
  return format === 'jwt' ? key.sign(jwtType, claims) : `test_at_${randomBytes(32).toString('base64url')}`;
}

// No roles: the claim is absent, not empty.
function buildRoleClaims(roles: readonly string[], organization: string, projectId: string): JsonObject {
  if (roles.length === 0) return {};
  const map = Object.fromEntries(roles.map((role) => [role, { [organization]: `${organization}.test` }]));
  return {
    'urn:zitadel:iam:org:project:roles': map,
    [`urn:zitadel:iam:org:project:${projectId}:roles`]: map,
  };
}
