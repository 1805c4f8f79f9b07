import { isUtf8 } from 'node:buffer';
import { lookup as dnsLookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import {
  literalAddressOf,
  type OutboundRules,
  parseOutboundTarget,
  type ResolvedAddress,
} from './outbound-rules.ts';

/** What an outbound call sends, and how much it may take. */
export interface SafeFetchOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The `Accept` header; anything without it. */
  readonly accept?: string;
  /** The most an answer may hold; 1 MB without it. */
  readonly maximumBytes?: number;
  /** The most the whole call may take, waiting for its turn included; 5000 without it. */
  readonly timeoutMs?: number;
  /** The instance the call is made for; each has turns of its own. */
  readonly instanceId?: string;
}

/** What the other side answered, whole. Redirects never come this far. */
export interface SafeFetchAnswer {
  readonly status: number;
  /** Values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls an address somebody typed. Throws `FetchRefused` and nothing else. */
export type SafeFetch = (url: string, options?: SafeFetchOptions) => Promise<SafeFetchAnswer>;

/** An outbound call was not made, or came to nothing. The message is for the log: it may tell of the network inside. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
}

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

const maximumInFlight = 10;
const maximumWaiting = 100;

const resolveByDns: Resolve = async (hostname) => {
  const found = await dnsLookup(hostname, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

/** Turns for so many callers at once; the rest wait in order, or are refused when the queue is long. */
function createTurns(inFlight: number): { readonly take: (signal: AbortSignal) => Promise<() => void> } {
  const waiting = new Set<() => void>();
  let taken = 0;
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) taken -= 1;
    else next();
  };
  return {
    take: (signal) => {
      if (taken < inFlight) {
        taken += 1;
        return Promise.resolve(leave);
      }
      if (waiting.size >= maximumWaiting)
        return Promise.reject(new FetchRefused('too many outbound calls are waiting'));
      return new Promise((resolve, reject) => {
        const give = (): void => {
          waiting.delete(give);
          signal.removeEventListener('abort', giveUp);
          resolve(leave);
        };
        const giveUp = (): void => {
          waiting.delete(give);
          reject(new FetchRefused('no turn came within the time for the call'));
        };
        waiting.add(give);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}

function parseTarget(text: string): URL {
  const target = parseOutboundTarget(text);
  if (target.kind === 'refused') throw new FetchRefused(`the URL ${target.problem.detail}`);
  return target.url;
}

async function addressesOf(hostname: string, resolve: Resolve): Promise<readonly ResolvedAddress[]> {
  const literal = literalAddressOf(hostname);
  if (literal !== undefined) return [literal];
  const addresses = await resolve(hostname);
  if (addresses.length === 0) throw new FetchRefused(`${hostname} has no address`);
  return addresses;
}

/** Hands out the addresses that were checked and no others, so that a name cannot change its mind in between. */
function lookupOf(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}

// Where JSON is asked for, nothing else will do; of other answers only the status counts.
function decodeAnswer(bytes: Buffer, accept: string | undefined): string {
  if (accept?.includes('json') === true && !isUtf8(bytes))
    throw new FetchRefused('the answer is not valid UTF-8');
  return bytes.toString('utf8');
}

async function readAnswer(
  message: IncomingMessage,
  { maximumBytes = 1_048_576, accept }: SafeFetchOptions,
): Promise<SafeFetchAnswer> {
  const status = message.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new FetchRefused(`a redirect (${status}), which is not followed`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of message) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > maximumBytes) throw new FetchRefused(`the answer holds more than ${maximumBytes} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value ?? '')]);
  return { status, headers: Object.fromEntries(headers), body: decodeAnswer(Buffer.concat(chunks), accept) };
}

interface Call {
  readonly url: URL;
  readonly addresses: readonly ResolvedAddress[];
  readonly options: SafeFetchOptions;
  readonly signal: AbortSignal;
}

async function send({ url, addresses, options, signal }: Call): Promise<SafeFetchAnswer> {
  const { body } = options;
  const init: RequestOptions = {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      accept: options.accept ?? '*/*',
      'user-agent': 'Latchkey',
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...options.headers,
    },
    // A connection of its own: one kept from before could lead elsewhere than the addresses just checked.
    agent: false,
    lookup: lookupOf(addresses),
    maxHeaderSize: 16_384,
    signal,
  };
  const outgoing = url.protocol === 'https:' ? httpsRequest(url, init) : httpRequest(url, init);
  try {
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    return await readAnswer(message, options);
  } finally {
    outgoing.destroy();
  }
}

function reject(_resolve: unknown, refuse: (error: Error) => void, signal: AbortSignal): void {
  signal.addEventListener('abort', () => refuse(new FetchRefused('it took too long')), { once: true });
}

/**
 * The one door for calls to addresses that somebody typed: https to public unicast addresses, every address of the name
 * checked and only checked ones connected to, no redirects, bounded in size and time; `rules` holds the exceptions. The
 * processes of a node share its turns out evenly, one each at least.
 */
export function createSafeFetch(
  rules: OutboundRules,
  resolve: Resolve = resolveByDns,
  processes = 1,
): SafeFetch {
  const inFlight = Math.max(1, Math.floor(maximumInFlight / processes));
  const turnsByInstance = new Map<string, ReturnType<typeof createTurns>>();
  const turnsOf = (instanceId: string): ReturnType<typeof createTurns> => {
    const turns = turnsByInstance.get(instanceId) ?? createTurns(inFlight);
    turnsByInstance.set(instanceId, turns);
    return turns;
  };
  const attempt = async (
    text: string,
    options: SafeFetchOptions,
    signal: AbortSignal,
  ): Promise<SafeFetchAnswer> => {
    const url = parseTarget(text);
    const leave = await turnsOf(options.instanceId ?? '').take(signal);
    try {
      const late = new Promise<never>((done, refuse) => reject(done, refuse, signal));
      const addresses = await Promise.race([addressesOf(url.hostname, resolve), late]);
      const problem = rules.problemWith(url, addresses);
      if (problem !== undefined) throw new FetchRefused(`${url.hostname} ${problem.detail}`);
      return await Promise.race([send({ url, addresses, options, signal }), late]);
    } finally {
      leave();
    }
  };
  return async (text, options = {}) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), options.timeoutMs ?? 5000);
    try {
      return await attempt(text, options, abort.signal);
    } catch (cause) {
      if (cause instanceof FetchRefused) throw cause;
      const reason = abort.signal.aborted ? 'it took too long' : cause instanceof Error ? cause.message : '';
      throw new FetchRefused(`the call failed: ${reason}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}
