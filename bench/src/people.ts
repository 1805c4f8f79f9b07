import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import {
  type BrowserAgent,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  type SeededUser,
  type SendInit,
} from '@latchkey/testkit';
import type { LatchkeyUnderTest } from './latchkey.ts';

/** Tokens as an application got them. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Sends a request and resolves to the whole answer; redirects are not followed. */
export function send(
  server: Pick<LatchkeyUnderTest, 'port' | 'host'>,
  path: string,
  init: SendInit = {},
): Promise<Response> {
  const body = init.body instanceof URLSearchParams ? init.body.toString() : init.body;
  const isForm = init.body instanceof URLSearchParams;
  const headers = {
    host: server.host,
    ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...init.headers,
  };
  const method = init.method ?? (body === undefined ? 'GET' : 'POST');
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (message) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.once('error', reject);
      message.once('end', () => {
        const received = new Headers();
        for (let index = 0; index < message.rawHeaders.length; index += 2)
          received.append(message.rawHeaders[index] ?? '', message.rawHeaders[index + 1] ?? '');
        resolve(
          new Response(Buffer.concat(chunks), { status: message.statusCode ?? 500, headers: received }),
        );
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** A Basic header. */
export function basic(of: { readonly clientId: string; readonly clientSecret: string }): string {
  return `Basic ${Buffer.from(`${of.clientId}:${of.clientSecret}`).toString('base64')}`;
}

async function tokenRequest(
  server: LatchkeyUnderTest,
  of: { readonly clientId: string; readonly clientSecret: string },
  form: Readonly<Record<string, string>>,
): Promise<TokenSet> {
  const response = await send(server, '/oauth/v2/token', {
    body: new URLSearchParams(form),
    headers: { authorization: basic(of) },
  });
  const answer = (await response.json()) as { access_token?: string; refresh_token?: string };
  if (answer.access_token === undefined) throw new Error(`no token: ${JSON.stringify(answer)}`);
  return { accessToken: answer.access_token, refreshToken: answer.refresh_token ?? '' };
}

/** An address of the documentation range, in a /64 network of its own, so that a crowd is not taken for one guesser. */
export function addressOf(index: number): string {
  return `2001:db8:${Math.floor(index / 0xffff).toString(16)}:${(index % 0xffff).toString(16)}::1`;
}

/** The browser of a person at an address of their own. */
export function browserOf(server: LatchkeyUnderTest, index: number): BrowserAgent {
  const fetch = (path: string, init?: SendInit): Promise<Response> => send(server, path, init);
  return createBrowserAgent({ issuer: server.origin, fetch }, { 'x-forwarded-for': addressOf(index) });
}

async function signIn(
  server: LatchkeyUnderTest,
  agent: BrowserAgent,
  user: SeededUser,
  application: SeededApplication,
): Promise<TokenSet> {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: application.clientId,
    redirect_uri: application.redirectUri,
    response_type: 'code',
    scope: 'openid profile email offline_access',
    state: 'bench',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const stop = await agent.open(`${server.origin}/oauth/v2/authorize?${query}`);
  const { url } = leftFor(await completeSignIn(agent, stop, user));
  return await tokenRequest(server, application, {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: application.redirectUri,
    code_verifier: verifier,
  });
}

// More at once would be asked to wait: a server admits only as many sign-ins as it can check soon.
const lanes = 4;

/** Does something for every item, a few at a time; resolves to the results in the order of the items. */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const waiting = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      results.set(index, await work(item, index));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Signs people in, a few at a time and each again and again in one browser, and gives back the tokens. */
export async function collectTokens(
  server: LatchkeyUnderTest,
  application: SeededApplication,
  count: number,
): Promise<readonly TokenSet[]> {
  const { users } = server.population;
  const tokens: TokenSet[] = [];
  const collect = async (user: SeededUser, index: number): Promise<void> => {
    const agent = browserOf(server, index);
    for (let turn = index; turn < count; turn += users.length)
      tokens.push(await signIn(server, agent, user, application));
  };
  await inLanes(users, collect);
  return tokens;
}
