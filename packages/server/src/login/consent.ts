import {
  type CheckedAuthorizeRequest,
  type ClientFacts,
  consentedThings,
  consentItems,
} from '@latchkey/protocol';
import { type LiveSession, upsertConsent } from '@latchkey/store';
import { finishAuthorize } from '../oauth/finish-authorize.ts';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import { keepDocumentClient } from '../platform/client-documents.ts';
import { PageError, RedirectError } from '../platform/errors.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import type { LoginFlow } from '../platform/login-flow.ts';
import { applicationRequester, obtainScopes, obtainTargets } from '../platform/obtain.ts';
import { redirect } from '../platform/pages.ts';
import { toAccountChoice } from './accounts.ts';
import { flowForm, flowPage, flowUrl } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';

interface Question {
  readonly request: CheckedAuthorizeRequest;
  readonly client: ClientFacts;
  readonly session: LiveSession;
}

/** The flow as it was before it came to this question, for somebody else to sign in. */
function signInUrl(context: RequestContext, flow: LoginFlow): string {
  const { session: _, loginName: __, ...rest } = flow;
  return flowUrl(context, '/login', { ...rest, wish: 'other-account' });
}

/** What is asked, and of whom; `undefined` when that person is not signed in on this browser any more. */
async function readQuestion(context: RequestContext, flow: LoginFlow): Promise<Question | undefined> {
  const { request } = flow;
  if (request === undefined)
    throw new PageError('request-invalid', 400, 'no application has asked for anything');
  const { deps, instance } = context;
  const client = await deps.facts.clients.load(instance.scope, request.clientId);
  if (client === undefined)
    throw new PageError('client-unknown', 400, 'the application has been removed meanwhile');
  const session = (await loadBrowserSessions(context)).find((candidate) => candidate.id === flow.session);
  if (session === undefined) return undefined;
  // What was withdrawn since the request is neither asked nor remembered.
  const { scopes } = await obtainScopes(context, applicationRequester(client), request.scopes);
  return { request: { ...request, scopes }, client, session };
}

/** GET /login/consent: what the application asks for. */
export async function showConsent(context: RequestContext): Promise<Answer> {
  const flow = flowOfQuery(context);
  const question = await readQuestion(context, flow);
  if (question === undefined) return redirect(context, signInUrl(context, flow));
  const { request, client } = question;
  const targets = await obtainTargets(context, applicationRequester(client), request);
  return await flowPage(context, flow, {
    kind: 'consent',
    form: flowForm(context, '/login/consent', flow),
    account: toAccountChoice(question.session),
    items: consentItems(request, targets),
    otherAccountHref: signInUrl(context, flow),
  });
}

/** POST /login/consent: remembers the consent and goes on, or tells the application that there is none. */
export async function submitConsent(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  const question = await readQuestion(context, flow);
  if (question === undefined) return redirect(context, signInUrl(context, flow));
  const { request, client, session } = question;
  if (fields.get('decision') !== 'allow')
    throw new RedirectError(request, 'access_denied', 'the person did not allow what was asked for');
  const { store, clock } = context.deps;
  const { scope } = context.instance;
  const { userId } = session;
  const actor = { kind: 'user', id: userId, ip: context.ip } as const;
  await store.change({ scope, actor, nowMs: clock.now() }, async (change) => {
    await keepDocumentClient(change, client);
    await upsertConsent(change, {
      userId,
      applicationId: client.application.id,
      scopes: consentedThings(request),
    });
  });
  return await finishAuthorize(context, request, { id: session.id, userId }, {}, { consent: 'given' });
}
