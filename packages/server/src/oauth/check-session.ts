import { randomBytes } from 'node:crypto';
import { cookieName } from '../platform/cookies.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { checkSessionScript } from './check-session-script.ts';

/**
 * GET /oidc/v1/check_session: the page without content that applications put into a hidden frame and send messages to
 * (OpenID Connect Session Management 1.0 §3.2, §3.3). The one page of ours that others may frame: nothing on it can be
 * clicked, and what it answers is bound to who asks.
 */
export function checkSession(context: RequestContext): Answer {
  const { origin } = context.instance;
  const nonce = randomBytes(16).toString('base64');
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors *`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'cross-origin',
      ...(origin.startsWith('https://')
        ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
        : {}),
    },
    body: `<!doctype html><html lang="en" data-cookie="${cookieName('state', origin)}"><head><meta charset="utf-8"><title>Session</title></head><body><script nonce="${nonce}">${checkSessionScript}</script></body></html>`,
  };
}
