import {
  type Confirmation,
  type GrantType,
  interpretScopes,
  isForOrganization,
  mayIssue,
  type OrganizationNames,
  type Params,
  parseScope,
  type ResourceFacts,
  resourcesOf,
  type ScopeMeaning,
} from '@latchkey/protocol';
import type { MachineClient } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/http.ts';
import { type Obtaining, obtainResources, obtainScopes } from '../../platform/obtain.ts';
import { standingOf } from '../../platform/subject-standing.ts';
import { issueTokens } from '../issue-tokens.ts';
import { describeIssueRefusal } from '../refuse-issue.ts';
import type { TokenAnswer } from './grant.ts';

function machineScopes(text: string | undefined, organization: OrganizationNames): ScopeMeaning {
  const asked = parseScope(text);
  if (asked === undefined)
    throw new OAuthError('invalid_scope', 'scope has characters a scope must not have, or too many entries');
  // A machine has no session to be offline from; an organization scope of another organization is dropped (dialect).
  return interpretScopes(
    asked.filter((scope) => scope !== 'offline_access' && isForOrganization(scope, organization)),
  );
}

/** The resource indicators asked for; each must be registered and allowed (RFC 8707 §2.2). */
async function machineResources(
  context: RequestContext,
  obtaining: Obtaining,
  params: Params,
): Promise<readonly ResourceFacts[]> {
  const asked = resourcesOf(params);
  const known = await obtainResources(context, obtaining, asked.slice(0, 21));
  if (known.length < asked.length || asked.length > 20)
    throw new OAuthError(
      'invalid_target',
      'resource must be the registered URI of an API that allows this machine user, twenty at most',
    );
  return known;
}

/** A machine user that has proved itself, and what it asks for. */
export interface MachineRequest {
  readonly grantType: GrantType;
  readonly clientId: string;
  readonly machine: MachineClient;
  readonly params: Params;
  readonly confirmation: Confirmation | undefined;
}

/**
 * A token for a machine user acting for itself; no database while its facts are in memory. Throws `OAuthError` when it is
 * not active or asks for malformed scopes (RFC 6749 §4.4.3, RFC 7523 §2.1).
 */
export async function issueToMachine(context: RequestContext, request: MachineRequest): Promise<TokenAnswer> {
  const { grantType, machine } = request;
  const { deps, instance } = context;
  const issuedAtMs = deps.clock.now();
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const subject = await deps.facts.subjects.load(instance.scope, machine.userId);
  if (subject === undefined) throw new OAuthError('invalid_grant', 'the user is not active');
  const standing = standingOf(subject);
  const obtaining = { requester: { kind: 'machine', standing } } as const;
  const asked = machineScopes(request.params.get('scope'), standing);
  const { scopes, projectIds } =
    asked.audienceProjectIds.length === 0
      ? { scopes: asked.known, projectIds: [] }
      : await obtainScopes(context, obtaining, asked.known, asked);
  const refusal = mayIssue({ grantType, subject: standing, scopes });
  if (refusal !== undefined) {
    const { code, description } = describeIssueRefusal(refusal);
    throw new OAuthError(code, description);
  }
  const resources = request.params.has('resource')
    ? await machineResources(context, obtaining, request.params)
    : [];
  return await issueTokens(context, {
    grantType,
    client: { machineClientId: request.clientId, machine },
    subject,
    scopes,
    issuedAtMs,
    resources,
    projectIds,
    confirmation: request.confirmation,
  });
}
