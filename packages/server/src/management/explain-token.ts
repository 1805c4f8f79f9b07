import type { Operations, ResponseOf } from '@latchkey/contract';
import {
  type AccessTokenFacts,
  type ClientFacts,
  describeObtainRefusal,
  introspectionCallerOf,
  isClientActive,
  isMeantFor,
  mayObtain,
  type Requester,
  type TargetFacts,
  whyDead,
} from '@latchkey/protocol';
import { standingOf } from '../platform/subject-standing.ts';
import { openAccessToken, readAccessToken } from '../platform/tokens.ts';
import type { CallOf } from './call.ts';

type Explained = ResponseOf<Operations['explainToken']>;
type Check = Explained['checks'][number];
type Home = Pick<CallOf<'explainToken'>, 'deps' | 'instance' | 'nowMs'>;

function check(
  name: Check['check'],
  outcome: Check['outcome'],
  detail: string,
  fix: string | null = null,
): Check {
  return { check: name, outcome, detail, fix };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** What the text looks like when it is no access token of this instance. */
function describeStranger(text: string): Check {
  if (text.startsWith('lk_rt_'))
    return check(
      'kind',
      'failed',
      'It is a refresh token.',
      'Send the access token to the API; refresh tokens stay with the application.',
    );
  if (text.split('.').length === 3)
    return check(
      'kind',
      'failed',
      'It is a JWT, but no access token of this instance: an ID token, one of another issuer, or one that was changed.',
      'Send access_token from the token response, not id_token, and compare the iss claim with this issuer.',
    );
  return check(
    'kind',
    'failed',
    'No token of this instance has this text.',
    'Compare the whole text; copying often loses its end. A token of another issuer is unknown here.',
  );
}

function checkExpiry(token: AccessTokenFacts, nowMs: number): Check {
  return token.expiresAt * 1000 <= nowMs
    ? check(
        'expiry',
        'failed',
        `It expired at ${iso(token.expiresAt)}.`,
        'Get a new one, with the refresh token if there is one.',
      )
    : check('expiry', 'passed', `It counts until ${iso(token.expiresAt)}.`);
}

/** What an id a token depends on is called. */
function nameOfDependency(token: AccessTokenFacts, id: string): string {
  const names: readonly (readonly [string | undefined, string])[] = [
    [token.tokenId, 'the token itself was revoked'],
    [token.sessionId, 'the session it came of has ended (signed out, or ended by a manager)'],
    [token.grantId, 'its grant has ended (refresh token revoked, replayed or signed out)'],
    [token.userId, 'the user was locked, deactivated or changed the password after it was issued'],
    [token.applicationId, 'the application was deactivated or changed after it was issued'],
    [token.clientId, 'the client was revoked after it was issued'],
    [token.projectId, 'the project was deactivated or made stricter after it was issued'],
    [token.organizationId, 'the organization was deactivated after it was issued'],
    [token.keyId, 'the key that signed it was taken out'],
  ];
  return names.find(([each]) => each === id)?.[1] ?? `what it depends on (${id}) has ended`;
}

function checkRevocation({ deps, instance, nowMs }: Home, token: AccessTokenFacts): Check {
  const dead = whyDead(token, instance.id, deps.live.revocationsOf(instance.id), deps.clock.now());
  if (dead?.kind !== 'revoked' || token.expiresAt * 1000 <= nowMs)
    return check(
      'revocation',
      dead?.kind === 'not-yet-valid' ? 'failed' : 'passed',
      dead?.kind === 'not-yet-valid'
        ? 'Its time of issue lies ahead; the clocks differ.'
        : 'Nothing it depends on was revoked.',
    );
  const why = nameOfDependency(token, dead.by);
  return check(
    'revocation',
    'failed',
    `Revoked: ${why}.`,
    'Sign in again; tokens issued before never come back.',
  );
}

async function checkOwner({ deps, instance }: Home, token: AccessTokenFacts): Promise<readonly Check[]> {
  const subject = await deps.facts.subjects.load(instance.scope, token.userId);
  if (subject === undefined) return [check('user', 'failed', 'Its user was removed.', null)];
  const { user, organization } = subject;
  return [
    user.state === 'active'
      ? check('user', 'passed', `${user.displayName} is active.`)
      : check(
          'user',
          'failed',
          `${user.displayName} is ${user.state}.`,
          'Activate or unlock the user, then sign in again.',
        ),
    organization.state === 'active'
      ? check('organization', 'passed', `${organization.name} is active.`)
      : check(
          'organization',
          'failed',
          `${organization.name} is ${organization.state}.`,
          'Activate the organization.',
        ),
  ];
}

async function checkIssuedTo({ deps, instance }: Home, token: AccessTokenFacts): Promise<Check> {
  if (token.applicationId === undefined)
    return check('application', 'passed', 'It was issued to a machine user itself.');
  const client = await deps.facts.clients.load(instance.scope, token.clientId);
  return client !== undefined && isClientActive(client)
    ? check('application', 'passed', `It was issued to ${client.application.name}, which is active.`)
    : check(
        'application',
        'failed',
        'The application it was issued to, its project or its organization is not active.',
        'Activate it, then sign in again.',
      );
}

function checkCaller(caller: ClientFacts | undefined, clientId: string): Check {
  if (caller === undefined)
    return check(
      'caller',
      'failed',
      `No application has the client id ${clientId}.`,
      'Use the client id of the API application; the API would be told 401 invalid_client.',
    );
  const { name, authMethod } = caller.application;
  if (!isClientActive(caller))
    return check(
      'caller',
      'failed',
      `${name}, its project or its organization is not active.`,
      'Activate it; the API would be told 401 invalid_client.',
    );
  if (authMethod === 'none')
    return check(
      'caller',
      'failed',
      `${name} is a public application and may not introspect.`,
      'Create an application of type API and let the API use its credentials.',
    );
  return check('caller', 'passed', `${name} may ask, by ${authMethod}.`);
}

/** Why the requester of a token cannot obtain the project of an API; `undefined` when it can. */
async function obtainRefusalOf(
  { deps, instance }: Home,
  token: AccessTokenFacts,
  target: TargetFacts | undefined,
): Promise<string | undefined> {
  if (target === undefined) return undefined;
  const client =
    token.applicationId === undefined
      ? undefined
      : await deps.facts.clients.load(instance.scope, token.clientId);
  const subject = await deps.facts.subjects.load(instance.scope, token.userId);
  if (subject === undefined) return undefined;
  const requester: Requester =
    client === undefined
      ? { kind: 'machine', standing: standingOf(subject) }
      : { kind: 'application', client };
  const decision = mayObtain({ requester, target });
  return decision.kind === 'refused' ? describeObtainRefusal(target, decision.reason) : undefined;
}

async function checkAudience(home: Home, token: AccessTokenFacts, caller: ClientFacts): Promise<Check> {
  const { deps, instance } = home;
  const subject = await deps.facts.subjects.load(instance.scope, token.userId);
  const target = await deps.facts.projects.load(instance.scope, caller.project.id);
  const personal = subject === undefined ? undefined : { owner: standingOf(subject), target };
  if (isMeantFor(token, introspectionCallerOf(caller), personal))
    return check('audience', 'passed', 'It is meant for this API.');
  const has = token.audience.length === 0 ? 'nobody' : token.audience.join(', ');
  const refusal = await obtainRefusalOf(home, token, target);
  if (refusal !== undefined)
    return check(
      'audience',
      'failed',
      `It is meant for ${has}; the API is ${caller.application.clientId}. Its requester is ${refusal}.`,
      'Allow the application or its organization in the project of the API, under “Who can get tokens”.',
    );
  return check(
    'audience',
    'failed',
    `It is meant for ${has}; the API is ${caller.application.clientId} in project ${caller.project.id}.`,
    `Ask for the scope urn:zitadel:iam:org:project:id:${caller.project.id}:aud when you get the token, or use applications of the same project.`,
  );
}

function conclude(checks: readonly Check[], verdict: Explained['verdict']): string {
  if (verdict === 'active') return 'The API is told that the token is active.';
  const failed = checks.find(({ outcome }) => outcome === 'failed');
  return failed === undefined ? 'The API is told that the token is inactive.' : `Inactive: ${failed.detail}`;
}

/** Goes through everything introspection looks at, in its order, and says what it found. */
export async function explainToken(call: CallOf<'explainToken'>): Promise<Explained> {
  const { deps, instance, body } = call;
  const text = body.token.trim().replace(/^Bearer\s+/i, '');
  const caller = await deps.facts.clients.load(instance.scope, body.clientId);
  const callerCheck = checkCaller(caller, body.clientId);
  const token = openAccessToken(deps, instance, text);
  if (token === undefined) {
    const checks = [describeStranger(text), callerCheck];
    return { verdict: 'inactive', summary: conclude(checks, 'inactive'), checks };
  }
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const reading = await readAccessToken(deps, instance, text);
  const kind =
    token.personal === true
      ? 'a personal access token'
      : text.includes('.')
        ? 'a JWT access token'
        : 'an opaque access token';
  const takenBack = reading.kind === 'dead' && reading.reason === 'personal access token taken back';
  const checks = [
    check(
      'kind',
      'passed',
      `It is ${kind} of this instance, with the scopes ${token.scopes.join(' ') || 'none'}.`,
    ),
    checkExpiry(token, call.nowMs),
    takenBack
      ? check(
          'revocation',
          'failed',
          'The personal access token was taken back.',
          'Make a new one for the machine user.',
        )
      : checkRevocation(call, token),
    ...(await checkOwner(call, token)),
    await checkIssuedTo(call, token),
    callerCheck,
    ...(caller === undefined ? [] : [await checkAudience(call, token, caller)]),
  ];
  const isActive = reading.kind === 'live' && checks.every(({ outcome }) => outcome !== 'failed');
  const verdict = isActive ? 'active' : 'inactive';
  return { verdict, summary: conclude(checks, verdict), checks };
}
