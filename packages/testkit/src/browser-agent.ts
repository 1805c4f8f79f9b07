import { type CookieJar, createCookieJar } from './cookie-jar.ts';
import { type HtmlForm, type HtmlPage, parseHtmlPage } from './html-page.ts';
import type { SendInit } from './send-request.ts';
import type { TestServer } from './start-test-server.ts';

/** Where the browser stands: on a page of the issuer, or leaving it for the application. */
export type BrowserStop =
  | { readonly kind: 'page'; readonly page: HtmlPage }
  | {
      readonly kind: 'left';
      readonly url: URL;
      readonly method: 'GET' | 'POST';
      /** The form posted to the application (`response_mode=form_post`); empty otherwise. */
      readonly fields: Readonly<Record<string, string>>;
    };

/** A browser without JavaScript but for the form-post page, which it submits as its script would. */
export interface BrowserAgent {
  readonly cookies: CookieJar;
  /** Goes to an address of the issuer, as if an application had sent the browser there. */
  readonly open: (url: string | URL) => Promise<BrowserStop>;
  /** Fills in a form of a page and sends it, by the named button or the first one. */
  readonly submit: (
    page: HtmlPage,
    fields: Readonly<Record<string, string>>,
    choice?: { readonly form?: number; readonly buttonId?: string },
  ) => Promise<BrowserStop>;
  /** Follows the link of an id. Throws when the page has none. */
  readonly click: (page: HtmlPage, linkId: string) => Promise<BrowserStop>;
}

interface Request {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body?: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Where a form may lead, when one was sent; browsers hold the redirects after it to that, too. */
  readonly formTargets?: readonly string[];
}

interface AgentState {
  readonly server: Pick<TestServer, 'issuer' | 'fetch'>;
  readonly cookies: CookieJar;
  readonly headers: Readonly<Record<string, string>>;
}

const maximumRedirects = 10;

/** The sources of `form-action` in a policy; `undefined` when forms may lead anywhere (CSP Level 3 §6.4.1). */
function formTargetsOf(page: HtmlPage): readonly string[] | undefined {
  const policy = page.headers.get('content-security-policy') ?? '';
  const directive = policy.split(';').map((part) => part.trim().split(/\s+/));
  return directive.find(([name]) => name === 'form-action')?.slice(1);
}

function mayGo(url: URL, targets: readonly string[] | undefined, issuer: string): boolean {
  if (targets === undefined) return true;
  return targets.some((target) => {
    if (target === "'self'") return url.origin === issuer;
    return target.endsWith(':') ? url.protocol === target : url.origin === target;
  });
}

function leave(url: URL, request: Pick<Request, 'method' | 'body'>): BrowserStop {
  const fields = request.method === 'POST' && request.body ? Object.fromEntries(request.body) : {};
  return { kind: 'left', url, method: request.method, fields };
}

function buildInit(state: AgentState, request: Request): SendInit {
  const cookie = state.cookies.header();
  return {
    method: request.method,
    headers: {
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...state.headers,
      ...(cookie === '' ? {} : { cookie }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

async function travel(state: AgentState, start: Request): Promise<BrowserStop> {
  const { server, cookies } = state;
  let request = start;
  for (let hop = 0; hop < maximumRedirects; hop += 1) {
    const { url } = request;
    if (!mayGo(url, request.formTargets, server.issuer))
      throw new Error(`form-action does not let the browser go to ${url.origin}`);
    if (url.origin !== server.issuer) return leave(url, request);
    const response = await server.fetch(url.pathname + url.search, buildInit(state, request));
    cookies.store(response.headers);
    const location = response.headers.get('location');
    if (location === null || response.status < 300 || response.status > 399)
      return await arrive(state, parseHtmlPage(url, response, await response.text()));
    const { body: _, ...rest } = request;
    request = { ...rest, url: new URL(location, url), method: 'GET' };
  }
  throw new Error(`more than ${maximumRedirects} redirects from ${start.url}`);
}

async function arrive(state: AgentState, page: HtmlPage): Promise<BrowserStop> {
  const [form] = page.forms;
  // The one page with a script: it submits its form on load (OAuth 2.0 Form Post Response Mode §2).
  return page.name === 'form-post' && form !== undefined
    ? await send(state, page, form, {})
    : { kind: 'page', page };
}

function send(
  state: AgentState,
  page: HtmlPage,
  form: HtmlForm,
  fields: Readonly<Record<string, string>>,
): Promise<BrowserStop> {
  const values = new URLSearchParams({ ...form.fields, ...fields });
  const url = new URL(form.action, page.url);
  const targets = formTargetsOf(page);
  // Fetch §3.2.6: a page that sends no referrer sends the origin `null` with its forms.
  const isHidden = page.headers.get('referrer-policy') === 'no-referrer';
  return travel(state, {
    url,
    method: form.method,
    body: values,
    headers: {
      origin: isHidden ? 'null' : page.url.origin,
      'sec-fetch-site': url.origin === page.url.origin ? 'same-origin' : 'cross-site',
      'sec-fetch-user': '?1',
    },
    ...(targets === undefined ? {} : { formTargets: targets }),
  });
}

/**
 * A browser for a server: keeps cookies, follows redirects within the issuer, sends `Origin` and `Sec-Fetch-Site` as
 * browsers do, holds forms to the page's `form-action`, and stops where it would leave for the application.
 * `headers` are sent with every request, `accept-language` for one.
 */
export function createBrowserAgent(
  server: Pick<TestServer, 'issuer' | 'fetch'>,
  headers: Readonly<Record<string, string>> = {},
): BrowserAgent {
  const state: AgentState = { server, cookies: createCookieJar(), headers };
  const visit = (url: URL, site: string): Promise<BrowserStop> =>
    travel(state, { url, method: 'GET', headers: { 'sec-fetch-site': site } });
  return {
    cookies: state.cookies,
    open: (url) => visit(new URL(url, server.issuer), 'cross-site'),
    click: (page, linkId) => {
      const href = page.links[linkId];
      if (href === undefined) throw new Error(`the page ${page.name} has no link ${linkId}`);
      return visit(new URL(href, page.url), 'same-origin');
    },
    submit: (page, fields, choice = {}) => {
      const form = page.forms[choice.form ?? 0];
      if (form === undefined) throw new Error(`the page ${page.name} (${page.status}) has no form`);
      const button = form.buttons.find(({ id }) => choice.buttonId === undefined || id === choice.buttonId);
      if (choice.buttonId !== undefined && button === undefined)
        throw new Error(`the page ${page.name} has no button ${choice.buttonId}`);
      const pressed = button === undefined || button.name === '' ? {} : { [button.name]: button.value };
      return send(state, page, form, { ...pressed, ...fields });
    },
  };
}

/** The page the browser stands on. Throws when it has left for the application. */
export function pageOf(stop: BrowserStop): HtmlPage {
  if (stop.kind === 'page') return stop.page;
  throw new Error(`the browser has left for ${stop.url}`);
}

/** Where the browser has left for. Throws with what the page says when it is still on one. */
export function leftFor(stop: BrowserStop): Extract<BrowserStop, { kind: 'left' }> {
  if (stop.kind === 'left') return stop;
  const { name, status, title, textOf } = stop.page;
  const detail = textOf('error-detail') ?? textOf('password-problem') ?? title;
  throw new Error(`the browser is still on the page ${name} (${status}): ${detail}`);
}

/**
 * Signs a person in from wherever the browser stands: gives the login name and the password as the pages ask for them.
 * Resolves to where the browser stands then.
 */
export async function completeSignIn(
  agent: BrowserAgent,
  start: BrowserStop,
  user: { readonly loginName: string; readonly password: string },
): Promise<BrowserStop> {
  let stop = start;
  if (stop.kind === 'page' && stop.page.name === 'accounts')
    stop = await agent.click(stop.page, 'other-account');
  if (stop.kind === 'page' && stop.page.name === 'login-name')
    stop = await agent.submit(stop.page, { loginName: user.loginName });
  if (stop.kind === 'page' && stop.page.name === 'password')
    stop = await agent.submit(stop.page, { password: user.password });
  return stop;
}
