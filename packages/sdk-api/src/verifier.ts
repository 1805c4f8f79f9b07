import { hash } from 'node:crypto';
import {
  type CheckedClaims,
  type ClaimExpectations,
  checkClaims,
  checkJwtAccessToken,
} from './access-token.ts';
import { type AuthError, invalidToken, issuerUnavailable } from './auth-error.ts';
import { isTokenText } from './bearer-token.ts';
import { createClientAuthenticator } from './client-authentication.ts';
import { createDiscovery } from './discovery.ts';
import { createExpiringCache } from './expiring-cache.ts';
import { createIntrospection, type Introspect } from './introspection.ts';
import { type ParsedJws, parseJws } from './jws.ts';
import { createKeySet } from './key-set.ts';
import { createOperatorLog } from './operator-log.ts';
import { createPossessionCheck, schemeOf, type VerifyRequest } from './possession.ts';
import { buildPrincipal, type Principal } from './principal.ts';
import { readRoles } from './roles.ts';
import { parseVerifierOptions, type VerifierOptions, type VerifierSettings } from './verifier-options.ts';

/** Checks access tokens. One per process is enough; it holds caches, and no timer, socket or thread of its own. */
export interface Verifier {
  /**
   * Checks an access token and says whose it is, or why not. Never rejects because of a token or an issuer.
   *
   * A token bound to a key (`cnf`: DPoP, RFC 9449, or a certificate, RFC 8705) is good only with the `request` that
   * proves possession of the key; without `request` it is refused. Each DPoP proof is good once.
   */
  verify(token: string, request?: VerifyRequest): Promise<Principal | AuthError>;
  /**
   * Checks again the token of a connection that stays open. A token bound to a key needs no proof this time: `verify`
   * has seen it when the connection began. Never rejects because of a token or an issuer.
   */
  recheck(principal: Principal): Promise<Principal | AuthError>;
}

/** How a token was checked, which decides what its role claims mean. */
interface CheckedToken extends CheckedClaims {
  readonly source: 'introspection' | 'jwt';
}

type CheckToken = (token: string) => Promise<CheckedToken | AuthError>;

const MAX_CACHED_TOKENS = 10_000;

/**
 * Creates a verifier for the access tokens of one issuer. Nothing is fetched before the first token. Throws when
 * the options contradict each other or leave a check without what it needs, saying which one to change.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = parseVerifierOptions(options);
  const { now, log } = settings;
  const report = createOperatorLog(log, now);
  const check = createCheck(settings);
  const checkPossession = createPossessionCheck(now);
  const principals = createExpiringCache<Principal>({ maxEntries: MAX_CACHED_TOKENS, now });
  // Apart from the principals, so that a flood of invented tokens cannot push good ones out.
  const refusals = createExpiringCache<AuthError>({ maxEntries: MAX_CACHED_TOKENS, now });
  const running = new Map<string, Promise<Principal | AuthError>>();
  if (isCleartext(settings.issuer))
    report(`The issuer ${settings.issuer} is reached without TLS; use https.`);

  const checkAndKeep = async (token: string, key: string): Promise<Principal | AuthError> => {
    try {
      const outcome = await withDeadline(check(token), settings.timeoutMs);
      if (outcome.kind === 'claims') {
        const principal = buildCheckedPrincipal(token, outcome, settings, report);
        const expiresAtMs = (outcome.expiresAt ?? Number.POSITIVE_INFINITY) * 1000;
        principals.keep(key, principal, Math.min(now() + settings.positiveCacheSeconds * 1000, expiresAtMs));
        return principal;
      }
      if (outcome.kind !== 'invalid-token') report(outcome.detail);
      else if (outcome.reason === 'inactive') {
        refusals.keep(key, outcome, now() + settings.negativeCacheSeconds * 1000);
      }
      return outcome;
    } finally {
      running.delete(key);
    }
  };

  const checkOnce = (token: string, key: string): Promise<Principal | AuthError> => {
    const started = running.get(key) ?? checkAndKeep(token, key);
    running.set(key, started);
    return started;
  };

  const checkToken = (token: string): Promise<Principal | AuthError> | Principal | AuthError => {
    if (!isTokenText(token))
      return invalidToken('malformed', 'The access token has characters no token has.');
    // Tokens themselves are not kept as keys: a heap dump of the cache then holds no more of them than it must.
    const key = hash('sha256', token, 'base64');
    return principals.find(key) ?? refusals.find(key) ?? checkOnce(token, key);
  };

  return {
    async verify(token, request) {
      const checked = await checkToken(token);
      const outcome =
        checked.kind === 'principal' ? (checkPossession(checked.claims, token, request) ?? checked) : checked;
      if (outcome.kind !== 'invalid-token' || request === undefined) return outcome;
      return schemeOf(request) === 'dpop' ? { ...outcome, scheme: 'DPoP' } : outcome;
    },
    async recheck(principal) {
      return checkToken(principal.token);
    },
  };
}

function createCheck(settings: VerifierSettings): CheckToken {
  const discover = createDiscovery(settings);
  const keySet = createKeySet(settings, discover);
  const introspect =
    settings.credentials === undefined || settings.mode === 'jwt'
      ? undefined
      : createIntrospection(
          settings,
          discover,
          createClientAuthenticator(settings.credentials, settings.now),
        );

  const expecting = (audiences: readonly string[]): ClaimExpectations => ({
    audiences,
    nowSeconds: settings.now() / 1000,
    clockToleranceSeconds: settings.clockToleranceSeconds,
  });
  const checkJwt = async (jws: ParsedJws): Promise<CheckedToken | AuthError> => {
    const outcome = await checkJwtAccessToken(jws, { discover, keySet }, expecting(settings.jwtAudiences));
    return outcome.kind === 'claims' ? { ...outcome, source: 'jwt' } : outcome;
  };
  const checkByIssuer = async (token: string, ask: Introspect): Promise<CheckedToken | AuthError> => {
    const outcome = await ask(token);
    if (outcome.kind !== 'active') return outcome;
    const checked = checkClaims(outcome.response, expecting(settings.introspectionAudiences));
    return checked.kind === 'claims' ? { ...checked, source: 'introspection' } : checked;
  };

  return async (token) => {
    const jws = settings.mode === 'introspect' ? undefined : parseJws(token);
    if (jws) return checkJwt(jws);
    if (introspect) return checkByIssuer(token, introspect);
    return invalidToken('malformed', 'The access token is not a JWT, and this API accepts JWTs only.');
  };
}

function buildCheckedPrincipal(
  token: string,
  checked: CheckedToken,
  settings: VerifierSettings,
  report: (message: string) => void,
): Principal {
  const { roles, ignoredProjects } = readRoles(checked.claims, {
    source: checked.source,
    projectIds: settings.projectIds,
  });
  if (ignoredProjects.length > 0 && settings.projectIds.every((id) => !ignoredProjects.includes(id))) {
    report(
      `A token brings roles of project ${ignoredProjects.slice(0, 5).join(', ')} and none of this API's. ` +
        'They are ignored; if that is the project of this API, set projectId to it.',
    );
  }
  return buildPrincipal({ subject: checked.subject, token, claims: checked.claims }, roles);
}

async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T | AuthError> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<AuthError>((resolve) => {
    timer = setTimeout(
      () => resolve(issuerUnavailable(`the issuer took more than ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function isCleartext(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'http:' && !/^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname);
}
