import type { OAuthErrorCode } from '../wire/names.ts';
import { printable } from '../wire/params.ts';
import type { RedirectTarget } from './authorize-request.ts';

/** How an authorization response leaves: a redirect, or a form the browser posts. */
export type AuthorizeResponse =
  | { readonly kind: 'redirect'; readonly location: string }
  | {
      readonly kind: 'form-post';
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
    };

function respond(target: RedirectTarget, fields: Readonly<Record<string, string>>): AuthorizeResponse {
  if (target.responseMode === 'form_post') return { kind: 'form-post', action: target.redirectUri, fields };
  const query = new URLSearchParams(fields).toString();
  if (target.responseMode === 'fragment')
    return { kind: 'redirect', location: `${target.redirectUri}#${query}` };
  const joint = target.redirectUri.includes('?') ? '&' : '?';
  return { kind: 'redirect', location: `${target.redirectUri}${joint}${query}` };
}

/**
 * The answer that carries a code.
 * @see RFC 6749 §4.1.2, RFC 9207 §2
 */
export function buildCodeResponse(target: RedirectTarget, issuer: string, code: string): AuthorizeResponse {
  return respond(target, {
    code,
    ...(target.state === undefined ? {} : { state: target.state }),
    iss: issuer,
  });
}

/**
 * The answer that carries an error.
 * @see RFC 6749 §4.1.2.1, RFC 9207 §2
 */
export function buildErrorResponse(
  target: RedirectTarget,
  issuer: string,
  error: OAuthErrorCode,
  description: string,
): AuthorizeResponse {
  return respond(target, {
    error,
    error_description: printable(description),
    ...(target.state === undefined ? {} : { state: target.state }),
    iss: issuer,
  });
}
