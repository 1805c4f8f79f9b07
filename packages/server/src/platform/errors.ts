import { type ProblemBody, type ProblemCode, problems } from '@latchkey/contract';
import type { PageErrorCode } from '@latchkey/login-ui';
import type { OAuthErrorCode, RedirectTarget } from '@latchkey/protocol';

/** An error answered as OAuth JSON (RFC 6749 §5.2). The message is for developers and safe to show. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** For the log only. */
  readonly internal: string | undefined;

  constructor(
    code: OAuthErrorCode,
    message: string,
    options: {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly internal?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? 400;
    this.headers = options.headers ?? {};
    this.internal = options.internal;
  }
}

/** An error sent to the client's redirect URI (RFC 6749 §4.1.2.1). Needs a verified target, so it cannot come too early. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
  readonly code: OAuthErrorCode;
  readonly target: RedirectTarget;

  constructor(target: RedirectTarget, code: OAuthErrorCode, message: string) {
    super(message);
    this.target = target;
    this.code = code;
  }
}

/** What is known of a sign-in that stopped on an error page. */
export interface Stopped {
  readonly clientId?: string;
  /** Verified when the request was. */
  readonly redirectUri?: string;
  /** Where the same begins anew; an address of ours. */
  readonly againHref?: string;
  readonly locale?: string;
}

/** An error shown to a person on our own origin. */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly code: PageErrorCode;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  /** The sign-in it ended, for the ways on. */
  readonly stopped: Stopped | undefined;

  constructor(
    code: PageErrorCode,
    status: number,
    detail: string,
    options: { readonly retryAfterSeconds?: number; readonly stopped?: Stopped } = {},
  ) {
    super(detail);
    this.code = code;
    this.status = status;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.stopped = options.stopped;
  }
}

/** Members a problem may have besides the usual ones. */
export type ProblemExtras = Pick<ProblemBody, 'errors' | 'permission' | 'dependents' | 'maxAge'>;

/** An error of the management API, answered as `application/problem+json` (RFC 9457). The detail is safe to show. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly extras: ProblemExtras;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    extras: ProblemExtras = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.code = code;
    this.status = problems[code].status;
    this.extras = extras;
    this.headers = headers;
  }
}

/** Whether a request failed for a reason of ours, not of whoever sent it: then it must not count against them. */
export function isOurFault(error: unknown): boolean {
  return ![OAuthError, RedirectError, PageError, ApiError].some((kind) => error instanceof kind);
}
