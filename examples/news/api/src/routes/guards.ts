import type { Verifier } from '@latchkey/api';
import { getAuth, requireAuth, requireRole } from '@latchkey/api/hono';
import type { Context, MiddlewareHandler } from 'hono';
import { every } from 'hono/combine';
import type { Account } from '../database/readers.ts';
import { problemResponse } from './problem.ts';

/** Who may call an operation: anybody signed in, or the editors of the project. */
export interface Guards {
  readonly reader: MiddlewareHandler;
  readonly editor: MiddlewareHandler;
  /** An editor who has signed in within the last minutes. */
  readonly recentEditor: MiddlewareHandler;
}

export const EDITOR_ROLE = 'editor';

/** The longest time between signing in and deleting an article. */
export const MAX_SIGN_IN_AGE_SECONDS = 300;

export function createGuards(verifier: Verifier, now: () => Date): Guards {
  const reader = every(noStore, requireAuth(verifier));
  const editor = every(reader, requireRole(EDITOR_ROLE));
  return { reader, editor, recentEditor: every(editor, requireRecentSignIn(now)) };
}

/** The account of the request's access token; behind a guard only. */
export function accountOf(c: Context, issuer: string): Account {
  return { issuer, subject: getAuth(c).subject };
}

const noStore: MiddlewareHandler = async (c, next) => {
  await next();
  c.header('Cache-Control', 'no-store');
};

// RFC 9470 §3: the client sends the user through an authorization request with this max_age and tries again.
function requireRecentSignIn(now: () => Date): MiddlewareHandler {
  return async (c, next) => {
    const authTime = getAuth(c).claims.auth_time;
    const ageSeconds =
      typeof authTime === 'number' ? now().getTime() / 1000 - authTime : Number.POSITIVE_INFINITY;
    if (ageSeconds <= MAX_SIGN_IN_AGE_SECONDS) return await next();
    const detail = 'This needs a sign-in of the last 5 minutes. Sign in again and repeat the request.';
    const scheme = /^dpop /i.test(c.req.header('authorization') ?? '') ? 'DPoP' : 'Bearer';
    return problemResponse('fresh-sign-in-required', detail, {
      maxAge: MAX_SIGN_IN_AGE_SECONDS,
      headers: {
        'WWW-Authenticate': `${scheme} realm="api", error="insufficient_user_authentication", error_description="${detail}", max_age="${MAX_SIGN_IN_AGE_SECONDS}"`,
      },
    });
  };
}
