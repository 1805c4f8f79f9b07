import { nextStep } from '@latchkey/identity';
import type { FormProblem } from '@latchkey/login-ui';
import { interpretScopes, isWantedOrganization } from '@latchkey/protocol';
import type { LoginAccount } from '@latchkey/store';
import type { Answer, RequestContext } from '../platform/http.ts';
import type { LoginFlow } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { type CheckedPassword, checkPassword, type Proceeded } from './check-password.ts';
import { continueFlow } from './continue-flow.ts';
import { cancelForm, flowPage, flowUrl, repeatableForm } from './flow-pages.ts';
import { askForNewPassword } from './new-password.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';
import { startSession } from './start-session.ts';

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
      form: repeatableForm(context, '/login/password', flow),
      ...cancelForm(context, flow),
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

function toPage(outcome: Exclude<CheckedPassword<never>, { kind: 'proven' }>): PasswordPageOptions {
  switch (outcome.kind) {
    case 'wrong':
      return { status: 400, problem: { kind: 'credentials-wrong' } };
    case 'wait':
      return {
        status: 429,
        problem: { kind: 'too-many-attempts', retryAfterSeconds: outcome.retryAfterSeconds },
      };
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

/** Whether the request is for people of one organization, and this account is of another. */
function isOfWrongOrganization(flow: LoginFlow, account: LoginAccount): boolean {
  return !isWantedOrganization(interpretScopes(flow.request?.scopes ?? []), account);
}

/** Begins the session of an account whose password was proved, or answers why there is none. */
async function begin(
  context: RequestContext,
  flow: LoginFlow,
  account: LoginAccount,
): Promise<
  Proceeded<
    { readonly answer: Answer } | { readonly id: string; readonly userId: string; readonly cookie: string }
  >
> {
  if (isOfWrongOrganization(flow, account)) {
    const problem = { kind: 'account-not-usable' } as const;
    const answer = await page(context, flow, flow.loginName ?? '', { status: 403, problem });
    return { result: { answer }, session: 'none' };
  }
  if (account.isPasswordChangeRequired)
    return { result: { answer: await askForNewPassword(context, flow, account) }, session: 'none' };
  return { result: { ...(await startSession(context, account)), userId: account.id }, session: 'begun' };
}

/** POST /login/password: checks it, begins a session, and goes back to the application with a code. */
export async function submitPassword(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  const { loginName } = flow;
  if (loginName === undefined) return redirect(context, flowUrl(context, '/login', flow));
  const password = fields.get('password');
  if (password === undefined)
    return await page(context, flow, loginName, { status: 400, problem: { kind: 'password-missing' } });
  const checked = await checkPassword(context, loginName, password, (account) =>
    begin(context, flow, account),
  );
  if (checked.kind !== 'proven') return await page(context, flow, loginName, toPage(checked));
  const begun = checked.result;
  if ('answer' in begun) return begun.answer;
  return await continueFlow(context, flow, begun, { 'set-cookie': begun.cookie });
}
