import { buildCodeResponse, type CheckedAuthorizeRequest, epochMs, mayIssue } from '@latchkey/protocol';
import { touchSession } from '@latchkey/store';
import { authorizeResponse } from '../platform/authorize-answer.ts';
import { RedirectError } from '../platform/errors.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { newId, randomId } from '../platform/random.ts';
import { standingOf } from '../platform/subject-standing.ts';
import { sealCode } from './code-payload.ts';
import { describeIssueRefusal } from './refuse-issue.ts';

const codeLifeMs = 60_000;

/**
 * Ends an authorization request with a code for a session of this browser: from /authorize when somebody is signed in
 * already, from the login pages when they just did. `headers` are added to the answer (the session cookie).
 * Throws `RedirectError` when the person may not use the application.
 */
export async function finishAuthorize(
  context: RequestContext,
  request: CheckedAuthorizeRequest,
  session: { readonly id: string; readonly userId: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { deps, instance } = context;
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const client = await deps.facts.clients.load(instance.scope, request.clientId);
  const subject = await deps.facts.subjects.load(instance.scope, session.userId);
  if (client === undefined || subject === undefined)
    throw new RedirectError(request, 'access_denied', 'the application or the user is gone');
  // OpenID Connect Core §3.1.2.2: with an id_token_hint nobody else may be answered for.
  if (request.hintedUserId !== undefined && request.hintedUserId !== session.userId) {
    throw new RedirectError(
      request,
      'login_required',
      'somebody else signed in than the id_token_hint names',
    );
  }
  const refusal = mayIssue({
    grantType: 'authorization_code',
    client,
    subject: standingOf(subject),
    scopes: request.scopes,
  });
  if (refusal !== undefined)
    throw new RedirectError(request, 'access_denied', describeIssueRefusal(refusal).description);
  const now = deps.clock.now();
  await touchSession(deps.store.db, instance.scope, session.id, now);
  const code = sealCode(instance, {
    codeId: randomId(),
    expiresAtMs: epochMs(now + codeLifeMs),
    clientId: request.clientId,
    redirectUri: request.redirectUri,
    scopes: request.scopes,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.codeChallenge === undefined ? {} : { codeChallenge: request.codeChallenge }),
    sessionId: session.id,
    userId: session.userId,
    grantId: newId(now),
  });
  return authorizeResponse(context, buildCodeResponse(request, instance.origin, code), headers);
}
