import { hash } from 'node:crypto';
import { type Claims, reservedUserClaims, roleClaims, type Subject, userClaims } from '@latchkey/identity';
import {
  type AccessTokenFacts,
  type Audience,
  audienceOf,
  type ClientFacts,
  type EpochMs,
  epochMs,
  epochSeconds,
  idTokenClaims,
  interpretScopes,
  jwtAccessTokenClaims,
  packAccessToken,
  type SigningAlgorithm,
  toSeconds,
  wantsRoles,
} from '@latchkey/protocol';
import type { MachineClient } from '@latchkey/store';
import type { RequestContext } from '../platform/http.ts';
import type { InstanceContext } from '../platform/instances.ts';
import { randomId } from '../platform/random.ts';
import { type SigningKey, signJwt } from '../platform/signing-keys.ts';
import { sealRefreshToken } from '../platform/tokens.ts';

/** What tokens are issued for. Every check has been made; `mayIssue` said yes. */
export interface Issue {
  readonly grantType: string;
  /** The application, or the machine user that acts for itself. */
  readonly client:
    | { readonly facts: ClientFacts }
    | { readonly machineClientId: string; readonly machine: MachineClient };
  readonly subject: Subject;
  readonly scopes: readonly string[];
  /** Those of the audience projects asked for that exist. */
  readonly projectIds: readonly string[];
  /** Taken before the facts were loaded, so that no revocation falls between. */
  readonly issuedAtMs: EpochMs;
  readonly sessionId?: string;
  readonly grantId?: string;
  readonly authTimeMs?: number;
  readonly amr?: readonly string[];
  readonly nonce?: string;
  /** The generation of the refresh token to give out; none without. */
  readonly refreshGeneration?: number;
}

interface Prepared {
  readonly instance: InstanceContext;
  readonly issue: Issue;
  readonly facts: ClientFacts | undefined;
  readonly audience: Audience;
  readonly clientId: string;
}

function keyFor(instance: InstanceContext, algorithm: SigningAlgorithm): SigningKey {
  const key = instance.signingKeys.find(
    (candidate) => candidate.algorithm === algorithm && candidate.state === 'active',
  );
  if (key === undefined) throw new Error(`instance ${instance.id} has no active ${algorithm} key`);
  return key;
}

function prepare(instance: InstanceContext, issue: Issue): Prepared {
  const facts = 'facts' in issue.client ? issue.client.facts : undefined;
  const clientId =
    'facts' in issue.client ? issue.client.facts.application.clientId : issue.client.machineClientId;
  const audience = audienceOf(
    issue.scopes,
    { clientId, ...(facts === undefined ? {} : { project: facts.project }) },
    issue.projectIds,
  );
  return { instance, issue, facts, audience, clientId };
}

function roleClaimsFor(prepared: Prepared): Claims {
  const { issue, facts, audience } = prepared;
  return roleClaims(issue.subject.authorizations, {
    ownProjectId: facts?.project.id,
    projectIds: audience.roleProjectIds,
    organizationIds: interpretScopes(issue.scopes).roleOrganizationIds,
  });
}

function isRoleTelling(prepared: Prepared): boolean {
  return wantsRoles(prepared.issue.scopes) || prepared.facts?.project.roleAssertion === true;
}

function accessTokenFacts(prepared: Prepared, keyId: string | undefined): AccessTokenFacts {
  const { instance, issue, facts, audience, clientId } = prepared;
  const lifetime =
    facts?.application.accessTokenLifetimeSeconds ?? instance.settings.accessTokenLifetimeSeconds;
  return {
    tokenId: randomId(),
    issuedAtMs: issue.issuedAtMs,
    expiresAt: epochSeconds(toSeconds(issue.issuedAtMs) + lifetime),
    userId: issue.subject.user.id,
    organizationId: issue.subject.organization.id,
    clientId,
    ...(facts === undefined ? {} : { applicationId: facts.application.id, projectId: facts.project.id }),
    ...(issue.sessionId === undefined ? {} : { sessionId: issue.sessionId }),
    ...(issue.grantId === undefined ? {} : { grantId: issue.grantId }),
    scopes: issue.scopes,
    audience: audience.audience,
    ...(issue.authTimeMs === undefined ? {} : { authTime: toSeconds(epochMs(issue.authTimeMs)) }),
    amr: issue.amr ?? [],
    ...(keyId === undefined ? {} : { keyId }),
  };
}

function signAccessToken(prepared: Prepared): { text: string; facts: AccessTokenFacts } {
  const { instance, facts, issue } = prepared;
  const application = facts?.application;
  const chosen = 'machine' in issue.client ? issue.client.machine : issue.client.facts.application;
  const key = keyFor(instance, chosen.accessTokenSigningAlg);
  const plain = accessTokenFacts(prepared, key.keyId);
  // RFC 9068 §2.2 wants an audience; a machine that asked for none gets its own id (ZITADEL dialect).
  const token = plain.audience.length > 0 ? plain : { ...plain, audience: [prepared.clientId] };
  const claims = {
    ...reservedUserClaims(issue.subject, interpretScopes(issue.scopes)),
    ...(application?.accessTokenRoleAssertion === false || !isRoleTelling(prepared)
      ? {}
      : roleClaimsFor(prepared)),
    ...jwtAccessTokenClaims(token, {
      issuer: instance.origin,
      jti: instance.sealer.seal('token-id', packAccessToken(token)),
      clockSkewSeconds: application?.clockSkewSeconds ?? 0,
    }),
  };
  return { text: signJwt(key, claims, 'at+jwt'), facts: token };
}

function buildAccessToken(prepared: Prepared): {
  text: string;
  facts: AccessTokenFacts;
  type: 'opaque' | 'jwt';
} {
  const { issue, facts, instance } = prepared;
  const type =
    'facts' in issue.client
      ? (facts?.application.accessTokenType ?? 'opaque')
      : issue.client.machine.accessTokenType;
  if (type === 'jwt') return { ...signAccessToken(prepared), type };
  const token = accessTokenFacts(prepared, undefined);
  return { text: instance.sealer.seal('access-token', packAccessToken(token)), facts: token, type };
}

/** The left half of the access token's hash, by the hash of the ID token's algorithm (OpenID Connect Core §3.1.3.6). */
function accessTokenHash(accessToken: string): string {
  return Buffer.from(hash('sha256', accessToken, 'hex'), 'hex')
    .subarray(0, 16)
    .toString('base64url');
}

function buildIdToken(prepared: Prepared, accessToken: string): string | undefined {
  const { instance, issue, facts } = prepared;
  if (facts === undefined || !issue.scopes.includes('openid')) return undefined;
  const { application } = facts;
  const issuedAt = toSeconds(issue.issuedAtMs);
  const person = {
    ...(application.idTokenUserinfoAssertion ? userClaims(issue.subject.user, issue.scopes) : {}),
    ...reservedUserClaims(issue.subject, interpretScopes(issue.scopes)),
    ...(application.idTokenRoleAssertion && isRoleTelling(prepared) ? roleClaimsFor(prepared) : {}),
  };
  const claims = idTokenClaims(
    {
      issuer: instance.origin,
      subject: issue.subject.user.id,
      audience: [application.clientId],
      clientId: application.clientId,
      issuedAt,
      expiresAt: epochSeconds(
        issuedAt + (application.idTokenLifetimeSeconds ?? instance.settings.idTokenLifetimeSeconds),
      ),
      clockSkewSeconds: application.clockSkewSeconds,
      amr: issue.amr ?? [],
      accessTokenHash: accessTokenHash(accessToken),
      ...(issue.authTimeMs === undefined ? {} : { authTime: toSeconds(epochMs(issue.authTimeMs)) }),
      ...(issue.nonce === undefined ? {} : { nonce: issue.nonce }),
      ...(issue.sessionId === undefined ? {} : { sessionId: issue.sessionId }),
    },
    person,
  );
  return signJwt(keyFor(instance, application.idTokenSigningAlg), claims, 'JWT');
}

/**
 * Issues the tokens of a grant: the only place that signs or seals tokens. Returns the token endpoint's answer
 * (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
 */
export function issueTokens(
  context: Pick<RequestContext, 'instance' | 'deps'>,
  issue: Issue,
): Readonly<Record<string, unknown>> {
  const prepared = prepare(context.instance, issue);
  const accessToken = buildAccessToken(prepared);
  const idToken = buildIdToken(prepared, accessToken.text);
  context.deps.metrics.countToken(issue.grantType, accessToken.type);
  const { refreshGeneration, grantId, sessionId } = issue;
  const refreshToken =
    refreshGeneration === undefined || grantId === undefined || sessionId === undefined
      ? undefined
      : sealRefreshToken(context.instance, {
          grantId,
          generation: refreshGeneration,
          userId: issue.subject.user.id,
          sessionId,
        });
  return {
    access_token: accessToken.text,
    token_type: 'Bearer',
    expires_in: accessToken.facts.expiresAt - toSeconds(issue.issuedAtMs),
    scope: issue.scopes.join(' '),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
}
