import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorResponse } from './error-response.ts';
import {
  type AuthOptions,
  authenticate,
  checkRequirement,
  type GuardOutcome,
  rememberedPrincipal,
  roleRequirement,
  scopeRequirement,
} from './guards.ts';
import { nodeCarrier } from './node-request.ts';
import type { Principal, RoleQuery } from './principal.ts';
import type { Verifier } from './verifier.ts';

export type { AuthOptions } from './guards.ts';

/** Why the token of an open connection ended; `unknown` when the issuer has not answered for long. */
export type TokenEnd = 'expired' | 'revoked' | 'unknown';

/** Settings of the watch over an open connection. */
export interface WatchOptions {
  /** How often the token is checked again: 0.1 to 3600 seconds, 30 unless given. Expiry has a timer of its own. */
  readonly recheckSeconds?: number;
}

/** Settings of `requireAuthOnUpgrade`. */
export interface UpgradeOptions extends AuthOptions {
  /** A scope the token must have, or several separated by spaces; otherwise 403. */
  readonly scope?: string;
  /** A role the user must have; otherwise 403. */
  readonly role?: string | (RoleQuery & { readonly role: string });
}

/** A listener of the `upgrade` event of a Node server. */
export type UpgradeListener = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What of a WebSocket is needed to close it: of the package ws, of Deno, of Workers. */
export interface ClosableSocket {
  close(code: number, reason: string): void;
  addEventListener(event: 'close', listener: () => void): void;
}

/** The close code of a WebSocket whose token has ended, after the HTTP status 401 (RFC 6455 §7.4.2: private use). */
export const TOKEN_ENDED = 4401;

const DEFAULT_RECHECK_SECONDS = 30;
/** Rechecks in a row without an answer of the issuer, after which a connection ends as `unknown`. */
const MAX_UNANSWERED = 10;
const MAX_TIMER_MS = 2 ** 31 - 1;
const TOKEN_PROTOCOL = 'bearer.';

/**
 * Calls `onEnd` once: when the principal's token expires, when the issuer no longer calls it good, or when the issuer has
 * not answered ten rechecks in a row. Gives the function that ends the watch; call it when the connection closes.
 * A verifier of mode `jwt` sees no revocation, only the expiry. Throws when `recheckSeconds` is out of range.
 */
export function watchToken(
  verifier: Verifier,
  principal: Principal,
  onEnd: (why: TokenEnd) => void,
  options: WatchOptions = {},
): () => void {
  const recheckMs = recheckInterval(options);
  const timers: { expiry?: ReturnType<typeof setTimeout>; recheck?: ReturnType<typeof setTimeout> } = {};
  const { exp } = principal.claims;
  let unanswered = 0;
  let isOver = false;

  const stop = () => {
    isOver = true;
    clearTimeout(timers.expiry);
    clearTimeout(timers.recheck);
  };
  const end = (why: TokenEnd) => {
    if (isOver) return;
    stop();
    onEnd(why);
  };
  const waitForExpiry = (expiresAtMs: number) => {
    const left = expiresAtMs - Date.now();
    if (left <= 0) return end('expired');
    timers.expiry = setTimeout(() => waitForExpiry(expiresAtMs), Math.min(left, MAX_TIMER_MS)).unref();
  };
  const recheck = async () => {
    const outcome = await verifier.recheck(principal);
    if (isOver) return;
    if (outcome.kind === 'invalid-token') {
      // Introspection calls an expired token inactive, as it calls a revoked one.
      const isExpired = typeof exp === 'number' && exp * 1000 <= Date.now();
      return end(isExpired || outcome.reason === 'expired' ? 'expired' : 'revoked');
    }
    unanswered = outcome.kind === 'principal' ? 0 : unanswered + 1;
    if (unanswered >= MAX_UNANSWERED) return end('unknown');
    timers.recheck = setTimeout(recheck, recheckMs).unref();
  };

  timers.recheck = setTimeout(recheck, recheckMs).unref();
  // Not before the caller has what it needs to close the connection.
  if (typeof exp === 'number') timers.expiry = setTimeout(() => waitForExpiry(exp * 1000), 0).unref();
  return stop;
}

/**
 * Checks the token of a WebSocket handshake: `server.on('upgrade', requireAuthOnUpgrade(verifier, accept))`. `accept` runs
 * with a good token only, and `getAuth(req)` of this module then says whose; otherwise the handshake is answered with
 * 401, 403 or 503. The token comes in the `Authorization` header or, from browsers, which cannot set it, as the
 * subprotocol `bearer.<token>` beside the one that is spoken; that entry is taken out of the request.
 */
export function requireAuthOnUpgrade(
  verifier: Verifier,
  accept: UpgradeListener,
  options: UpgradeOptions = {},
): UpgradeListener {
  return (req, socket, head) => {
    const giveUp = () => socket.destroy();
    socket.on('error', giveUp);
    void authenticateUpgrade(verifier, req, options).then((outcome) => {
      if (socket.destroyed) return;
      if (outcome.kind === 'respond') return refuse(socket, outcome.response);
      socket.off('error', giveUp);
      accept(req, socket, head);
    });
  };
}

/** Closes a WebSocket with `TOKEN_ENDED` when its token ends. Throws when `recheckSeconds` is out of range. */
export function closeWithToken(
  verifier: Verifier,
  principal: Principal,
  socket: ClosableSocket,
  options: WatchOptions = {},
): void {
  const stop = watchToken(verifier, principal, (why) => socket.close(TOKEN_ENDED, `token ${why}`), options);
  socket.addEventListener('close', stop);
}

/**
 * Ends a stream of server-sent events when its token ends, with a last event `token-ended` that says why. The request is
 * one that `requireAuth` of a framework let through. Throws when `recheckSeconds` is out of range.
 */
export function endWithToken(
  verifier: Verifier,
  principal: Principal,
  res: ServerResponse,
  options: WatchOptions = {},
): void {
  const stop = watchToken(
    verifier,
    principal,
    (why) => void res.end(`event: token-ended\ndata: ${why}\n\n`),
    options,
  );
  res.once('close', stop);
}

/** The principal of a request that `requireAuthOnUpgrade` accepted. Throws when there is none. */
export function getAuth(req: IncomingMessage): Principal {
  return rememberedPrincipal(req);
}

function recheckInterval({ recheckSeconds = DEFAULT_RECHECK_SECONDS }: WatchOptions): number {
  if (recheckSeconds >= 0.1 && recheckSeconds <= 3600) return recheckSeconds * 1000;
  throw new Error('recheckSeconds must be a number from 0.1 to 3600.');
}

async function authenticateUpgrade(
  verifier: Verifier,
  req: IncomingMessage,
  options: UpgradeOptions,
): Promise<GuardOutcome> {
  const carrier = nodeCarrier(req);
  // Two tokens are two Authorization lines: 400 (RFC 6750 §2).
  const authorization = [...carrier.authorization, ...takeProtocolTokens(req).map((it) => `Bearer ${it}`)];
  const how = { verifier, presence: 'required', options } as const;
  const outcome = await authenticate(req, { ...carrier, authorization }, how);
  if (outcome.kind === 'respond') return outcome;
  for (const requirement of requirementsOf(options)) {
    const checked = checkRequirement(req, requirement);
    if (checked.kind === 'respond') return checked;
  }
  return outcome;
}

function requirementsOf({ scope, role }: UpgradeOptions) {
  const query = typeof role === 'string' ? { role } : role;
  return [
    ...(scope === undefined ? [] : [scopeRequirement(scope)]),
    ...(query === undefined ? [] : [roleRequirement(query.role, query)]),
  ];
}

/** Takes the tokens out of the offered subprotocols, so that no server answers with one. */
function takeProtocolTokens(req: IncomingMessage): string[] {
  const offered = req.headers['sec-websocket-protocol'];
  if (offered === undefined) return [];
  const protocols = offered.split(',').map((protocol) => protocol.trim());
  const others = protocols.filter((protocol) => !protocol.startsWith(TOKEN_PROTOCOL));
  if (others.length > 0) req.headers['sec-websocket-protocol'] = others.join(', ');
  else delete req.headers['sec-websocket-protocol'];
  return protocols
    .filter((protocol) => protocol.startsWith(TOKEN_PROTOCOL))
    .map((protocol) => protocol.slice(TOKEN_PROTOCOL.length));
}

function refuse(socket: Duplex, { status, headers, body }: ErrorResponse): void {
  const text = JSON.stringify(body);
  const fields = Object.entries({
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...fields.map(([name, value]) => `${name}: ${value}`),
      '',
      text,
    ].join('\r\n'),
  );
}
