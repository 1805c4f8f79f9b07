import type { OAuthErrorCode } from '../wire/names.ts';
import { printable } from '../wire/params.ts';
import type { RedirectTarget } from './authorize-facts.ts';

/** How an authorization response leaves: a redirect, or a form the browser posts. */
export type AuthorizeResponse =
  | { readonly kind: 'redirect'; readonly location: string }
  | {
      readonly kind: 'form-post';
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
    };

/** Parameters of an authorization response, by name. */
export type ResponseFields = Readonly<Record<string, string>>;

/**
 * An answer with its parameters where the response mode puts them. Of a JWT-secured mode the parameters are the one
 * signed `response`.
 * @see Multiple Response Types §2.1, Form Post Response Mode §2, JARM §2.3
 */
export function buildAuthorizeResponse(
  target: Pick<RedirectTarget, 'redirectUri' | 'responseMode'>,
  fields: ResponseFields,
): AuthorizeResponse {
  const { redirectUri, responseMode } = target;
  if (responseMode === 'form_post' || responseMode === 'form_post.jwt')
    return { kind: 'form-post', action: redirectUri, fields };
  const query = new URLSearchParams(fields).toString();
  if (responseMode === 'fragment' || responseMode === 'fragment.jwt')
    return { kind: 'redirect', location: `${redirectUri}#${query}` };
  const joint = redirectUri.includes('?') ? '&' : '?';
  return { kind: 'redirect', location: `${redirectUri}${joint}${query}` };
}

/**
 * The parameters of a successful answer: what was issued, and what ties it to the request and the issuer.
 * @see RFC 6749 §4.1.2, RFC 9207 §2
 */
export function successFields(
  target: Pick<RedirectTarget, 'state'>,
  issuer: string,
  issued: ResponseFields,
): ResponseFields {
  return { ...issued, ...(target.state === undefined ? {} : { state: target.state }), iss: issuer };
}

/**
 * The parameters of an error.
 * @see RFC 6749 §4.1.2.1, RFC 9207 §2
 */
export function errorFields(
  target: Pick<RedirectTarget, 'state'>,
  issuer: string,
  error: OAuthErrorCode,
  description: string,
): ResponseFields {
  return {
    error,
    error_description: printable(description),
    ...(target.state === undefined ? {} : { state: target.state }),
    iss: issuer,
  };
}
