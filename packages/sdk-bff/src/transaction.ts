import type { CookieJar } from './cookies.ts';
import { isRecord, type JsonObject, numberOf, textOf } from './json.ts';
import { randomText, type Sealer } from './seal.ts';

/** What must be remembered of a sign-in until the issuer answers. */
export interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
  readonly maxAgeSeconds: number | undefined;
  readonly proofJwk: JsonObject | undefined;
  readonly startedAtMs: number;
}

/** Each tab that signs in has a cookie of its own; so many may be under way. */
const MAX_TRANSACTIONS = 4;
const LIFETIME_SECONDS = 3600;

/** A `state` that names its cookie: time and chance, then 256 random bits. */
export function createState(nowMs: number): string {
  return `${nowMs.toString(36).padStart(9, '0')}${randomText(6)}.${randomText(32)}`;
}

/** Seals a transaction into a cookie for an hour; the oldest ones make room. Resolves to `Set-Cookie` lines. */
export async function saveTransaction(
  { sealer, jar }: { readonly sealer: Sealer; readonly jar: CookieJar },
  transaction: Transaction,
  cookies: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const others = [...cookies.keys()].filter((name) => name.startsWith(jar.transactionPrefix)).sort();
  const surplus = others.slice(0, Math.max(0, others.length + 1 - MAX_TRANSACTIONS));
  const sealed = await sealer.seal('transaction', { ...transaction });
  return [
    ...surplus.map((name) => jar.remove(name)),
    jar.write(cookieName(jar, transaction.state) ?? '', sealed, LIFETIME_SECONDS),
  ];
}

/** Finds the transaction of a `state`; undefined when this browser has none, or it is more than an hour old. */
export async function findTransaction(
  { sealer, jar }: { readonly sealer: Sealer; readonly jar: CookieJar },
  state: string,
  cookies: ReadonlyMap<string, string>,
  nowMs: number,
): Promise<Transaction | undefined> {
  const name = cookieName(jar, state);
  const sealed = name === undefined ? undefined : cookies.get(name);
  const transaction = parseTransaction(
    sealed === undefined ? undefined : await sealer.open('transaction', sealed),
  );
  if (transaction?.state !== state) return undefined;
  return transaction.startedAtMs + LIFETIME_SECONDS * 1000 > nowMs ? transaction : undefined;
}

/** Lines that remove the cookie of a transaction, if the request has it. */
export function removeTransaction(
  jar: CookieJar,
  state: string,
  cookies: ReadonlyMap<string, string>,
): readonly string[] {
  const name = cookieName(jar, state);
  return name !== undefined && cookies.has(name) ? [jar.remove(name)] : [];
}

function cookieName(jar: CookieJar, state: string): string | undefined {
  const [, name] = /^([0-9a-z]{9}[\w-]{8})\.[\w-]{43}$/.exec(state) ?? [];
  return name === undefined ? undefined : `${jar.transactionPrefix}${name}`;
}

function parseTransaction(value: JsonObject | undefined): Transaction | undefined {
  const [state, nonce] = [textOf(value?.state), textOf(value?.nonce)];
  const [codeVerifier, returnTo] = [textOf(value?.codeVerifier), textOf(value?.returnTo)];
  const startedAtMs = numberOf(value?.startedAtMs);
  if (state === undefined || nonce === undefined || codeVerifier === undefined) return undefined;
  if (returnTo === undefined || startedAtMs === undefined) return undefined;
  const proofJwk = isRecord(value?.proofJwk) ? value.proofJwk : undefined;
  return {
    state,
    nonce,
    codeVerifier,
    returnTo,
    startedAtMs,
    proofJwk,
    maxAgeSeconds: numberOf(value?.maxAgeSeconds),
  };
}
