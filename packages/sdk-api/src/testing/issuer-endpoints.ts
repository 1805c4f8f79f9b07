import type { JsonWebKey, KeyObject } from 'node:crypto';
import { jwtVerify } from 'jose';
import { type JsonObject, stringsOf } from '../json.ts';

/** What the endpoints answer from; the test issuer changes it between requests. */
export interface IssuerState {
  readonly issuer: string;
  readonly projectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly nowSeconds: () => number;
  readonly publicJwks: () => readonly JsonWebKey[];
  readonly applicationKeys: ReadonlyMap<string, KeyObject>;
  /** Claims of every live access token, by its text. */
  readonly accessTokens: ReadonlyMap<string, JsonObject>;
}

/** Answers a request as the platform does: metadata, keys, introspection. */
export async function answerRequest(state: IssuerState, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method === 'GET' && pathname === '/.well-known/openid-configuration') {
    return Response.json(buildMetadata(state.issuer));
  }
  if (request.method === 'GET' && pathname === '/oauth/v2/keys') {
    return Response.json(
      { keys: state.publicJwks() },
      { headers: { 'cache-control': 'max-age=300, must-revalidate' } },
    );
  }
  if (request.method === 'POST' && pathname === '/oauth/v2/introspect') return introspect(state, request);
  return Response.json({ error: 'not_found' }, { status: 404 });
}

function buildMetadata(issuer: string): JsonObject {
  return {
    issuer,
    jwks_uri: `${issuer}/oauth/v2/keys`,
    introspection_endpoint: `${issuer}/oauth/v2/introspect`,
    authorization_endpoint: `${issuer}/oauth/v2/authorize`,
    token_endpoint: `${issuer}/oauth/v2/token`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
    id_token_signing_alg_values_supported: ['EdDSA', 'RS256', 'ES256'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
  };
}

async function introspect(state: IssuerState, request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text());
  if (!(await isAuthenticated(state, request.headers.get('authorization'), form))) {
    return Response.json(
      { error: 'invalid_client', error_description: 'client authentication failed' },
      { status: 401, headers: { 'www-authenticate': `Basic realm="${state.issuer}"` } },
    );
  }
  const token = form.get('token');
  if (token === null) return Response.json({ error: 'invalid_request' }, { status: 400 });
  const claims = state.accessTokens.get(token);
  if (claims === undefined || !isActiveFor(state, claims)) return Response.json({ active: false });
  return Response.json({ active: true, token_type: 'Bearer', ...claims });
}

function isActiveFor(state: IssuerState, claims: JsonObject): boolean {
  if (typeof claims.exp === 'number' && claims.exp <= state.nowSeconds()) return false;
  const audience = typeof claims.aud === 'string' ? [claims.aud] : stringsOf(claims.aud);
  return audience.includes(state.clientId) || audience.includes(state.projectId);
}

async function isAuthenticated(
  state: IssuerState,
  authorization: string | null,
  form: URLSearchParams,
): Promise<boolean> {
  const assertion = form.get('client_assertion');
  if (assertion !== null) return isValidAssertion(state, assertion);
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return false;
  const [clientId, clientSecret] = Buffer.from(basic, 'base64').toString('utf8').split(':').map(formDecode);
  return clientId === state.clientId && clientSecret === state.clientSecret;
}

async function isValidAssertion(state: IssuerState, assertion: string): Promise<boolean> {
  try {
    await jwtVerify(
      assertion,
      ({ kid }) => {
        const key = state.applicationKeys.get(kid ?? '');
        if (key === undefined) throw new Error('unknown key');
        return key;
      },
      {
        algorithms: ['RS256'],
        issuer: state.clientId,
        subject: state.clientId,
        audience: state.issuer,
        requiredClaims: ['exp', 'iat'],
        currentDate: new Date(state.nowSeconds() * 1000),
      },
    );
    return true;
  } catch {
    return false;
  }
}

// RFC 6749 §2.3.1
function formDecode(part: string): string {
  return new URLSearchParams(`v=${part}`).get('v') ?? '';
}
