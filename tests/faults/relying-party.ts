import { createHash, randomBytes } from 'node:crypto';
import type { Answer, HttpClient } from './http-client.ts';
import type { Seed } from './seed.ts';
import { issuer } from './server-process.ts';

/** Somebody's browser: keeps cookies, posts forms as our own pages do. */
interface BrowserLike {
  readonly cookies: ReadonlyMap<string, string>;
  readonly get: (path: string) => Promise<Answer>;
  readonly submit: (path: string, form: Readonly<Record<string, string>>) => Promise<Answer>;
}

/** A code that has not been redeemed. */
export interface Code {
  readonly code: string;
  readonly verifier: string;
}

/** What the token endpoint gave. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
}

export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly status: number;

  constructor(what: string, { status, text }: Answer) {
    super(`${what}: ${status} ${text.slice(0, 400)}`);
    this.status = status;
  }
}

function createBrowserLike(http: HttpClient): BrowserLike {
  const jar = new Map<string, string>();
  // An address of its own in 10.0.0.0/8 (the test's proxy is trusted), so that nobody waits for others' attempts.
  const address = `10.${[...randomBytes(3)].join('.')}`;
  const headers = (): Record<string, string> => ({
    cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    'x-forwarded-for': address,
  });
  const keep = (answer: Answer): Answer => {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) jar.set(name, value);
    }
    return answer;
  };
  return {
    cookies: jar,
    get: async (path) => keep(await http.get(path, headers())),
    submit: async (path, form) =>
      keep(await http.post(path, form, { ...headers(), origin: issuer, 'sec-fetch-site': 'same-origin' })),
  };
}

function locationOf(what: string, answer: Answer): URL {
  const { location } = answer.headers;
  if ((answer.status !== 302 && answer.status !== 303) || location === undefined)
    throw new UnexpectedAnswer(what, answer);
  return new URL(location);
}

function pathOf(url: URL): string {
  return url.pathname + url.search;
}

/** The sealed flow of a page's form. */
function flowOf(answer: Answer): string {
  const [, value] = /name="request" value="([^"]+)"/.exec(answer.text) ?? [];
  if (value === undefined) throw new UnexpectedAnswer('a form of the sign-in', answer);
  return value;
}

/** The cookies of the sessions that were begun, by the id of the session. */
const sessionCookies = new Map<string, string>();

/** The password page of somebody, before it is sent. */
export interface PasswordForm {
  readonly verifier: string;
  readonly cookies: ReadonlyMap<string, string>;
  /** Sends the form; any answer is an answer. */
  readonly send: (password: string) => Promise<Answer>;
}

/** Goes to the password page by the pages' own forms, whether or not anybody has that name. */
export async function openPasswordForm(
  http: HttpClient,
  seed: Seed,
  loginName: string,
): Promise<PasswordForm> {
  const browser = createBrowserLike(http);
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: seed.webClientId,
    redirect_uri: seed.redirectUri,
    response_type: 'code',
    scope: 'openid profile offline_access',
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const start = locationOf('authorize', await browser.get(`/oauth/v2/authorize?${query}`));
  const namePage = await browser.get(pathOf(start));
  const next = locationOf(
    'login name',
    await browser.submit('/login', { request: flowOf(namePage), loginName }),
  );
  const request = flowOf(await browser.get(pathOf(next)));
  return {
    verifier,
    cookies: browser.cookies,
    send: (password) => browser.submit('/login/password', { request, password }),
  };
}

/** Signs a user in by the pages' own forms and resolves to the code, not yet redeemed. */
export async function signIn(http: HttpClient, seed: Seed, loginName: string): Promise<Code> {
  const { verifier, cookies, send } = await openPasswordForm(http, seed, loginName);
  const back = locationOf('password', await send(seed.password));
  const code = back.searchParams.get('code');
  if (code === null) throw new Error(`no code in ${back.href}`);
  for (const [name, value] of cookies)
    if (name.endsWith('sessions')) sessionCookies.set(value.split('.')[0] ?? '', `${name}=${value}`);
  return { code, verifier };
}

/** Redeems a code; any answer is an answer. */
export function redeem(http: HttpClient, seed: Seed, { code, verifier }: Code): Promise<Answer> {
  return http.post('/oauth/v2/token', {
    grant_type: 'authorization_code',
    client_id: seed.webClientId,
    redirect_uri: seed.redirectUri,
    code,
    code_verifier: verifier,
  });
}

/** Refreshes; any answer is an answer. */
export function refresh(http: HttpClient, seed: Seed, refreshToken: string): Promise<Answer> {
  return http.post('/oauth/v2/token', {
    grant_type: 'refresh_token',
    client_id: seed.webClientId,
    refresh_token: refreshToken,
  });
}

/** The tokens of a 200; throws `UnexpectedAnswer` on any other. */
export function tokensOf(answer: Answer): Tokens {
  if (answer.status !== 200) throw new UnexpectedAnswer('the token endpoint', answer);
  const body: { access_token: string; refresh_token: string; id_token: string } = JSON.parse(answer.text);
  return { accessToken: body.access_token, refreshToken: body.refresh_token, idToken: body.id_token };
}

/** Signs in and redeems. */
export async function obtainTokens(http: HttpClient, seed: Seed, loginName: string): Promise<Tokens> {
  return tokensOf(await redeem(http, seed, await signIn(http, seed, loginName)));
}

/** Introspects as the API application; any answer is an answer. */
export function introspect(http: HttpClient, seed: Seed, token: string): Promise<Answer> {
  const credentials = Buffer.from(`${seed.apiClientId}:${seed.apiClientSecret}`).toString('base64');
  return http.post('/oauth/v2/introspect', { token }, { authorization: `Basic ${credentials}` });
}

/** Whether a token is active; throws `UnexpectedAnswer` when the server does not say. */
export async function isActive(http: HttpClient, seed: Seed, token: string): Promise<boolean> {
  const answer = await introspect(http, seed, token);
  if (answer.status !== 200) throw new UnexpectedAnswer('introspection', answer);
  const body: { active: boolean } = JSON.parse(answer.text);
  return body.active;
}

/** Ends the session an ID token came of (OpenID Connect RP-Initiated Logout 1.0 §2). */
export async function signOut(http: HttpClient, idToken: string): Promise<void> {
  const claims: { sid: string } = JSON.parse(
    Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString(),
  );
  const answer = await http.get(`/oidc/v1/end_session?${new URLSearchParams({ id_token_hint: idToken })}`, {
    cookie: sessionCookies.get(claims.sid) ?? '',
  });
  if (answer.status !== 302) throw new UnexpectedAnswer('sign-out', answer);
}
