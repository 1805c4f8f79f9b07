import { isUtf8 } from 'node:buffer';
import type { X509Certificate } from 'node:crypto';
import {
  describeParamsProblem,
  limits,
  type Params,
  type ParsedParams,
  parseParams,
} from '@latchkey/protocol';
import { type CookieJar, getCookie } from './cookies.ts';
import type { Deps } from './deps.ts';
import { OAuthError } from './errors.ts';
import type { InstanceContext } from './instances.ts';

/** A certificate the other end of a TLS connection proved to hold the key of. */
export interface PeerCertificate {
  readonly x509: X509Certificate;
  /** Whether a configured certification authority issued it (RFC 8705 §2.1), or nobody known (§2.2). */
  readonly vouchedBy: 'authority' | 'nobody';
}

/** A request as handlers see it, whichever way it came in. */
export interface HttpRequest {
  readonly method: string;
  /** Header values by lower-case name; several of one name are joined by commas, so that two credentials never look like one. */
  readonly headers: { readonly get: (name: string) => string | null };
  /** The certificate shown in the TLS handshake, where this server ends TLS itself. */
  readonly peerCertificate?: () => PeerCertificate | undefined;
  /** The body as text, once. Rejects with `BodyTooLarge` past so many bytes, `MalformedBody` when it is not UTF-8. */
  readonly readText: (maximumBytes: number) => Promise<string>;
}

/** A whole answer, not yet on the wire. */
export interface Answer {
  readonly status: number;
  /** One value a name; several cookies stand in `set-cookie` one a line, as `addCookie` writes them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for none. */
  readonly body: string;
}

/** One request on its way through the server. */
export interface RequestContext {
  readonly deps: Deps;
  readonly instance: InstanceContext;
  readonly request: HttpRequest;
  /** Path without query. */
  readonly path: string;
  /** The query text without `?`. */
  readonly query: string;
  /** The address of the caller, for events and sessions. */
  readonly ip: string;
  /** What every limit counts the caller as: the IPv4 address, or the /64 of an IPv6 address. */
  readonly caller: string;
  /** The other end of the connection, which may be a proxy; empty where there is none. */
  readonly peerAddress: string;
  readonly requestId: string;
}

/** Answers a request, or throws one of the four kinds of error. */
export type Handler = (context: RequestContext) => Promise<Answer> | Answer;

/** The most a form body may hold, in bytes. */
export const maximumFormBytes = limits.form;

/** The body is larger than allowed; answered with 413. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** The body is no text in UTF-8; answered with 400. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
}

/**
 * The text of a body. A byte order mark stays in it, for the reader to refuse. Throws `MalformedBody` where bytes are not
 * UTF-8 (RFC 3629 §3): replaced, they would be stored as something nobody sent.
 */
export function decodeBody(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // Bytes that are not UTF-8 become U+FFFD, which a body may hold as well, but hardly one does.
  if (text.includes('\ufffd') && !isUtf8(bytes)) throw new MalformedBody('the body is not valid UTF-8');
  return text;
}

/** The form of a POST, repeated and malformed parameters noted. Throws `OAuthError` when the body is not a form. */
export async function readForm(context: RequestContext): Promise<ParsedParams> {
  const type = context.request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded');
  }
  return parseParams(await context.request.readText(maximumFormBytes));
}

/** The form of a POST to an OAuth endpoint. Throws `OAuthError` when a parameter is malformed or repeated. */
export async function readOAuthForm(context: RequestContext): Promise<Params> {
  const { params, problem } = await readForm(context);
  if (problem !== undefined) throw new OAuthError('invalid_request', describeParamsProblem(problem));
  return params;
}

const jsonHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': '*',
  // Lets a page whose clock is wrong sign DPoP proofs with the right time.
  'access-control-expose-headers': 'Date',
} as const;

/** `json` for what has been written as JSON before: a 200 answer. */
export function jsonText(body: string): Answer {
  return { status: 200, headers: jsonHeaders, body };
}

/** A JSON answer that nobody may keep and any origin may read, since it travels without cookies. */
export function json(status: number, body: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return {
    status,
    headers: headers === undefined ? jsonHeaders : { ...jsonHeaders, ...headers },
    body: JSON.stringify(body),
  };
}

/** The value of a cookie of this request. */
export function cookie(context: RequestContext, jar: CookieJar): string | undefined {
  return getCookie(context.request.headers.get('cookie'), jar, context.instance.origin);
}

/** Headers with one more cookie, given as `buildCookie` writes it. */
export function addCookie(
  headers: Readonly<Record<string, string>>,
  line: string,
): Readonly<Record<string, string>> {
  const others = headers['set-cookie'];
  return { ...headers, 'set-cookie': others === undefined ? line : `${others}\n${line}` };
}

/** The cookies of some headers, one `Set-Cookie` value each. */
export function cookieLines(headers: Readonly<Record<string, string>>): readonly string[] {
  return headers['set-cookie']?.split('\n') ?? [];
}
