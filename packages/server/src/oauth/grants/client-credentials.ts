import { grantableScopes, interpretScopes, mayIssue, parseScope } from '@latchkey/protocol';
import { existingProjects } from '../../platform/cached-facts.ts';
import { OAuthError } from '../../platform/errors.ts';
import { standingOf } from '../../platform/subject-standing.ts';
import { issueTokens } from '../issue-tokens.ts';
import { describeIssueRefusal } from '../refuse-issue.ts';
import type { Grant } from './grant.ts';

function machineScopes(text: string | undefined, organizationId: string): readonly string[] {
  const asked = parseScope(text);
  if (asked === undefined)
    throw new OAuthError('invalid_scope', 'scope has characters a scope must not have, or too many entries');
  // A machine has no session to be offline from; an organization scope of another organization is dropped (dialect).
  const own = asked.filter(
    (scope) =>
      scope !== 'offline_access' &&
      (interpretScopes([scope]).organizationId ?? organizationId) === organizationId,
  );
  return grantableScopes(own, interpretScopes(own).roleKeys);
}

/** A token for a machine user acting for itself; no database while its facts are in memory (RFC 6749 §4.4). */
export const clientCredentialsGrant: Grant = async (context, client, params) => {
  if (client.kind !== 'machine') {
    throw new OAuthError(
      'unauthorized_client',
      'client_credentials is for machine users: use the login name of one as client_id',
    );
  }
  const { deps, instance } = context;
  const issuedAtMs = deps.clock.now();
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const subject = await deps.facts.subjects.load(instance.scope, client.machine.userId);
  if (subject === undefined) throw new OAuthError('invalid_grant', 'the user is not active');
  const scopes = machineScopes(params.get('scope'), subject.organization.id);
  const refusal = mayIssue({ grantType: 'client_credentials', subject: standingOf(subject), scopes });
  if (refusal !== undefined) {
    const { code, description } = describeIssueRefusal(refusal);
    throw new OAuthError(code, description);
  }
  return issueTokens(context, {
    grantType: 'client_credentials',
    client: { machineClientId: client.clientId, machine: client.machine },
    subject,
    scopes,
    issuedAtMs,
    projectIds: await existingProjects(
      deps.facts,
      instance.scope,
      interpretScopes(scopes).audienceProjectIds,
    ),
  });
};
