import { type Subject, userClaims } from '@latchkey/identity';
import { type ClientFacts, interpretScopes, wantsRoles } from '@latchkey/protocol';

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

/** What the tokens of a grant tell about their user, and why. */
export function explainClaims(
  client: ClientFacts,
  subject: Subject,
  scopes: readonly string[],
): ExplainedClaim[] {
  const meaning = interpretScopes(scopes);
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
  const audience = meaning.audienceProjectIds.map((id) => ({
    name: `aud: ${id}`,
    reason: `scope …project:id:${id}:aud`,
  }));
  return [{ name: 'sub', reason: 'always' }, ...ofScopes, ...ofRoles, ...audience];
}
