import { consentItems, grantTypes, mayIssue, parseParams, type TargetFacts } from '@latchkey/protocol';
import {
  decideAwaited,
  insertOutboxMessage,
  type LiveSession,
  listWaitingBackchannel,
  touchSession,
  type WaitingBackchannelAuthentication,
} from '@latchkey/store';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { beginFlow, type LoginFlow } from '../platform/login-flow.ts';
import { applicationRequester, obtainTargets } from '../platform/obtain.ts';
import { redirect } from '../platform/pages.ts';
import { standingOf } from '../platform/subject-standing.ts';
import { toAccountChoice } from './accounts.ts';
import { flowForm, flowPage, flowUrl } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';

type Told = 'approved' | 'denied' | 'gone' | 'refused';

interface Waiting {
  readonly sessions: readonly LiveSession[];
  readonly requests: readonly WaitingBackchannelAuthentication[];
}

/** What waits for the people who are signed in on this browser. */
async function loadWaiting(context: RequestContext): Promise<Waiting> {
  const { store, clock } = context.deps;
  const sessions = await loadBrowserSessions(context);
  const userIds = sessions.map(({ userId }) => userId);
  const requests = await listWaitingBackchannel(store.db, context.instance.scope, userIds, clock.now());
  return { sessions, requests };
}

async function targetsOf(
  context: RequestContext,
  request: WaitingBackchannelAuthentication,
): Promise<readonly TargetFacts[]> {
  const client = await context.deps.facts.clients.load(context.instance.scope, request.clientId);
  return client === undefined ? [] : await obtainTargets(context, applicationRequester(client), request);
}

/** GET /login/requests: what applications ask of a person through another channel (OpenID CIBA Core §8). */
export async function showRequests(context: RequestContext): Promise<Answer> {
  const { flow, headers } = parseParams(context.query).params.has('request')
    ? { flow: flowOfQuery(context), headers: {} }
    : beginFlow(context, { continueTo: { kind: 'requests' } });
  const { sessions, requests } = await loadWaiting(context);
  if (sessions.length === 0) return redirect(context, flowUrl(context, '/login', flow), headers);
  const told = flow.continueTo?.kind === 'requests' ? flow.continueTo.told : undefined;
  const accountOf = (userId: string) => sessions.find((session) => session.userId === userId);
  const answer = await flowPage(context, flow, {
    kind: 'requests',
    form: flowForm(context, '/login/requests', flow),
    ...(told === undefined ? {} : { told }),
    requests: await Promise.all(
      requests.map(async (request) => {
        const account = accountOf(request.userId);
        return {
          id: request.id,
          applicationName: request.applicationName,
          items: consentItems(request, await targetsOf(context, request)),
          ...(request.bindingMessage === null ? {} : { bindingMessage: request.bindingMessage }),
          ...(account === undefined ? {} : { account: toAccountChoice(account) }),
        };
      }),
    ),
  });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** Whether the person may use the application now: asked again when the tokens are fetched. */
async function isUsable(
  context: RequestContext,
  request: WaitingBackchannelAuthentication,
): Promise<boolean> {
  const { deps, instance } = context;
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const client = await deps.facts.clients.load(instance.scope, request.clientId);
  const subject = await deps.facts.subjects.load(instance.scope, request.userId);
  if (client === undefined || subject === undefined) return false;
  const { scopes } = request;
  const question = { grantType: grantTypes.ciba, client, subject: standingOf(subject), scopes };
  return mayIssue(question) === undefined;
}

/** Takes the person's word once; the client that wants to be told is, by a message in the same transaction. */
async function decide(
  context: RequestContext,
  request: WaitingBackchannelAuthentication,
  session: LiveSession,
  word: 'approved' | 'denied',
): Promise<Told> {
  if (word === 'approved' && !(await isUsable(context, request))) return 'refused';
  const { store, clock } = context.deps;
  const { scope } = context.instance;
  const nowMs = clock.now();
  const { userId, organizationId } = session;
  const actor = { kind: 'user', id: userId, ip: context.ip } as const;
  const outcome = await store.change({ scope, actor, nowMs }, async (change) => {
    const decided = await decideAwaited(change, 'backchannel', {
      id: request.id,
      ...{ word, userId, organizationId, session },
    });
    if (decided === 'decided' && request.notificationTokenSealed !== null) {
      await insertOutboxMessage(change, {
        kind: 'ciba-ping',
        payload: {
          requestId: request.id,
          applicationId: request.applicationId,
          clientId: request.clientId,
          expiresAtMs: request.expiresAtMs,
          sealedHex: request.notificationTokenSealed.toString('hex'),
        },
      });
    }
    return decided;
  });
  await touchSession(store.db, scope, session.id, nowMs);
  return outcome === 'decided' ? word : 'gone';
}

/** POST /login/requests: approves or refuses one of the requests, and shows the rest. */
export async function submitRequest(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  const { sessions, requests } = await loadWaiting(context);
  const back = (told?: Told): string => {
    const next: LoginFlow = {
      ...flow,
      continueTo: { kind: 'requests', ...(told === undefined ? {} : { told }) },
    };
    return flowUrl(context, '/login/requests', next);
  };
  const approved = fields.get('approve');
  const id = approved ?? fields.get('deny');
  if (id === undefined || sessions.length === 0) return redirect(context, back());
  const request = requests.find((candidate) => candidate.id === id);
  const session = sessions.find(({ userId }) => userId === request?.userId);
  if (request === undefined || session === undefined) return redirect(context, back('gone'));
  const word = approved === undefined ? 'denied' : 'approved';
  return redirect(context, back(await decide(context, request, session, word)));
}
