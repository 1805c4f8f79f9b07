import {
  type AuthorizeFacts,
  type ClientFacts,
  type CompactJwt,
  fapiAlgorithms,
  limits,
  type OAuthErrorCode,
  type ParsedParams,
  parseCompactJwt,
  parseScope,
  type RequestOrigin,
  readRequestObject,
} from '@latchkey/protocol';
import { findClientKeys } from '../platform/client-keys.ts';
import type { RequestContext } from '../platform/http.ts';
import { asymmetricAlgorithms, verifyJws } from '../platform/jws.ts';
import { applicationRequester, obtainResources, obtainScopes } from '../platform/obtain.ts';
import { FetchRefused } from '../platform/safe-fetch.ts';

/** The request as it counts, and how it came. */
export interface ResolvedRequest {
  readonly parsed: ParsedParams;
  readonly origin: RequestOrigin;
}

/** What the table of checks looks at, facts of the instance added. */
export async function authorizeFacts(
  context: RequestContext,
  client: ClientFacts | undefined,
  parsed: ParsedParams,
  origin: RequestOrigin,
): Promise<AuthorizeFacts> {
  const { instance } = context;
  const asked = (parsed.params.get('resource') ?? '').split(' ').filter((uri) => uri !== '');
  const scopes = parseScope(parsed.params.get('scope')) ?? [];
  const obtaining = client === undefined ? undefined : applicationRequester(client);
  const known = obtaining === undefined ? [] : await obtainResources(context, obtaining, asked.slice(0, 20));
  const kept = obtaining === undefined ? [] : (await obtainScopes(context, obtaining, scopes)).scopes;
  return {
    parsed,
    client,
    origin,
    obtainableResources: known.map((resource) => resource.uri),
    droppedScopes: scopes.filter((scope) => !kept.includes(scope)),
    selfRegistration: instance.settings.isSelfRegistrationEnabled ? 'on' : 'off',
  };
}

async function isSignedByClient(
  context: RequestContext,
  client: ClientFacts,
  jwt: CompactJwt,
): Promise<boolean> {
  const { application } = client;
  const { alg, kid } = jwt.header;
  const allowed = application.securityProfile === 'standard' ? asymmetricAlgorithms : fapiAlgorithms;
  if (!allowed.includes(alg) || (application.requestObjectSigningAlg ?? alg) !== alg) return false;
  const keys = await findClientKeys(context, application, { kid, alg, use: 'sig' });
  return keys.some((key) => verifyJws(jwt, key.key, alg));
}

/** Fetches a request object the application registered the address of (OpenID Connect Core §6.2). */
async function fetchObject(
  context: RequestContext,
  client: ClientFacts,
  uri: string,
): Promise<string | undefined> {
  if (!client.application.requestUris.includes(uri)) return undefined;
  const url = uri.replace(/#.*$/s, '');
  try {
    const { status, body } = await context.deps.safeFetch(url, {
      accept: 'application/oauth-authz-req+jwt, application/jwt',
      maximumBytes: limits.readText,
      instanceId: context.instance.id,
    });
    return status === 200 ? body.trim() : undefined;
  } catch (error) {
    if (!(error instanceof FetchRefused)) throw error;
    context.deps.log.debug({ err: error, uri }, 'a request object could not be fetched');
    return undefined;
  }
}

function refused(parsed: ParsedParams, code: OAuthErrorCode, detail: string): ResolvedRequest {
  return { parsed, origin: { isPushed: false, isSigned: false, problem: [code, detail] } };
}

async function readSigned(
  context: RequestContext,
  client: ClientFacts,
  parsed: ParsedParams,
  text: string,
): Promise<ResolvedRequest> {
  const jwt = parseCompactJwt(text);
  if (jwt === undefined || jwt.header.alg === 'none')
    return refused(parsed, 'invalid_request_object', 'the request object must be a signed JWT');
  if (!(await isSignedByClient(context, client, jwt)))
    return refused(
      parsed,
      'invalid_request_object',
      'no key registered for the application verifies the request object; check kid and algorithm',
    );
  const reading = readRequestObject(jwt, {
    clientId: client.application.clientId,
    issuer: context.instance.origin,
    now: context.deps.clock.now(),
    strictness:
      client.application.securityProfile === 'fapi2_message_signing' ? 'message_signing' : 'standard',
  });
  return reading.kind === 'refused'
    ? refused(parsed, 'invalid_request_object', reading.detail)
    : { parsed: { params: reading.params }, origin: { isPushed: false, isSigned: true } };
}

/**
 * The request that counts: of a signed request object by value or by registered reference, its content alone (RFC 9101
 * §6.3); otherwise the parameters as sent.
 */
export async function resolveRequestObject(
  context: RequestContext,
  client: ClientFacts,
  parsed: ParsedParams,
): Promise<ResolvedRequest> {
  const object = parsed.params.get('request');
  const uri = parsed.params.get('request_uri');
  if (object !== undefined && uri !== undefined)
    return refused(parsed, 'invalid_request', 'request and request_uri cannot both be sent');
  if (object !== undefined) return await readSigned(context, client, parsed, object);
  if (uri === undefined) return { parsed, origin: { isPushed: false, isSigned: false } };
  const fetched = await fetchObject(context, client, uri);
  return fetched === undefined
    ? refused(
        parsed,
        'invalid_request_uri',
        'request_uri is not registered for the application, or cannot be fetched',
      )
    : await readSigned(context, client, parsed, fetched);
}
