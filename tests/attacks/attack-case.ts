import type { KeyFile, SeededApplication, TestServer } from '@latchkey/testkit';
import type { SignedIn } from '../flows/flow-world.ts';
import type { ShopWorld } from '../flows/shop-world.ts';

/** What an attacker sends. `form` goes as application/x-www-form-urlencoded, `body` as it is. */
export interface AttackRequest {
  readonly path: string;
  readonly method?: string;
  readonly form?: string | Readonly<Record<string, string>>;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
}

/** What there is to attack: a shop, its people and clients, live tokens, on two nodes over one PostgreSQL. */
export interface AttackWorld {
  readonly shop: ShopWorld;
  readonly near: TestServer;
  readonly far: TestServer;
  /** Authenticates by `private_key_jwt`. */
  readonly keyed: SeededApplication;
  readonly keyFile: KeyFile;
  /** Issues JWT access tokens; has `https://spa.example.com/goodbye` as a post-logout address. */
  readonly jwtApp: SeededApplication;
  /** Live tokens of the browser application; no case may end them. */
  readonly live: Tokens;
  readonly liveJwt: Tokens;
  /** The refresh tokens and sessions a case may spend. */
  readonly freshTokens: () => Promise<Tokens & { readonly signedIn: SignedIn }>;
  readonly freshCode: (application: SeededApplication) => Promise<SignedIn>;
  /** Code for a request that had no PKCE challenge. */
  readonly codeWithoutChallenge: () => Promise<SignedIn>;
}

/**
 * One attack: adding a case is adding one of these to a list of `attack-cases-*.ts`.
 * `input` may prepare what it needs (a code, a session); only what the request it returns does is judged.
 * `expected` is the answer in the words of `describeAnswer`. `state` names the tables that grow, none when left out.
 */
export interface AttackCase {
  readonly id: string;
  readonly attack: string;
  readonly input: (world: AttackWorld) => AttackRequest | Promise<AttackRequest>;
  readonly expected: string;
  readonly state?: readonly string[];
  readonly source: string;
}

const secretLike = /lk_sec_|lk_ac_|node_modules|\bat .*\.ts:|select .* from|syntax error/i;

function tellRedirect(location: string, world: AttackWorld): string {
  const url = new URL(location, world.near.issuer);
  if (url.origin === world.near.issuer) return `on to ${url.pathname}`;
  const known = [world.shop.spa, world.shop.web, world.keyed, world.jwtApp].some(
    ({ redirectUri }) => url.origin + url.pathname === redirectUri,
  );
  if (!known) return `AWAY to ${url.origin}${url.pathname}`;
  const answer = new URLSearchParams(url.hash === '' ? url.search : url.hash.slice(1));
  const carries = ['code', 'access_token', 'id_token'].filter((name) => answer.has(name));
  return `back: ${[answer.get('error') ?? '', ...carries].filter((word) => word !== '').join(' ')}`;
}

function tellJson(text: string): string {
  const body: Readonly<Record<string, unknown>> = JSON.parse(text);
  if (typeof body.error === 'string') return body.error;
  if (typeof body.active === 'boolean') return body.active ? 'ACTIVE' : 'inactive';
  if (typeof body.access_token === 'string') return 'TOKENS';
  return typeof body.sub === 'string' ? 'CLAIMS' : 'nothing';
}

/** An answer in a few words: status, then the error, the page, or where it sends the browser. */
export async function describeAnswer(response: Response, world: AttackWorld): Promise<string> {
  const location = response.headers.get('location');
  if (location !== null) return tellRedirect(location, world);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('application/json')) return `${response.status} ${tellJson(text)}`;
  const page = /data-page="([^"]*)"/.exec(text)?.[1];
  const code = /id="error-code"[^>]*>([^<]*)</.exec(text)?.[1];
  return [response.status, ...(page === undefined ? [] : [page]), ...(code === undefined ? [] : [code])].join(
    ' ',
  );
}

/** What no answer may ever do, whatever the case; the problems found. */
export async function findLeaks(response: Response, sent: AttackRequest): Promise<readonly string[]> {
  const text = await response.clone().text();
  const given = JSON.stringify(sent);
  const problems = [
    [response.status >= 500, `status ${response.status}`],
    [secretLike.test(text.replaceAll(given, '')), 'the answer has something secret in it'],
    [/<script>alert|onerror=/i.test(text), 'the answer has the markup of the attacker'],
    [response.headers.get('access-control-allow-credentials') === 'true', 'credentials over origins'],
    [response.headers.has('x-injected'), 'a header of the attacker'],
    [
      response.status >= 400 && response.headers.get('cache-control') !== 'no-store',
      `an error without no-store (${response.headers.get('cache-control')})`,
    ],
    [
      text.includes('<html') &&
        !(response.headers.get('content-security-policy') ?? '').includes('frame-ancestors'),
      'a page that may be framed',
    ],
  ] as const;
  return problems.filter(([isBad]) => isBad).map(([, problem]) => problem);
}
