import {
  judgeRegistration,
  type PasswordPolicy,
  type RegistrationFields,
  type RegistrationVerdict,
} from '@latchkey/identity';
import { chooseLocale, type FormProblem, type RegisterFieldProblem } from '@latchkey/login-ui';
import { interpretScopes, parseParams } from '@latchkey/protocol';
import { findRegistrationOrganization, insertRegisteredUser, isSignInNameTaken } from '@latchkey/store';
import { isOurFault, PageError } from '../platform/errors.ts';
import { isInForeignDomain } from '../platform/foreign-domain.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { type LoginFlow, loginRedirect } from '../platform/login-flow.ts';
import { newId } from '../platform/random.ts';
import { continueFlow } from './continue-flow.ts';
import { cancelForm, flowPage, flowUrl, repeatableForm } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';
import { isRegistrationOpen } from './registration-open.ts';
import { startSession } from './start-session.ts';

type Acceptable = Extract<RegistrationVerdict, { kind: 'acceptable' }>;

interface Refusal {
  readonly status: number;
  readonly fieldProblems?: readonly RegisterFieldProblem[];
  readonly problem?: FormProblem;
  readonly retryAfterSeconds?: number;
}

const taken: Refusal = { status: 409, fieldProblems: [{ field: 'loginName', kind: 'login-name-taken' }] };
const foreign: Refusal = { status: 409, fieldProblems: [{ field: 'loginName', kind: 'foreign-domain' }] };

function checkOffered(context: RequestContext): void {
  if (!context.instance.settings.isSelfRegistrationEnabled)
    throw new PageError('not-found', 404, 'people cannot make accounts for themselves on this server');
}

/** What the password of a new account must be like: its organization decides. */
async function passwordPolicyFor(context: RequestContext, flow: LoginFlow): Promise<PasswordPolicy> {
  const { deps, instance } = context;
  const organization = await organizationFor(context, flow);
  return (await deps.settings.of(instance.scope, organization.id)).passwordPolicy;
}

async function page(
  context: RequestContext,
  flow: LoginFlow,
  fields: Omit<RegistrationFields, 'password'>,
  refusal?: Refusal,
): Promise<Answer> {
  const { wish: _, ...rest } = flow;
  const { status, fieldProblems = [], problem, retryAfterSeconds } = refusal ?? { status: 200 };
  // Whoever is asked to come back later costs the database nothing.
  const known =
    retryAfterSeconds === undefined ? undefined : context.deps.settings.known(context.instance.scope);
  const { passwordPolicy } = known ?? { passwordPolicy: await passwordPolicyFor(context, flow) };
  return await flowPage(
    context,
    flow,
    {
      kind: 'register',
      form: repeatableForm(context, '/login/register', flow),
      ...cancelForm(context, flow),
      ...fields,
      passwordMinimumLength: passwordPolicy.minimumLength,
      fieldProblems,
      ...(problem === undefined ? {} : { problem }),
      signInHref: flowUrl(context, '/login', { ...rest, wish: 'other-account' }),
    },
    { status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  );
}

/** GET /login/register: asks for what an account is made of. Without a sign-in under way it begins one. */
export async function showRegister(context: RequestContext): Promise<Answer> {
  checkOffered(context);
  if (!parseParams(context.query).params.has('request')) return loginRedirect(context, { wish: 'register' });
  const flow = flowOfQuery(context);
  const loginName = flow.loginName ?? flow.request?.loginHint ?? '';
  return await page(context, flow, { givenName: '', familyName: '', loginName });
}

/** Counts every try, since each tells whether an address is taken. */
function limitOf(context: RequestContext): Refusal | undefined {
  const { limits, clock } = context.deps;
  const now = clock.monotonicMs();
  const waitMs = limits.registrationByIp.waitMs(context.caller, now);
  if (waitMs > 0) {
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    return { status: 429, retryAfterSeconds, problem: { kind: 'too-many-attempts', retryAfterSeconds } };
  }
  limits.registrationByIp.count(context.caller, now);
  return undefined;
}

async function organizationFor(
  context: RequestContext,
  flow: LoginFlow,
): Promise<{ readonly id: string; readonly name: string }> {
  const meaning = interpretScopes(flow.request?.scopes ?? []);
  const { store } = context.deps;
  const organization = await findRegistrationOrganization(store.db, context.instance.scope, meaning);
  if (organization === undefined)
    throw new PageError(
      'request-invalid',
      400,
      'the organization that was asked for is not there or not active',
    );
  if (!(await isRegistrationOpen(context, organization.id)))
    throw new PageError('not-found', 404, 'people cannot register themselves into this organization');
  return organization;
}

/** Makes the account, or says why not. */
async function makeAccount(
  context: RequestContext,
  flow: LoginFlow,
  person: Acceptable,
  account: { readonly password: string; readonly organizationId: string },
): Promise<{ readonly id: string } | Refusal> {
  const { store, clock, passwords } = context.deps;
  const { scope } = context.instance;
  // Asked before the hash too, which costs more than the question.
  if (await isSignInNameTaken(store.db, scope, person.loginNameCanonical)) return taken;
  if (await isInForeignDomain(store.db, scope, account.organizationId, person.loginName)) return foreign;
  const passwordHash = await passwords.hash(account.password);
  const now = clock.now();
  const id = newId(now);
  const language = context.request.headers.get('accept-language') ?? undefined;
  const { givenName, familyName, displayName, loginName, loginNameCanonical } = person;
  const actor = { kind: 'user', id, ip: context.ip } as const;
  const outcome = await store.change({ scope, actor, nowMs: now }, (change) =>
    insertRegisteredUser(change, {
      ...{ id, givenName, familyName, displayName, loginName, loginNameCanonical, passwordHash },
      organizationId: account.organizationId,
      email: loginName,
      emailCanonical: loginNameCanonical,
      preferredLanguage: chooseLocale(flow.locale ?? flow.request?.uiLocales, language),
    }),
  );
  return outcome === 'inserted' ? { id } : taken;
}

/** Judges the fields, makes the account and begins its session, or says why not. */
async function makeAccountAndSession(
  context: RequestContext,
  flow: LoginFlow,
  fields: RegistrationFields,
): Promise<{ readonly id: string; readonly userId: string; readonly cookie: string } | Refusal> {
  const { settings, scope } = context.instance;
  const organization = await organizationFor(context, flow);
  const client =
    flow.request === undefined
      ? undefined
      : await context.deps.facts.clients.load(scope, flow.request.clientId);
  const verdict = judgeRegistration(fields, {
    policy: (await context.deps.settings.of(scope, organization.id)).passwordPolicy,
    contextWords: [settings.name, organization.name, ...(client ? [client.application.name] : [])],
  });
  if (verdict.kind === 'refused') return { status: 400, fieldProblems: verdict.problems };
  const account = { organizationId: organization.id, password: fields.password };
  const made = await makeAccount(context, flow, verdict, account);
  if ('status' in made) return made;
  const session = await startSession(context, { id: made.id, organizationId: organization.id });
  return { ...session, userId: made.id };
}

/** POST /login/register: makes the account, begins a session, and goes back to the application. */
export async function submitRegister(context: RequestContext): Promise<Answer> {
  checkOffered(context);
  const { flow, fields: sent } = await flowOfForm(context);
  const fields = {
    givenName: sent.get('givenName') ?? '',
    familyName: sent.get('familyName') ?? '',
    loginName: sent.get('loginName') ?? '',
  };
  const password = sent.get('password') ?? '';
  const limited = limitOf(context);
  if (limited !== undefined) return await page(context, flow, fields, limited);
  const { limits, passwords } = context.deps;
  try {
    const made = await passwords.admit(() => makeAccountAndSession(context, flow, { ...fields, password }));
    if ('status' in made) return await page(context, flow, fields, made);
    return await continueFlow(context, flow, made, { 'set-cookie': made.cookie });
  } catch (error) {
    // Nothing was made, so whoever comes again as asked has lost nothing.
    if (isOurFault(error)) limits.registrationByIp.refund(context.caller);
    throw error;
  }
}
