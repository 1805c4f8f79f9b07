import { type AuthError, invalidToken, issuerUnavailable, verifierMisconfigured } from './auth-error.ts';
import type { ClientAuthenticator } from './client-authentication.ts';
import type { Discover, IssuerMetadata } from './discovery.ts';
import { type IssuerAnswer, type IssuerContext, requestIssuer } from './issuer-request.ts';
import { type JsonObject, stringOf } from './json.ts';

/** Asks the issuer about a token: the response of an active one, or why there is none. */
export type Introspect = (token: string) => Promise<{ kind: 'active'; response: JsonObject } | AuthError>;

/** Introspections under way at once; more are turned away, so that a flood here is no flood at the issuer. */
const MAX_CONCURRENT = 512;
/** After the issuer refused our credentials it is left alone this long: every try counts against its limit. */
const CREDENTIALS_COOLDOWN_MS = 5_000;

/**
 * Token introspection with this API's own credentials.
 * @see https://www.rfc-editor.org/rfc/rfc7662#section-2 RFC 7662 §2
 */
export function createIntrospection(
  context: IssuerContext,
  discover: Discover,
  authenticator: ClientAuthenticator,
): Introspect {
  let concurrent = 0;
  let refusedCredentials: { error: AuthError; until: number } | undefined;
  let isAssertionReusable = true;

  const ask = async (token: string, metadata: IssuerMetadata, endpoint: string): Promise<IssuerAnswer> => {
    if (!isAssertionReusable) authenticator.renew();
    const authentication = await authenticator.authenticate(metadata.issuer);
    const answer = await post(context, endpoint, token, authentication);
    if (!authentication.isReused || !isCredentialRefusal(answer)) return answer;
    // RFC 7523 §3 allows an issuer to take each assertion once only: show it a new one before giving up.
    authenticator.renew();
    const second = await post(context, endpoint, token, await authenticator.authenticate(metadata.issuer));
    if (!isCredentialRefusal(second)) isAssertionReusable = false;
    return second;
  };

  return async (token) => {
    if (refusedCredentials && context.now() < refusedCredentials.until) return refusedCredentials.error;
    if (concurrent >= MAX_CONCURRENT)
      return issuerUnavailable(`${MAX_CONCURRENT} introspections are under way`);
    concurrent += 1;
    try {
      const metadata = await discover();
      if (metadata.kind !== 'metadata') return metadata;
      const endpoint = metadata.introspectionEndpoint;
      if (endpoint === undefined) {
        return verifierMisconfigured(`The metadata of ${metadata.issuer} names no introspection_endpoint.`);
      }
      const answer = await ask(token, metadata, endpoint);
      const outcome = parseAnswer(answer, endpoint);
      refusedCredentials =
        outcome.kind === 'verifier-misconfigured'
          ? { error: outcome, until: context.now() + CREDENTIALS_COOLDOWN_MS }
          : undefined;
      return outcome;
    } finally {
      concurrent -= 1;
    }
  };
}

function post(
  context: IssuerContext,
  endpoint: string,
  token: string,
  authentication: { headers: Readonly<Record<string, string>>; parameters: Readonly<Record<string, string>> },
): Promise<IssuerAnswer> {
  return requestIssuer(context, endpoint, {
    method: 'POST',
    headers: {
      ...authentication.headers,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      token,
      token_type_hint: 'access_token',
      ...authentication.parameters,
    }).toString(),
  });
}

function parseAnswer(
  answer: IssuerAnswer,
  endpoint: string,
): { kind: 'active'; response: JsonObject } | AuthError {
  if (answer.kind === 'no-answer') return issuerUnavailable(answer.detail);
  if (isCredentialRefusal(answer)) {
    return verifierMisconfigured(
      `${endpoint} refused this API's own credentials (${answer.status} ${stringOf(answer.body?.error) ?? ''}). ` +
        'Check clientId with clientSecret or keyFile: they belong to an API application that is active, ' +
        'of this issuer, with a secret or key that is neither replaced nor expired; for a key also check the clock.',
    );
  }
  if (answer.status !== 200 || typeof answer.body?.active !== 'boolean') {
    return issuerUnavailable(
      `${endpoint} answered ${answer.status}, not an introspection response`,
      answer.retryAfterSeconds,
    );
  }
  if (!answer.body.active) {
    return invalidToken(
      'inactive',
      'The access token is expired, revoked or not meant for this API. Refresh it or sign in again, ' +
        "and ask for this API's project in the audience.",
    );
  }
  return { kind: 'active', response: answer.body };
}

// RFC 6749 §5.2 says 401 invalid_client; ZITADEL also answers 400 with unauthorized_client.
function isCredentialRefusal(answer: IssuerAnswer): boolean {
  if (answer.kind !== 'answer') return false;
  if (answer.status === 401 || answer.status === 403) return true;
  return (
    answer.status === 400 &&
    (answer.body?.error === 'invalid_client' || answer.body?.error === 'unauthorized_client')
  );
}
