import {
  type Claims,
  namedUserClaims,
  reservedUserClaims,
  roleClaims,
  type Subject,
  userClaims,
} from '@latchkey/identity';
import {
  type AccessTokenFacts,
  type Actor,
  type ApplicationFacts,
  type Audience,
  audienceOf,
  type ClientFacts,
  type Confirmation,
  describeScopes,
  type EpochMs,
  type EpochSeconds,
  epochMs,
  epochSeconds,
  idTokenClaims,
  interpretScopes,
  isForOwnProject,
  jwtAccessTokenClaims,
  needsBoundTokens,
  packAccessToken,
  packTokenId,
  type RequestedClaims,
  type ResourceFacts,
  toSeconds,
  wantsRoles,
} from '@latchkey/protocol';
import type { MachineClient } from '@latchkey/store';
import type { RequestContext } from '../platform/http.ts';
import type { InstanceContext } from '../platform/instances.ts';
import { leftHalfHash } from '../platform/jws.ts';
import { randomId } from '../platform/random.ts';
import { activeKey } from '../platform/signing-keys.ts';
import { subjectFor } from '../platform/subject.ts';
import { sealRefreshToken } from '../platform/tokens.ts';
import { encryptIdToken } from './encrypt-id-token.ts';
import { sealToken, signToken } from './sign-token.ts';

/** What tokens are issued for. Every check has been made; `mayIssue` said yes. */
export interface Issue {
  readonly grantType: string;
  /** The application, or the machine user that acts for itself. */
  readonly client:
    | { readonly facts: ClientFacts }
    | { readonly machineClientId: string; readonly machine: MachineClient };
  readonly subject: Subject;
  readonly scopes: readonly string[];
  /** Those of the audience projects asked for that `mayObtain` granted. */
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
  /** The key the access token is bound to. */
  readonly confirmation?: Confirmation | undefined;
  /** Who acts for the subject (RFC 8693 §4.1). */
  readonly actor?: Actor;
  /** When the actor signed in; absent for machines, and when it is unknown. */
  readonly actorAuthTime?: EpochSeconds;
  /** Claims asked for one by one (OpenID Connect Core §5.5). */
  readonly claims?: RequestedClaims;
  /** Told in the ID token; absent when nobody asked. */
  readonly acr?: string;
  /** Resource indicators the token is for (RFC 8707), as `mayObtain` granted them. */
  readonly resources?: readonly ResourceFacts[];
  /** Whether the default audience names the client's own project, where it may. */
  readonly ownProject?: 'included' | 'left-out';
  /** In place of what the application's settings say. */
  readonly accessTokenType?: 'opaque' | 'jwt';
  /** What the tokens came of besides: they die with any of it. */
  readonly dependsOn?: readonly string[];
  /** The tokens end no later, whatever their lifetime. */
  readonly notAfter?: EpochSeconds;
}

/** What else the ID token of an authorization response speaks for (OpenID Connect Core §3.3.2.11). */
export interface FrontChannel {
  readonly wantsAccessToken: 'yes' | 'no';
  readonly wantsIdToken: 'yes' | 'no';
  readonly code?: string;
  readonly state?: string;
}

interface Prepared {
  readonly instance: InstanceContext;
  readonly issue: Issue;
  readonly facts: ClientFacts | undefined;
  readonly audience: Audience;
  readonly clientId: string;
  /** The `sub` to tell, where it is not the user's id. */
  readonly pairwiseSubject: string | undefined;
}

function ownAudience(
  { settings }: InstanceContext,
  facts: ClientFacts,
  { ownProject }: Issue,
): 'project' | 'client-alone' {
  const isFor = ownProject !== 'left-out' && isForOwnProject(facts, settings.managementProjectId);
  return isFor ? 'project' : 'client-alone';
}

function prepare(instance: InstanceContext, issue: Issue): Prepared {
  const facts = 'facts' in issue.client ? issue.client.facts : undefined;
  const clientId =
    'facts' in issue.client ? issue.client.facts.application.clientId : issue.client.machineClientId;
  const audience = audienceOf(
    issue.scopes,
    {
      clientId,
      ...(facts === undefined ? {} : { project: facts.project, own: ownAudience(instance, facts, issue) }),
    },
    issue.projectIds,
    issue.resources,
  );
  const isPairwise = facts?.application.subjectType === 'pairwise';
  const pairwiseSubject = isPairwise
    ? subjectFor(instance, facts.application, issue.subject.user.id)
    : undefined;
  return { instance, issue, facts, audience, clientId, pairwiseSubject };
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

function endOf(issue: Issue, lifetimeSeconds: number): EpochSeconds {
  const end = toSeconds(issue.issuedAtMs) + lifetimeSeconds;
  return epochSeconds(issue.notAfter === undefined ? end : Math.min(end, issue.notAfter));
}

function accessTokenFacts(prepared: Prepared, keyId: string | undefined): AccessTokenFacts {
  const { instance, issue, facts, audience, clientId, pairwiseSubject } = prepared;
  const lifetime =
    facts?.application.accessTokenLifetimeSeconds ?? instance.settings.accessTokenLifetimeSeconds;
  const userinfoClaims = issue.claims?.userinfo ?? [];
  return {
    tokenId: randomId(),
    issuedAtMs: issue.issuedAtMs,
    expiresAt: endOf(issue, lifetime),
    userId: issue.subject.user.id,
    organizationId: issue.subject.organization.id,
    clientId,
    ...(facts === undefined ? {} : { applicationId: facts.application.id, projectId: facts.project.id }),
    ...(issue.sessionId === undefined ? {} : { sessionId: issue.sessionId }),
    ...(issue.grantId === undefined ? {} : { grantId: issue.grantId }),
    ...(instance.origin === instance.primaryOrigin ? {} : { issuer: instance.origin }),
    scopes: issue.scopes,
    audience: audience.audience,
    ...(audience.isForWholeProject ? { isForWholeProject: true } : {}),
    ...(issue.authTimeMs === undefined ? {} : { authTime: toSeconds(epochMs(issue.authTimeMs)) }),
    amr: issue.amr ?? [],
    ...(keyId === undefined ? {} : { keyId }),
    ...(issue.confirmation === undefined ? {} : { confirmation: issue.confirmation }),
    ...(issue.actor === undefined ? {} : { actor: issue.actor }),
    ...(issue.actorAuthTime === undefined ? {} : { actorAuthTime: issue.actorAuthTime }),
    ...(userinfoClaims.length === 0 ? {} : { userinfoClaims }),
    ...(pairwiseSubject === undefined ? {} : { subject: pairwiseSubject }),
    ...(issue.dependsOn === undefined || issue.dependsOn.length === 0 ? {} : { dependsOn: issue.dependsOn }),
  };
}

interface BuiltAccessToken {
  readonly text: string;
  readonly facts: AccessTokenFacts;
  readonly type: 'opaque' | 'jwt';
}

/**
 * The audience of a machine user's JWT that is for no API: itself (ZITADEL dialect). A login name that is a client ID or
 * the ID of a project as well would be an audience nobody granted.
 */
async function ownNameOf({ deps }: Pick<RequestContext, 'deps'>, prepared: Prepared): Promise<string> {
  const { instance, clientId, issue } = prepared;
  const other =
    (await deps.facts.clients.load(instance.scope, clientId)) ??
    (await deps.facts.projects.load(instance.scope, clientId));
  return other === undefined ? clientId : `urn:latchkey:user:${issue.subject.user.id}`;
}

async function signAccessToken(
  context: Pick<RequestContext, 'deps'>,
  prepared: Prepared,
): Promise<BuiltAccessToken> {
  const { instance, facts, issue } = prepared;
  const application = facts?.application;
  const chosen = 'machine' in issue.client ? issue.client.machine : issue.client.facts.application;
  const key = activeKey(instance, chosen.accessTokenSigningAlg);
  const plain = accessTokenFacts(prepared, key.keyId);
  // RFC 9068 §2.2 wants an audience; a machine that asked for none gets its own id (ZITADEL dialect).
  const token =
    plain.audience.length > 0 ? plain : { ...plain, audience: [await ownNameOf(context, prepared)] };
  const clockSkewSeconds = application?.clockSkewSeconds ?? 0;
  const claims = {
    ...reservedUserClaims(issue.subject, interpretScopes(issue.scopes)),
    ...(application?.accessTokenRoleAssertion === false || !isRoleTelling(prepared)
      ? {}
      : roleClaimsFor(prepared)),
    ...jwtAccessTokenClaims(token, {
      issuer: instance.origin,
      jti: instance.sealer.seal('token-id', packTokenId(token, clockSkewSeconds)),
      projectClientIds: facts?.project.clientIds ?? [],
      clockSkewSeconds,
    }),
  };
  const type = chosen.accessTokenJwtType ?? instance.settings.accessTokenJwtType;
  const text = await signToken(instance, key, claims, type);
  return { text, facts: token, type: 'jwt' };
}

function sealAccessToken(prepared: Prepared): BuiltAccessToken {
  const token = accessTokenFacts(prepared, undefined);
  return { text: sealToken(prepared.instance, packAccessToken(token)), facts: token, type: 'opaque' };
}

function buildAccessToken(
  context: Pick<RequestContext, 'deps'>,
  prepared: Prepared,
): BuiltAccessToken | Promise<BuiltAccessToken> {
  const { issue, facts } = prepared;
  // Every grant refuses before; this is the last check, in the only place where tokens are made.
  if (facts !== undefined && issue.confirmation === undefined && needsBoundTokens(facts.application))
    throw new Error(
      `an unbound access token for application ${facts.application.id}, which must bind its tokens`,
    );
  const usual =
    'facts' in issue.client
      ? (facts?.application.accessTokenType ?? 'opaque')
      : issue.client.machine.accessTokenType;
  return (issue.accessTokenType ?? usual) === 'jwt'
    ? signAccessToken(context, prepared)
    : sealAccessToken(prepared);
}

/** What an ID token tells of the person: claims by name always, by scope where nothing else will tell them. */
function personClaims(prepared: Prepared, application: ApplicationFacts, tellsScopes: 'yes' | 'no') {
  const { issue } = prepared;
  const { user } = issue.subject;
  return {
    ...(application.idTokenUserinfoAssertion || tellsScopes === 'yes' ? userClaims(user, issue.scopes) : {}),
    ...namedUserClaims(user, issue.claims?.idToken ?? []),
    ...reservedUserClaims(issue.subject, interpretScopes(issue.scopes)),
    ...(application.idTokenRoleAssertion && isRoleTelling(prepared) ? roleClaimsFor(prepared) : {}),
  };
}

interface IdTokenOccasion {
  readonly accessToken?: string;
  readonly code?: string;
  readonly state?: string;
  /** OpenID Connect Core §5.4: without an access token the ID token is the only place for the claims of the scopes. */
  readonly tellsScopes: 'yes' | 'no';
}

async function buildIdToken(
  context: Pick<RequestContext, 'instance' | 'deps'>,
  prepared: Prepared,
  occasion: IdTokenOccasion,
): Promise<string | undefined> {
  const { instance, issue, facts, pairwiseSubject } = prepared;
  if (facts === undefined || !issue.scopes.includes('openid')) return undefined;
  const { application } = facts;
  const algorithm = application.idTokenSigningAlg;
  const { accessToken, code, state } = occasion;
  const lifetime = application.idTokenLifetimeSeconds ?? instance.settings.idTokenLifetimeSeconds;
  const claims = idTokenClaims(
    {
      issuer: instance.origin,
      subject: pairwiseSubject ?? issue.subject.user.id,
      audience: [application.clientId],
      clientId: application.clientId,
      tellsClientId: application.idTokenClientIdAssertion,
      issuedAt: toSeconds(issue.issuedAtMs),
      expiresAt: endOf(issue, lifetime),
      clockSkewSeconds: application.clockSkewSeconds,
      amr: issue.amr ?? [],
      ...(accessToken === undefined ? {} : { accessTokenHash: leftHalfHash(algorithm, accessToken) }),
      ...(code === undefined ? {} : { codeHash: leftHalfHash(algorithm, code) }),
      ...(code === undefined || state === undefined ? {} : { stateHash: leftHalfHash(algorithm, state) }),
      ...(issue.authTimeMs === undefined ? {} : { authTime: toSeconds(epochMs(issue.authTimeMs)) }),
      ...(issue.nonce === undefined ? {} : { nonce: issue.nonce }),
      ...(issue.sessionId === undefined ? {} : { sessionId: issue.sessionId }),
      ...(issue.acr === undefined ? {} : { acr: issue.acr }),
      ...(issue.actor === undefined ? {} : { actor: issue.actor }),
    },
    personClaims(prepared, application, occasion.tellsScopes),
  );
  const signed = await signToken(instance, activeKey(instance, algorithm), claims, 'JWT');
  return application.idTokenEncryptedResponseAlg === null
    ? signed
    : await encryptIdToken(context, application, signed);
}

function tokenType(facts: AccessTokenFacts): 'Bearer' | 'DPoP' {
  return facts.confirmation?.kind === 'dpop' ? 'DPoP' : 'Bearer';
}

/** The scopes of an answer, with the roles of the application's project by name where they are not too many. */
function toldScopes({ client, scopes }: Issue): string {
  const roleKeys = 'facts' in client ? client.facts.project.roleKeys : [];
  return describeScopes(scopes, roleKeys).join(' ');
}

function accessTokenMembers(issue: Issue, { text, facts }: BuiltAccessToken) {
  return {
    access_token: text,
    token_type: tokenType(facts),
    expires_in: facts.expiresAt - toSeconds(issue.issuedAtMs),
    scope: toldScopes(issue),
  };
}

/**
 * Issues the tokens of a grant: the only place that signs or seals tokens. Returns the token endpoint's answer
 * (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
 */
export async function issueTokens(
  context: Pick<RequestContext, 'instance' | 'deps'>,
  issue: Issue,
): Promise<Readonly<Record<string, unknown>>> {
  const prepared = prepare(context.instance, issue);
  const built = buildAccessToken(context, prepared);
  const accessToken = built instanceof Promise ? await built : built;
  const occasion = { accessToken: accessToken.text, tellsScopes: 'no' } as const;
  const idToken = prepared.facts === undefined ? undefined : await buildIdToken(context, prepared, occasion);
  context.deps.metrics.countToken(issue.grantType, accessToken.type);
  context.deps.usage.note(context.instance.id, 'tokens-issued', prepared.facts?.application.id ?? '');
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
    ...accessTokenMembers(issue, accessToken),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
}

/** An ID token alone, for an exchange that asks for one (RFC 8693 §2.1); `undefined` for a machine user's own. */
export async function issueIdToken(
  context: Pick<RequestContext, 'instance' | 'deps'>,
  issue: Issue,
): Promise<string | undefined> {
  const prepared = prepare(context.instance, issue);
  return await buildIdToken(context, prepared, { tellsScopes: 'no' });
}

/** The tokens an authorization response carries (OpenID Connect Core §3.2.2.5, §3.3.2.5), as its parameters. */
export async function issueFrontChannel(
  context: Pick<RequestContext, 'instance' | 'deps'>,
  issue: Issue,
  { wantsAccessToken, wantsIdToken, code, state }: FrontChannel,
): Promise<Readonly<Record<string, string>>> {
  const prepared = prepare(context.instance, issue);
  const accessToken = wantsAccessToken === 'yes' ? await buildAccessToken(context, prepared) : undefined;
  if (accessToken !== undefined) context.deps.metrics.countToken(issue.grantType, accessToken.type);
  const idToken =
    wantsIdToken === 'yes'
      ? await buildIdToken(context, prepared, {
          ...(accessToken === undefined ? {} : { accessToken: accessToken.text }),
          ...(code === undefined ? {} : { code }),
          ...(state === undefined ? {} : { state }),
          tellsScopes: accessToken === undefined && code === undefined ? 'yes' : 'no',
        })
      : undefined;
  const members = accessToken === undefined ? {} : accessTokenMembers(issue, accessToken);
  return {
    ...Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)])),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
}
