import { ConfigurationError } from './auth-error.ts';
import { isRecord, numberOf, parseJson, textOf } from './json.ts';
import type { Page, PageStorage } from './page.ts';

/** What the page must remember between leaving for the issuer and coming back. */
export type Transaction = {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly returnTo: string;
  readonly maxAgeSeconds: number | undefined;
  readonly startedAtMs: number;
};

const PREFIX = 'latchkey:transaction:';
const MAX_AGE_MS = 60 * 60 * 1000;

/** Remembers the transaction for this tab, under its state. Forgets those nobody came back for. */
export function saveTransaction(page: Page, transaction: Transaction): void {
  const storage = page.sessionStorage;
  if (storage === undefined) {
    throw new ConfigurationError(
      'storage_blocked',
      'This browser blocks session storage, which sign-in needs. Allow site data for this page.',
    );
  }
  removeStale(storage, page.nowMs());
  storage.setItem(PREFIX + transaction.state, JSON.stringify(transaction));
}

/** Takes the transaction out, so that one answer is redeemed once. Undefined when there is none or it is too old. */
export function takeTransaction(page: Page, state: string): Transaction | undefined {
  const storage = page.sessionStorage;
  const transaction = parseTransaction(parseJson(storage?.getItem(PREFIX + state)));
  storage?.removeItem(PREFIX + state);
  if (transaction === undefined || transaction.state !== state) return undefined;
  return page.nowMs() - transaction.startedAtMs > MAX_AGE_MS ? undefined : transaction;
}

function removeStale(storage: PageStorage, nowMs: number): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  for (const key of keys) {
    if (key === null || !key.startsWith(PREFIX)) continue;
    const startedAtMs = parseTransaction(parseJson(storage.getItem(key)))?.startedAtMs;
    if (startedAtMs === undefined || nowMs - startedAtMs > MAX_AGE_MS) storage.removeItem(key);
  }
}

function parseTransaction(value: unknown): Transaction | undefined {
  if (!isRecord(value)) return undefined;
  const state = textOf(value.state);
  const nonce = textOf(value.nonce);
  const codeVerifier = textOf(value.codeVerifier);
  const redirectUri = textOf(value.redirectUri);
  const issuer = textOf(value.issuer);
  const clientId = textOf(value.clientId);
  const returnTo = textOf(value.returnTo);
  const startedAtMs = numberOf(value.startedAtMs);
  if (state === undefined || nonce === undefined || codeVerifier === undefined || redirectUri === undefined)
    return undefined;
  if (issuer === undefined || clientId === undefined || returnTo === undefined || startedAtMs === undefined)
    return undefined;
  const maxAgeSeconds = numberOf(value.maxAgeSeconds);
  return { state, nonce, codeVerifier, redirectUri, issuer, clientId, returnTo, maxAgeSeconds, startedAtMs };
}
