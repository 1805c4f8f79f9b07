import * as oauth from 'oauth4webapi';
import { BffError } from './bff-error.ts';
import type { BffDeps } from './deps.ts';
import { describeCause } from './issuer.ts';
import type { Session } from './session.ts';
import { proofKeyOf } from './tokens.ts';

/** The API did not answer. */
export class ApiUnavailable extends BffError {}

/** A request to an API; `body` may be a stream, which is sent once. */
export interface ApiRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: BodyInit | ReadableStream<Uint8Array> | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request to an API with the session's access token, by DPoP where it is bound (RFC 9449 §7.1), without a session without
 * a token. Answers the API's wish for a nonce once, and makes up for its clock. Redirects are not followed. Throws `ApiUnavailable`, with the code
 * `api_unavailable`, `api_timeout`, or `retry` when a streamed body would have to be sent a second time.
 */
export async function sendToApi(
  deps: BffDeps,
  request: ApiRequest,
  session: Session | undefined,
): Promise<Response> {
  const { proofKeys } = deps;
  const { url, method, headers, body } = request;
  const fetchApi = (address: string, init: RequestInit) => fetchInTime(deps, address, init, request.signal);
  if (session === undefined)
    return fetchApi(url.href, { method, headers, ...bodyInit(body), redirect: 'manual' });
  const proofKey = session.tokenType === 'DPoP' ? await proofKeyOf(proofKeys, session) : undefined;
  const options = {
    [oauth.customFetch]: (
      address: string,
      init: oauth.CustomFetchOptions<string, oauth.ProtectedResourceRequestBody>,
    ) =>
      fetchApi(address, {
        method: init.method,
        headers: init.headers,
        redirect: 'manual',
        ...bodyInit(body),
      }),
    [oauth.allowInsecureRequests]: true,
    ...(proofKey === undefined ? {} : { DPoP: proofKey.handle }),
  };
  const send = () => oauth.protectedResourceRequest(session.accessToken, method, url, headers, null, options);
  const isStream = body instanceof ReadableStream;
  const assumedSkew = deps.clocks.skewSeconds(url.origin);
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    const { response } = error;
    const isAboutProof = wants(error, 'invalid_dpop_proof');
    if (isAboutProof) deps.clocks.note(url.origin, response);
    // Of parallel requests with a wrong time one learns the difference; the others find it known and are sent again, too.
    const isLate = isAboutProof && deps.clocks.skewSeconds(url.origin) !== assumedSkew;
    // The challenges of an API are for the front end, RFC 9470 §3 for one, unless they are about the proof.
    if (!isLate && !oauth.isDPoPNonceError(error)) return response;
    await response.body?.cancel();
    if (isStream)
      throw new ApiUnavailable('retry', 'The API wants a fresh proof of possession. Send the request again.');
    return send().catch(responseOf);
  }
}

function wants({ cause }: oauth.WWWAuthenticateChallengeError, code: string): boolean {
  return cause.some(({ parameters }) => parameters.error === code);
}

function responseOf(error: unknown): Response {
  if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
  throw error;
}

function bodyInit(body: ApiRequest['body']): RequestInit {
  if (body === null) return {};
  return body instanceof ReadableStream ? { body, ...{ duplex: 'half' } } : { body };
}

/** Fetches; the time is for the head of the answer, its body may take longer. */
async function fetchInTime(
  { settings, fetch, log }: BffDeps,
  url: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), settings.timeoutMs);
  const signals = signal === undefined ? [timeout.signal] : [timeout.signal, signal];
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any(signals) });
  } catch (error) {
    const { origin } = new URL(url);
    if (signal?.aborted !== true) log(`The API does not answer at ${url}: ${describeCause(error)}`);
    if (timeout.signal.aborted)
      throw new ApiUnavailable(
        'api_timeout',
        `The API did not answer within ${settings.timeoutMs} ms. Try again.`,
      );
    throw new ApiUnavailable(
      'api_unavailable',
      `The API at ${origin} does not answer. Try again in a moment.`,
    );
  } finally {
    clearTimeout(timer);
  }
}
