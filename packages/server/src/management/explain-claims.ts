import { type Subject, userClaims } from '@latchkey/identity';
import {
  type ClientFacts,
  describeObtainRefusal,
  mayObtain,
  type TargetFacts,
  wantsRoles,
} from '@latchkey/protocol';

/** A claim and what put it where it is told. */
export interface ExplainedClaim {
  readonly name: string;
  readonly reason: string;
}

const profileScopes = ['profile', 'email', 'phone', 'address'] as const;

function placeOf(client: ClientFacts): string {
  return client.application.idTokenUserinfoAssertion
    ? 'in the ID token too, since the application wants user info inside it'
    : 'at userinfo and introspection only';
}

function roleReason(client: ClientFacts, scopes: readonly string[]): string | undefined {
  if (wantsRoles(scopes)) return 'a scope asks for roles';
  if (client.project.roleAssertion) return 'the project asserts roles';
  return undefined;
}

/** An audience scope of a grant, as the next token will have it. */
export interface ExplainedTarget {
  /** As the scope names it. */
  readonly name: string;
  /** Absent when the project does not exist or is not active. */
  readonly target: TargetFacts | undefined;
}

function audienceClaim(client: ClientFacts, { name, target }: ExplainedTarget): ExplainedClaim {
  const requester = { kind: 'application', client } as const;
  const decision = target === undefined ? undefined : mayObtain({ requester, target });
  if (target === undefined || decision === undefined)
    return { name: `aud: ${name}`, reason: 'left out: there is no such active project' };
  return decision.kind === 'refused'
    ? { name: `aud: ${name}`, reason: `left out: ${describeObtainRefusal(target, decision.reason)}` }
    : { name: `aud: ${target.id}`, reason: `scope …project:id:${name}:aud (${decision.by})` };
}

/** What the tokens of a grant tell about their user, and why. */
export function explainClaims(
  client: ClientFacts,
  subject: Subject,
  scopes: readonly string[],
  targets: readonly ExplainedTarget[],
): ExplainedClaim[] {
  const ofScopes = profileScopes
    .filter((scope) => scopes.includes(scope))
    .flatMap((scope) =>
      Object.keys(userClaims(subject.user, [scope])).map((name) => ({
        name,
        reason: `scope ${scope}; ${placeOf(client)}`,
      })),
    );
  const roles = subject.authorizations
    .filter(({ projectId }) => projectId === client.project.id)
    .flatMap(({ roleKeys }) => roleKeys);
  const why = roleReason(client, scopes);
  const ofRoles =
    roles.length === 0
      ? [{ name: 'roles', reason: 'none: the user has no active authorization for the project' }]
      : [
          {
            name: `roles: ${roles.join(', ')}`,
            reason: why ?? 'told at introspection only; no scope or setting asks for them',
          },
        ];
  const audience = targets.map((target) => audienceClaim(client, target));
  return [{ name: 'sub', reason: 'always' }, ...ofScopes, ...ofRoles, ...audience];
}
