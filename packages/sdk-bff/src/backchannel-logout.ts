import { jwtVerify } from 'jose';
import { IssuerUnavailable } from './bff-error.ts';
import type { BffDeps } from './deps.ts';
import { describeCause } from './issuer.ts';
import { isRecord, type JsonObject, numberOf, textOf } from './json.ts';
import { privateHeaders } from './problem.ts';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_BODY_CHARACTERS = 50_000;
const CLOCK_TOLERANCE_SECONDS = 60;
/** Signatures only: none, and no key that both sides know. */
const ALGORITHMS = [
  'RS256',
  'PS256',
  'ES256',
  'EdDSA',
  'Ed25519',
  'RS384',
  'PS384',
  'ES384',
  'RS512',
  'PS512',
  'ES512',
];

/**
 * `POST backchannel-logout`: the issuer says by a signed token that a session has ended (OpenID Connect Back-Channel Logout
 * §2.5). A token that was seen before changes nothing. Sealed sessions are reached through `endedSessions` only; without
 * it the answer is 400, and the log says why.
 */
export async function receiveLogout(deps: BffDeps, request: Request): Promise<Response> {
  const { ended, log } = deps;
  if (!ended.isShared) {
    const problem = 'This server keeps sessions in sealed cookies and no list of ended ones.';
    log(`${problem} Back-channel logout needs createBff({ store }) or createBff({ endedSessions }).`);
    return refuse('unsupported', problem);
  }
  const token = await readToken(request);
  if (token === undefined)
    return refuse(
      'invalid_request',
      'Send the token as logout_token in a form (application/x-www-form-urlencoded).',
    );
  const outcome = await checkLogoutToken(deps, token);
  if (typeof outcome === 'string') {
    log(`A logout token was refused: ${outcome}`);
    return refuse('invalid_request', outcome);
  }
  const { sid, sub, jti, ttlSeconds } = outcome;
  if (await ended.useTokenId(jti, ttlSeconds)) {
    if (sid !== undefined) await ended.addSid(sid);
    else if (sub !== undefined) await ended.addSubject(sub);
  }
  return new Response(null, { status: 200, headers: privateHeaders });
}

// OpenID Connect Back-Channel Logout §2.8.
function refuse(error: string, description: string): Response {
  return new Response(JSON.stringify({ error, error_description: description }), {
    status: 400,
    headers: { ...privateHeaders, 'content-type': 'application/json' },
  });
}

async function readToken(request: Request): Promise<string | undefined> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type) || request.body === null) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of request.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BODY_CHARACTERS) return undefined;
  }
  const tokens = new URLSearchParams(text).getAll('logout_token');
  return tokens.length === 1 ? textOf(tokens[0]) : undefined;
}

interface LogoutToken {
  readonly sid: string | undefined;
  readonly sub: string | undefined;
  readonly jti: string;
  readonly ttlSeconds: number;
}

/** OpenID Connect Back-Channel Logout §2.6, in its order. Resolves to what is wrong as text. */
async function checkLogoutToken(deps: BffDeps, token: string): Promise<LogoutToken | string> {
  const { issuer, settings } = deps;
  const metadata = await issuer.metadata();
  let header: JsonObject;
  let claims: JsonObject;
  try {
    const verified = await jwtVerify(token, issuer.keys(metadata), {
      algorithms: ALGORITHMS,
      issuer: metadata.issuer,
      audience: settings.clientId,
      requiredClaims: ['iat', 'exp', 'jti'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(issuer.nowMs()),
    });
    header = { ...verified.protectedHeader };
    claims = verified.payload;
  } catch (error) {
    if (error instanceof IssuerUnavailable) throw error;
    return describeCause(error);
  }
  const nowSeconds = issuer.nowMs() / 1000;
  const typ = (textOf(header.typ) ?? 'JWT').toLowerCase().replace(/^application\//, '');
  // §2.4 recommends logout+jwt; issuers before it send JWT. An access token or another kind is none.
  if (typ !== 'logout+jwt' && typ !== 'jwt') return `It has the type ${typ}, not logout+jwt.`;
  const [sid, sub, jti] = [textOf(claims.sid), textOf(claims.sub), textOf(claims.jti)];
  const [iat, exp] = [numberOf(claims.iat) ?? 0, numberOf(claims.exp) ?? 0];
  if (iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return 'It was issued in the future.';
  if (sid === undefined && sub === undefined) return 'It names neither a session (sid) nor a user (sub).';
  if (!isRecord(claims.events) || !isRecord(claims.events[LOGOUT_EVENT]))
    return 'It is about no logout (events).';
  if ('nonce' in claims) return 'It has a nonce, as ID tokens have.';
  if (jti === undefined) return 'It has no ID (jti).';
  return {
    sid,
    sub,
    jti,
    ttlSeconds: Math.max(60, Math.ceil(exp - nowSeconds) + 2 * CLOCK_TOLERANCE_SECONDS),
  };
}
