import { type AuthError, issuerUnavailable, verifierMisconfigured } from './auth-error.ts';
import { type IssuerContext, requestIssuer } from './issuer-request.ts';
import { type JsonObject, stringOf } from './json.ts';

/** What the verifier needs of the issuer's metadata. */
export interface IssuerMetadata {
  readonly kind: 'metadata';
  /** As the issuer writes itself: the value of `iss`. */
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly introspectionEndpoint: string | undefined;
}

export type Discover = () => Promise<IssuerMetadata | AuthError>;

/** For this long after a failure the same answer is given without asking again. */
const FAILURE_COOLDOWN_MS = 1_000;

/**
 * Reads `<issuer>/.well-known/openid-configuration` once and keeps it; a failure is forgotten after a second, so
 * the verifier heals by itself. Simultaneous callers share one request.
 */
export function createDiscovery(context: IssuerContext): Discover {
  let found: IssuerMetadata | undefined;
  let failure: { error: AuthError; until: number } | undefined;
  let running: Promise<IssuerMetadata | AuthError> | undefined;

  const load = async () => {
    const outcome = await loadMetadata(context);
    if (outcome.kind === 'metadata') found = outcome;
    else failure = { error: outcome, until: context.now() + FAILURE_COOLDOWN_MS };
    running = undefined;
    return outcome;
  };

  return async () => {
    if (found) return found;
    if (failure && context.now() < failure.until) return failure.error;
    running ??= load();
    return running;
  };
}

async function loadMetadata(context: IssuerContext): Promise<IssuerMetadata | AuthError> {
  const url = `${context.issuer}/.well-known/openid-configuration`;
  const answer = await requestIssuer(context, url, { headers: { accept: 'application/json' } });
  if (answer.kind === 'no-answer') return issuerUnavailable(answer.detail);
  if (answer.status !== 200 || answer.body === undefined) {
    return issuerUnavailable(
      `${url} answered ${answer.status} and no metadata. If this lasts, the issuer setting is wrong: ` +
        'it is scheme, host and port of the platform, as its discovery document writes it.',
      answer.retryAfterSeconds,
    );
  }
  return parseMetadata(context.issuer, answer.body);
}

function parseMetadata(configured: string, body: JsonObject): IssuerMetadata | AuthError {
  const issuer = stringOf(body.issuer);
  // OpenID Connect Discovery 1.0 §4.3: the same value, or somebody else's document is being believed.
  if (issuer === undefined || withoutTrailingSlash(issuer) !== configured) {
    return verifierMisconfigured(
      `The discovery document under ${configured} names the issuer ${issuer ?? '(none)'}. ` +
        'Set the issuer setting to that name, or correct the external domain of the platform.',
    );
  }
  const endpoints = {
    jwksUri: stringOf(body.jwks_uri),
    introspectionEndpoint: stringOf(body.introspection_endpoint),
  };
  for (const endpoint of Object.values(endpoints)) {
    if (endpoint !== undefined && !isAsSafeAs(configured, endpoint)) {
      return verifierMisconfigured(
        `The discovery document under ${configured} names ${endpoint}, which is not an https URL. ` +
          'Correct the external domain and scheme of the platform.',
      );
    }
  }
  return { kind: 'metadata', issuer, ...endpoints };
}

/** An issuer as configured, without the trailing slash that front ends like to add. */
export function withoutTrailingSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
}

function isAsSafeAs(issuer: string, endpoint: string): boolean {
  const protocol = URL.canParse(endpoint) ? new URL(endpoint).protocol : '';
  return protocol === 'https:' || (protocol === 'http:' && issuer.startsWith('http:'));
}
