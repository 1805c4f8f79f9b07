import { OAuthError } from '../platform/errors.ts';

/** The answer to a client that did not prove who it is; `internal` is for the log. Source: RFC 6749 §5.2. */
export function clientRefusal(description: string, internal: string): OAuthError {
  // RFC 6749 §5.2: 401 with the scheme the client may use.
  return new OAuthError('invalid_client', description, {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="Latchkey", charset="UTF-8"' },
    internal,
  });
}
