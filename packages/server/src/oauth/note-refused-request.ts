import {
  type ClientFacts,
  isClientActive,
  type OAuthErrorCode,
  type Params,
  printable,
} from '@latchkey/protocol';
import type { RefusalReport } from '@latchkey/store';
import { OAuthError, PageError, RedirectError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';

/** A request that was refused, as far as it was understood. */
export interface RefusedRequest {
  readonly type: Extract<RefusalReport['type'], 'authorization.refused' | 'token.refused' | 'client.refused'>;
  /** Who the request said it came from; nothing is proved. */
  readonly clientId: string | undefined;
  readonly params: Params;
  readonly error: unknown;
  /** The session the code of the request came of. */
  readonly sessionId?: string | undefined;
}

// Answers that tell a client to wait or to try otherwise: they belong to a flow that goes well.
const usual: ReadonlySet<OAuthErrorCode> = new Set([
  'authorization_pending',
  'slow_down',
  'use_dpop_nonce',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'temporarily_unavailable',
]);

function refusalOf(error: unknown): { readonly code: string; readonly reason: string } | undefined {
  if (error instanceof PageError) return { code: error.code, reason: error.message };
  if (!(error instanceof OAuthError || error instanceof RedirectError) || usual.has(error.code))
    return undefined;
  return { code: error.code, reason: error.message };
}

/** What the request said, and what the application expects, that helps to mend it; never a secret, code or token. */
function factsOf(
  { type, params }: RefusedRequest,
  client: ClientFacts | undefined,
): Readonly<Record<string, string>> {
  const redirectUri = params.get('redirect_uri');
  const grantType = params.get('grant_type');
  return {
    ...(redirectUri === undefined || !/^[\x21-\x7e]{1,500}$/.test(redirectUri) ? {} : { redirectUri }),
    ...(grantType === undefined ? {} : { grantType: printable(grantType) }),
    ...(client === undefined || isClientActive(client) ? {} : { application: 'not active' }),
    ...(type === 'client.refused' && client !== undefined
      ? { registeredAuthMethod: client.application.authMethod }
      : {}),
  };
}

/**
 * Puts a refused request into the event log, for whoever runs the application and wonders. Nobody has proved anything, so
 * only a few a minute are written. Never rejects, and keeps nothing of a request that merely has to wait.
 */
export async function noteRefusedRequest(context: RequestContext, refused: RefusedRequest): Promise<void> {
  const { deps, instance } = context;
  const { clientId, type, sessionId } = refused;
  const refusal = refusalOf(refused.error);
  // A client that did not prove itself has been noted where it failed to.
  if (refusal === undefined || (type === 'token.refused' && refusal.code === 'invalid_client')) return;
  let client: ClientFacts | undefined;
  try {
    client = clientId === undefined ? undefined : await deps.facts.clients.load(instance.scope, clientId);
  } catch (err) {
    deps.log.debug({ err }, 'the application of a refused request could not be read');
  }
  deps.refusals.noteUnproven({
    ...{ type, scope: instance.scope, sessionId, ip: context.ip },
    applicationId: client?.application.id,
    organizationId: client?.project.organizationId,
    clientId: printable(clientId ?? '') || 'unnamed',
    reason: refusal.reason.slice(0, 500),
    facts: { error: refusal.code, ...factsOf(refused, client) },
  });
}
