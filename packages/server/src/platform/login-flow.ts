import type { CheckedAuthorizeRequest } from '@latchkey/protocol';
import { buildCookie } from './cookies.ts';
import { PageError, type Stopped } from './errors.ts';
import { type Answer, cookie, type RequestContext } from './http.ts';
import { publicUrl } from './instances.ts';
import { redirect } from './pages.ts';
import { randomId, sha256Base64Url } from './random.ts';
import { activityAt, stoppedRequest } from './way-on.ts';

/**
 * A sign-in under way. It travels sealed in the address and the forms, so that nothing is stored for a stranger, and
 * names the browser that began it, so that nobody can be led into somebody else's.
 */
export interface LoginFlow {
  readonly begunAtMs: number;
  /** Hash of the browser cookie. */
  readonly browser: string;
  /** Absent when the person came by themselves. */
  readonly request?: CheckedAuthorizeRequest;
  readonly loginName?: string;
  readonly wish?: 'choose-account' | 'other-account' | 'register' | 'consent';
  /** The session whose person is asked for consent; it counts only in a browser that holds its cookie. */
  readonly session?: string;
  readonly locale?: string;
  /** A password that was just proved and is to be replaced before anything else. */
  readonly proven?: { readonly userId: string; readonly passwordSha256: string; readonly atMs: number };
  /** Where to go on to when no application asked. */
  readonly continueTo?: Continuation;
}

/** Approving a device: the code as typed, then what it stands for, who approves, and how it ended. */
export interface DeviceContinuation {
  readonly kind: 'device';
  readonly userCode: string;
  readonly authorization?: { readonly id: string; readonly clientId: string };
  /** It counts only in a browser that holds its cookie. */
  readonly sessionId?: string;
  readonly outcome?: 'approved' | 'denied' | 'gone';
}

/** A page of ours that a sign-in without an application's request goes on to; never an address. */
export type Continuation =
  | DeviceContinuation
  | { readonly kind: 'requests'; readonly told?: 'approved' | 'denied' | 'gone' | 'refused' };

/** A sign-out waiting for the person's word. */
export interface SignOutFlow {
  readonly begunAtMs: number;
  readonly browser: string;
  readonly returnTo?: string;
  /** The sessions it is about; without it all of the browser's. */
  readonly sessionIds?: readonly string[];
  readonly locale?: string;
}

const flowLifeMs = 30 * 60_000;
/** An application may have forgotten its request after that; a bookmark leads to the application then. */
const restartLifeMs = 24 * 3_600_000;

/** The browser cookie, and the header that sets it when this browser has none yet. */
export function browserBinding(context: RequestContext): {
  readonly browser: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const known = cookie(context, 'browser');
  if (known !== undefined && /^[A-Za-z0-9_-]{22}$/.test(known))
    return { browser: sha256Base64Url(known), headers: {} };
  const fresh = randomId();
  return {
    browser: sha256Base64Url(fresh),
    headers: { 'set-cookie': buildCookie('browser', context.instance.origin, fresh) },
  };
}

/** Seals a flow for the `request` parameter of the login pages. */
export function sealLoginFlow(context: RequestContext, flow: LoginFlow): string {
  const { sealer } = context.instance;
  const text = JSON.stringify(flow);
  // Beside what the application chose, a length must not tell anything about a password.
  return flow.proven === undefined ? sealer.sealCompact('login-step', text) : sealer.seal('login-step', text);
}

function checkBrowser(
  context: RequestContext,
  flow: { readonly begunAtMs: number; readonly browser: string },
  stopped: Stopped,
): void {
  const activity = activityAt(context.path) === 'signOut' ? 'sign-out' : 'sign-in';
  const age = context.deps.clock.now() - flow.begunAtMs;
  if (age > flowLifeMs)
    throw new PageError('request-expired', 400, `the ${activity} was begun more than 30 minutes ago`, {
      stopped,
    });
  const known = cookie(context, 'browser');
  if (known === undefined || sha256Base64Url(known) !== flow.browser)
    throw new PageError(
      'other-browser',
      400,
      `the cookie of this browser does not belong to this ${activity}`,
      { stopped },
    );
}

/** Whether the request of a flow is young enough to begin anew. */
export function isRestartable(context: RequestContext, { begunAtMs }: Pick<LoginFlow, 'begunAtMs'>): boolean {
  return context.deps.clock.now() - begunAtMs <= restartLifeMs;
}

/** What a person may go on with who cannot go on with this flow. */
function stoppedFlow(context: RequestContext, flow: LoginFlow, sealed: string): Stopped {
  const { request, continueTo, locale } = flow;
  const { instance } = context;
  const typed = continueTo?.kind === 'device' ? continueTo.userCode : '';
  const againHref =
    continueTo?.kind === 'device'
      ? publicUrl(instance, '/device', typed === '' ? {} : { user_code: typed })
      : request !== undefined && request.pushed === undefined && isRestartable(context, flow)
        ? publicUrl(instance, '/login/again', { request: sealed })
        : undefined;
  return {
    ...stoppedRequest(request),
    ...(againHref === undefined ? {} : { againHref }),
    ...(locale === undefined ? {} : { locale }),
  };
}

/** Opens a flow however old it is, and whoever began it. Throws `PageError` when it is not ours. */
export function openStaleLoginFlow(context: RequestContext, text: string | undefined): LoginFlow {
  const sealed = text === undefined ? undefined : context.instance.sealer.open('login-step', text);
  if (sealed === undefined)
    throw new PageError(
      'request-expired',
      400,
      'the request parameter is missing or was not sealed by this server',
    );
  return JSON.parse(sealed);
}

/** Opens a flow. Throws `PageError` when it is not ours, too old, or was begun in another browser. */
export function openLoginFlow(context: RequestContext, text: string | undefined): LoginFlow {
  const flow = openStaleLoginFlow(context, text);
  checkBrowser(context, flow, stoppedFlow(context, flow, text ?? ''));
  return flow;
}

/** Opens a sign-out; throws like `openLoginFlow`. */
export function openSignOutFlow(context: RequestContext, text: string | undefined): SignOutFlow {
  const sealed = text === undefined ? undefined : context.instance.sealer.open('sign-out', text);
  if (sealed === undefined)
    throw new PageError(
      'request-expired',
      400,
      'the request parameter is missing or was not sealed by this server',
    );
  const flow: SignOutFlow = JSON.parse(sealed);
  checkBrowser(context, flow, flow.locale === undefined ? {} : { locale: flow.locale });
  return flow;
}

function firstPage(start: Pick<LoginFlow, 'loginName' | 'wish'>): string {
  switch (start.wish) {
    case 'choose-account':
      return '/login/accounts';
    case 'register':
      return '/login/register';
    case 'consent':
      return '/login/consent';
    default:
      return start.loginName === undefined ? '/login' : '/login/password';
  }
}

/** A new flow of this browser, and the header that binds it where the browser is new. */
export function beginFlow(
  context: RequestContext,
  start: Pick<LoginFlow, 'continueTo'>,
): { readonly flow: LoginFlow; readonly headers: Readonly<Record<string, string>> } {
  const { browser, headers } = browserBinding(context);
  return { flow: { ...start, browser, begunAtMs: context.deps.clock.now() }, headers };
}

/** Begins a sign-in, a registration or a question for consent: a redirect to the login pages. */
export function loginRedirect(
  context: RequestContext,
  start: Pick<LoginFlow, 'request' | 'loginName' | 'wish' | 'session' | 'locale'>,
): Answer {
  const { browser, headers } = browserBinding(context);
  const request = sealLoginFlow(context, { ...start, browser, begunAtMs: context.deps.clock.now() });
  return redirect(context, publicUrl(context.instance, firstPage(start), { request }), headers);
}

/** Asks before signing out: a redirect to the confirmation page. */
export function signOutRedirect(
  context: RequestContext,
  start: Pick<SignOutFlow, 'returnTo' | 'sessionIds' | 'locale'>,
): Answer {
  const { browser, headers } = browserBinding(context);
  const flow: SignOutFlow = { ...start, browser, begunAtMs: context.deps.clock.now() };
  const request = context.instance.sealer.sealCompact('sign-out', JSON.stringify(flow));
  return redirect(context, publicUrl(context.instance, '/logout', { request }), headers);
}

/**
 * Refuses a form that was not sent from a page of ours: the Origin must be ours or, where a browser sends none,
 * Sec-Fetch-Site must say same-origin. The sealed flow and its cookie are the second lock.
 */
export function checkSameOrigin(context: RequestContext): void {
  const { headers } = context.request;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const isOurs =
    origin === null || origin === 'null' ? site === 'same-origin' : origin === context.instance.origin;
  if (!isOurs || (site !== null && site !== 'same-origin')) {
    throw new PageError('forbidden-origin', 403, 'the form was not sent from a page of this server');
  }
}
