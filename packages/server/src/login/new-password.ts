import { isCommonPassword, judgePassword } from '@latchkey/identity';
import type { NewPasswordPage } from '@latchkey/login-ui';
import { isRecent } from '@latchkey/protocol';
import { findLoginAccountById, type LoginAccount, updatePasswordHash } from '@latchkey/store';
import type { Answer, RequestContext } from '../platform/http.ts';
import type { LoginFlow } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { sha256Hex } from '../platform/random.ts';
import { continueFlow } from './continue-flow.ts';
import { cancelForm, flowPage, flowUrl, repeatableForm } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';
import { startSession } from './start-session.ts';

const proofLifeMs = 10 * 60_000;

/** Sends somebody who has just proved a password that another gave them to the page where they choose their own. */
export async function askForNewPassword(
  context: RequestContext,
  flow: LoginFlow,
  { id }: LoginAccount,
): Promise<Answer> {
  const { deps, instance } = context;
  // Read anew, since proving a password may have replaced its hash by a stronger one.
  const account = await findLoginAccountById(deps.store.db, instance.scope, id);
  const proven = {
    userId: id,
    // The proof is of this password: once it is replaced, the address is worth nothing.
    passwordSha256: sha256Hex(account?.passwordHash ?? ''),
    atMs: deps.clock.now(),
  };
  return redirect(context, flowUrl(context, '/login/new-password', { ...flow, proven }));
}

/** The account whose password the flow proves; `undefined` once the proof is old, or the account has changed. */
async function provenAccount(
  context: RequestContext,
  { proven }: LoginFlow,
): Promise<LoginAccount | undefined> {
  const { deps, instance } = context;
  if (proven === undefined || !isRecent(proven.atMs, deps.clock.now(), proofLifeMs)) return undefined;
  const account = await findLoginAccountById(deps.store.db, instance.scope, proven.userId);
  if (account === undefined || account.passwordHash === null) return undefined;
  const isSame = sha256Hex(account.passwordHash) === proven.passwordSha256;
  const isUsable = account.state === 'active' && account.organizationState === 'active';
  return isSame && isUsable ? account : undefined;
}

interface Refusal {
  readonly status: number;
  readonly passwordProblem?: NewPasswordPage['passwordProblem'];
}

async function page(
  context: RequestContext,
  flow: LoginFlow,
  account: LoginAccount,
  refusal?: Refusal,
): Promise<Answer> {
  const { passwordPolicy } = await context.deps.settings.of(context.instance.scope, account.organizationId);
  const { status, passwordProblem } = refusal ?? {};
  return await flowPage(
    context,
    flow,
    {
      kind: 'new-password',
      form: repeatableForm(context, '/login/new-password', flow),
      ...cancelForm(context, flow),
      loginName: account.loginName,
      passwordMinimumLength: passwordPolicy.minimumLength,
      ...(passwordProblem === undefined ? {} : { passwordProblem }),
    },
    status === undefined ? {} : { status },
  );
}

function beginAgain(context: RequestContext, flow: LoginFlow): Answer {
  const { proven: _, ...rest } = flow;
  return redirect(
    context,
    flowUrl(context, rest.loginName === undefined ? '/login' : '/login/password', rest),
  );
}

async function judge(
  context: RequestContext,
  account: LoginAccount,
  password: string,
): Promise<NewPasswordPage['passwordProblem']> {
  if (password === '') return 'missing';
  const { deps, instance } = context;
  const settings = await deps.settings.of(instance.scope, account.organizationId);
  const { loginName, displayName } = account;
  const words = [
    loginName,
    loginName.split('@')[0],
    displayName,
    settings.organizationName,
    instance.settings.name,
  ]
    .filter((word) => word !== undefined)
    .sort((a, b) => b.length - a.length);
  const problem = judgePassword(password, settings.passwordPolicy, words, isCommonPassword);
  if (problem !== undefined) return problem.kind;
  return (await deps.passwords.verify(password, account.passwordHash)) ? 'same' : undefined;
}

/** GET /login/new-password: asks for a password of the person's own. */
export async function showNewPassword(context: RequestContext): Promise<Answer> {
  const flow = flowOfQuery(context);
  const account = await provenAccount(context, flow);
  return account === undefined ? beginAgain(context, flow) : await page(context, flow, account);
}

/** Replaces the password and begins a session, or answers why not. */
async function replace(
  context: RequestContext,
  flow: LoginFlow,
  password: string,
): Promise<
  { readonly answer: Answer } | { readonly id: string; readonly userId: string; readonly cookie: string }
> {
  const account = await provenAccount(context, flow);
  if (account === undefined) return { answer: beginAgain(context, flow) };
  const passwordProblem = await judge(context, account, password);
  if (passwordProblem !== undefined)
    return { answer: await page(context, flow, account, { status: 400, passwordProblem }) };
  const { store, clock, passwords } = context.deps;
  const hash = await passwords.hash(password);
  const actor = { kind: 'user', id: account.id, ip: context.ip } as const;
  await store.change({ scope: context.instance.scope, actor, nowMs: clock.now() }, (change) =>
    updatePasswordHash(change, account.id, hash),
  );
  return { ...(await startSession(context, account)), userId: account.id };
}

/** POST /login/new-password: takes the new password, begins a session and goes back to the application. */
export async function submitNewPassword(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  if (flow.proven === undefined) return beginAgain(context, flow);
  const password = fields.get('password') ?? '';
  const replaced = await context.deps.passwords.admit(() => replace(context, flow, password));
  if ('answer' in replaced) return replaced.answer;
  const { proven: _, ...rest } = flow;
  return await continueFlow(context, rest, replaced, { 'set-cookie': replaced.cookie });
}
