import { nextStep } from '@latchkey/identity';
import type { FormProblem } from '@latchkey/login-ui';
import { interpretScopes } from '@latchkey/protocol';
import { insertSession, type LoginAccount, renewSession } from '@latchkey/store';
import { finishAuthorize } from '../oauth/finish-authorize.ts';
import { cookieWithSession, loadBrowserSessions, newSessionSecret } from '../platform/browser-sessions.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import type { LoginFlow } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { newId } from '../platform/random.ts';
import { checkPassword, type PasswordOutcome } from './check-password.ts';
import { flowForm, flowPage, flowUrl } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';

interface PasswordPageOptions {
  readonly status?: number;
  readonly problem?: FormProblem;
}

async function page(
  context: RequestContext,
  flow: LoginFlow,
  loginName: string,
  options: PasswordPageOptions = {},
): Promise<Answer> {
  const { loginName: _, ...rest } = flow;
  const { problem, status } = options;
  const retryAfterSeconds =
    problem !== undefined && 'retryAfterSeconds' in problem ? problem.retryAfterSeconds : undefined;
  return await flowPage(
    context,
    flow,
    {
      kind: 'password',
      form: flowForm(context, '/login/password', flow),
      loginName,
      otherAccountHref: flowUrl(context, '/login', { ...rest, wish: 'other-account' }),
      ...(problem === undefined ? {} : { problem }),
    },
    {
      ...(status === undefined ? {} : { status }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  );
}

function toPage(outcome: Exclude<PasswordOutcome, { kind: 'proven' }>): PasswordPageOptions {
  switch (outcome.kind) {
    case 'wrong':
      return { status: 400, problem: { kind: 'credentials-wrong' } };
    case 'wait':
      return {
        status: 429,
        problem: { kind: 'too-many-attempts', retryAfterSeconds: outcome.retryAfterSeconds },
      };
    case 'busy':
      return { status: 503, problem: { kind: 'busy', retryAfterSeconds: outcome.retryAfterSeconds } };
  }
}

/** GET /login/password: asks for the password of the name the flow carries. */
export async function showPassword(context: RequestContext): Promise<Answer> {
  const flow = flowOfQuery(context);
  const step = nextStep({ ...flow, verified: [], usableSessions: 0 });
  if (step !== 'password' || flow.loginName === undefined)
    return redirect(context, flowUrl(context, '/login', flow));
  return await page(context, flow, flow.loginName);
}

/** Begins a session for a proven account, or renews the one this browser has of it. */
async function startSession(
  context: RequestContext,
  account: LoginAccount,
): Promise<{ id: string; cookie: string }> {
  const { store, clock } = context.deps;
  const { scope, settings } = context.instance;
  const known = (await loadBrowserSessions(context)).find((session) => session.userId === account.id);
  const now = clock.now();
  const { secret, sha256 } = newSessionSecret();
  const proof = {
    userId: account.id,
    secretSha256: sha256,
    authTimeMs: now,
    amr: ['pwd'],
    expiresAtMs: now + settings.sessionAbsoluteSeconds * 1000,
  };
  const actor = { kind: 'user', id: account.id, ip: context.ip } as const;
  const id = await store.change({ scope, actor, nowMs: now }, async (change) => {
    if (known !== undefined && (await renewSession(change, { ...proof, id: known.id })) === 'renewed')
      return known.id;
    const fresh = newId(now);
    const userAgent = context.request.headers.get('user-agent')?.slice(0, 300) ?? null;
    await insertSession(change, {
      ...proof,
      id: fresh,
      organizationId: account.organizationId,
      createdAtMs: now,
      lastSeenAtMs: now,
      userAgent,
      ip: context.ip,
    });
    return fresh;
  });
  return { id, cookie: cookieWithSession(context, { id, secret }) };
}

/** Whether the request is for people of one organization, and this account is of another. */
function isOfWrongOrganization(flow: LoginFlow, account: LoginAccount): boolean {
  const wanted = interpretScopes(flow.request?.scopes ?? []).organizationId;
  return wanted !== undefined && wanted !== account.organizationId;
}

/** POST /login/password: checks it, begins a session, and goes back to the application with a code. */
export async function submitPassword(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  const { loginName } = flow;
  if (loginName === undefined) return redirect(context, flowUrl(context, '/login', flow));
  const password = fields.get('password');
  if (password === undefined)
    return await page(context, flow, loginName, { status: 400, problem: { kind: 'password-missing' } });
  const outcome = await checkPassword(context, loginName, password);
  if (outcome.kind !== 'proven') return await page(context, flow, loginName, toPage(outcome));
  if (isOfWrongOrganization(flow, outcome.account)) {
    return await page(context, flow, loginName, { status: 403, problem: { kind: 'account-not-usable' } });
  }
  const session = await startSession(context, outcome.account);
  const headers = { 'set-cookie': session.cookie };
  if (flow.request === undefined) return redirect(context, publicUrl(context.instance, '/login'), headers);
  return await finishAuthorize(
    context,
    flow.request,
    { id: session.id, userId: outcome.account.id },
    headers,
  );
}
