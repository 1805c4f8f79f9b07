import { type CheckedAuthorizeRequest, type ClientFacts, decideConsent } from '@latchkey/protocol';
import { findConsent } from '@latchkey/store';
import { RedirectError } from '../platform/errors.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { loginRedirect } from '../platform/login-flow.ts';

/**
 * Stops an authorization request at the consent page where the person must be asked first; `undefined` lets it go on.
 * Throws `RedirectError` consent_required when no page may be shown (OpenID Connect Core §3.1.2.4, §3.1.2.6).
 */
export async function consentGate(
  context: RequestContext,
  request: CheckedAuthorizeRequest,
  session: { readonly id: string; readonly userId: string },
  client: ClientFacts,
): Promise<Answer | undefined> {
  const { deps, instance } = context;
  const { application } = client;
  const key = { userId: session.userId, applicationId: application.id };
  const remembered = application.isThirdParty
    ? await findConsent(deps.store.db, instance.scope, key)
    : undefined;
  if (decideConsent({ request, application, remembered }) === 'not-needed') return undefined;
  if (request.prompts.includes('none')) {
    throw new RedirectError(
      request,
      'consent_required',
      'the person has not let this application have what it asks for; ask without prompt=none',
    );
  }
  return loginRedirect(context, { request, session: session.id, wish: 'consent' });
}
