import { nextDeviceStep } from '@latchkey/identity';
import type { FormProblem } from '@latchkey/login-ui';
import {
  type ClientFacts,
  consentItems,
  formatUserCode,
  grantTypes,
  isRecentForDevice,
  mayIssue,
  parseParams,
  parseUserCode,
} from '@latchkey/protocol';
import {
  type DeviceAuthorization,
  decideAwaited,
  findWaitingDevice,
  type LiveSession,
  touchSession,
} from '@latchkey/store';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { beginFlow, type DeviceContinuation, type LoginFlow } from '../platform/login-flow.ts';
import { applicationRequester, obtainTargets } from '../platform/obtain.ts';
import { redirect } from '../platform/pages.ts';
import { standingOf } from '../platform/subject-standing.ts';
import { userCodeHash } from '../platform/user-codes.ts';
import { toAccountChoice } from './accounts.ts';
import { flowForm, flowPage, flowUrl } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';

const maximumTyped = 100;

function deviceOf(flow: LoginFlow): DeviceContinuation | undefined {
  return flow.continueTo?.kind === 'device' ? flow.continueTo : undefined;
}

/** The flow as it stood when a code was typed: for a new start with another code. */
function withTyped(flow: LoginFlow, userCode: string): LoginFlow {
  const { request: _, loginName: __, wish: ___, ...rest } = flow;
  return { ...rest, continueTo: { kind: 'device', userCode } };
}

async function codePage(
  context: RequestContext,
  flow: LoginFlow,
  problem?: Extract<FormProblem, { kind: 'user-code-wrong' | 'too-many-attempts' }>,
): Promise<Answer> {
  const status = problem === undefined ? 200 : problem.kind === 'too-many-attempts' ? 429 : 400;
  const page = {
    kind: 'device-code',
    form: flowForm(context, '/device', flow),
    userCode: deviceOf(flow)?.userCode ?? '',
    ...(problem === undefined ? {} : { problem }),
  } as const;
  return await flowPage(context, flow, page, {
    status,
    ...(problem?.kind === 'too-many-attempts' ? { retryAfterSeconds: problem.retryAfterSeconds } : {}),
  });
}

/** GET /device: asks for the code the device shows (RFC 8628 §3.3); a link may bring it along (§3.3.1). */
export async function showDevice(context: RequestContext): Promise<Answer> {
  const { params } = parseParams(context.query);
  if (params.has('request')) return await codePage(context, flowOfQuery(context));
  const userCode = (params.get('user_code') ?? '').slice(0, maximumTyped);
  const { flow, headers } = beginFlow(context, { continueTo: { kind: 'device', userCode } });
  const answer = await codePage(context, flow);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/**
 * Finds what waits under a code. Guesses are counted per caller, per browser and per instance before anything is looked
 * up (RFC 8628 §5.1).
 */
async function lookUp(
  context: RequestContext,
  flow: LoginFlow,
  letters: string,
): Promise<DeviceAuthorization | { readonly problem: Parameters<typeof codePage>[2] }> {
  const { deps, instance } = context;
  const { userCodes, alarm } = deps.brakes;
  const { userCodeByBrowser } = deps.limits;
  const { caller } = context;
  const { browser } = flow;
  const now = deps.clock.monotonicMs();
  const waitMs = Math.max(userCodeByBrowser.waitMs(browser, now), userCodes.waitMs(instance.id, caller, now));
  if (waitMs > 0)
    return { problem: { kind: 'too-many-attempts', retryAfterSeconds: Math.ceil(waitMs / 1000) } };
  userCodeByBrowser.count(browser, now);
  const counted = userCodes.count(instance.id, caller, now);
  const giveBack = (): void => {
    userCodeByBrowser.refund(browser);
    userCodes.refund(instance.id, caller);
  };
  const by = { userCodeSha256: userCodeHash(instance, letters) };
  const found = await findWaitingDevice(deps.store.db, instance.scope, by, deps.clock.now()).catch(
    (error: unknown) => {
      // Nothing was looked up.
      giveBack();
      throw error;
    },
  );
  if (found === undefined) {
    if (counted === 'alarm')
      alarm(context, { kind: 'user-code-guesses', objectKind: 'instance', objectId: instance.id });
    return { problem: { kind: 'user-code-wrong' } };
  }
  giveBack();
  return found;
}

/** POST /device: takes the code and goes on to the confirmation, by way of the sign-in where nobody is signed in. */
export async function submitDevice(context: RequestContext): Promise<Answer> {
  const { flow: posted, fields } = await flowOfForm(context);
  const typed = (fields.get('userCode') ?? '').slice(0, maximumTyped);
  const flow = withTyped(posted, typed);
  const letters = parseUserCode(typed);
  if (letters === undefined) return await codePage(context, flow, { kind: 'user-code-wrong' });
  const found = await lookUp(context, flow, letters);
  if ('problem' in found) return await codePage(context, flow, found.problem);
  const continueTo = {
    kind: 'device',
    userCode: formatUserCode(letters),
    authorization: { id: found.id, clientId: found.clientId },
  } as const;
  return redirect(context, flowUrl(context, '/device/confirm', { ...flow, continueTo }));
}

interface Question {
  readonly waiting: DeviceAuthorization;
  readonly client: ClientFacts;
  readonly session: LiveSession;
  readonly userCode: string;
  /** Whether this person may use the application at all. */
  readonly isUsable: boolean;
}

/** Who is asked about what, or where to go first. */
async function readQuestion(
  context: RequestContext,
  flow: LoginFlow,
): Promise<Question | { readonly goTo: string }> {
  const { deps, instance } = context;
  const device = deviceOf(flow);
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const { authorization } = device ?? {};
  const now = deps.clock.now();
  const waiting =
    authorization && (await findWaitingDevice(deps.store.db, instance.scope, { id: authorization.id }, now));
  const client = authorization && (await deps.facts.clients.load(instance.scope, authorization.clientId));
  const all = await loadBrowserSessions(context);
  // A device that asked for a recent sign-in is approved with no other.
  const sessions = waiting ? all.filter((each) => isRecentForDevice(each, waiting, now)) : all;
  const code = device?.authorization === undefined ? 'none' : waiting && client ? 'waiting' : 'gone';
  const step = nextDeviceStep({
    code,
    sessionIds: sessions.map(({ id }) => id),
    ...(device?.sessionId === undefined ? {} : { chosenSessionId: device.sessionId }),
  });
  const session = step.kind === 'confirm' ? sessions.find(({ id }) => id === step.sessionId) : undefined;
  if (device && waiting && client && session) {
    const subject = await deps.facts.subjects.load(instance.scope, session.userId);
    const { scopes } = waiting;
    const grantType = grantTypes.deviceCode;
    const isUsable =
      subject !== undefined &&
      mayIssue({ grantType, client, subject: standingOf(subject), scopes }) === undefined;
    return { waiting, client, session, userCode: device.userCode, isUsable };
  }
  switch (step.kind) {
    case 'sign-in':
      return { goTo: flowUrl(context, '/login', flow) };
    case 'accounts':
      return { goTo: flowUrl(context, '/login/accounts', { ...flow, wish: 'choose-account' }) };
    case 'gone':
      return { goTo: doneUrl(context, flow, 'gone') };
    default:
      return { goTo: publicUrl(instance, '/device') };
  }
}

function doneUrl(context: RequestContext, flow: LoginFlow, outcome: 'approved' | 'denied' | 'gone'): string {
  const device = deviceOf(flow);
  const continueTo = { ...device, kind: 'device', userCode: device?.userCode ?? '', outcome } as const;
  return flowUrl(context, '/device/done', { ...flow, continueTo });
}

async function confirmPage(context: RequestContext, flow: LoginFlow, question: Question): Promise<Answer> {
  const { waiting, client, session, userCode, isUsable } = question;
  const targets = await obtainTargets(context, applicationRequester(client), waiting);
  const page = {
    kind: 'device-confirm',
    form: flowForm(context, '/device/confirm', flow),
    account: toAccountChoice(session),
    userCode,
    items: consentItems(waiting, targets),
    otherAccountHref: flowUrl(context, '/login', { ...flow, wish: 'other-account' }),
    ...(isUsable ? {} : { problem: { kind: 'account-not-usable' } as const }),
  } as const;
  return await flowPage(context, flow, page, isUsable ? {} : { status: 403 });
}

/** GET /device/confirm: names the application and what it asks for, and asks. */
export async function showDeviceConfirm(context: RequestContext): Promise<Answer> {
  const flow = flowOfQuery(context);
  const question = await readQuestion(context, flow);
  return 'goTo' in question ? redirect(context, question.goTo) : await confirmPage(context, flow, question);
}

/** POST /device/confirm: takes the person's word, once. */
export async function submitDeviceConfirm(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  const question = await readQuestion(context, flow);
  if ('goTo' in question) return redirect(context, question.goTo);
  const word = fields.get('decision') === 'approve' ? 'approved' : 'denied';
  if (word === 'approved' && !question.isUsable) return await confirmPage(context, flow, question);
  const { store, clock } = context.deps;
  const { scope } = context.instance;
  const { session, waiting } = question;
  const { userId, organizationId } = session;
  const actor = { kind: 'user', id: userId, ip: context.ip } as const;
  const nowMs = clock.now();
  const outcome = await store.change({ scope, actor, nowMs }, (change) =>
    decideAwaited(change, 'device', { id: waiting.id, word, userId, organizationId, session }),
  );
  await touchSession(store.db, scope, session.id, nowMs);
  return redirect(context, doneUrl(context, flow, outcome === 'decided' ? word : 'gone'));
}

/** GET /device/done: the end; the device goes on by itself. */
export async function showDeviceDone(context: RequestContext): Promise<Answer> {
  const flow = flowOfQuery(context);
  const outcome = deviceOf(flow)?.outcome;
  if (outcome === undefined) return redirect(context, publicUrl(context.instance, '/device'));
  const againHref = publicUrl(context.instance, '/device');
  return await flowPage(context, flow, { kind: 'device-done', outcome, againHref });
}
