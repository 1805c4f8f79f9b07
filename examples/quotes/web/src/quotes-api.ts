import { AuthError } from '@latchkey/react';

/** A quotation as the API sends it. */
export interface Quotation {
  readonly quote: string;
  readonly author: string;
  readonly source: string;
}

/** What the API learnt from Latchkey about our token, and how it asked. */
export interface SeenByApi {
  readonly authentication: { readonly method: string; readonly header: string; readonly note: string };
  readonly answer: Readonly<Record<string, unknown>>;
}

/** Why a call gave nothing: `unreachable` when no answer came, else the status and the API's own sentence. */
export type ApiFailure =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly status: number; readonly description: string };

export type ApiOutcome<Body> =
  | { readonly kind: 'ok'; readonly status: number; readonly body: Body }
  | ApiFailure;

/** The two calls this page makes, with a `fetch` that carries the access token. They reject with its `AuthError` only. */
export interface QuotesApi {
  fetchQuotation(authFetch: typeof fetch): Promise<ApiOutcome<Quotation>>;
  fetchSeenByApi(authFetch: typeof fetch): Promise<ApiOutcome<SeenByApi>>;
}

const TIMEOUT_MS = 10_000;

/** A client of the quotes API at `apiUrl` (no slash at the end). */
export function createQuotesApi(apiUrl: string): QuotesApi {
  const call = async <Body>(
    path: string,
    authFetch: typeof fetch,
    isBody: (body: unknown) => body is Body,
  ): Promise<ApiOutcome<Body>> => {
    try {
      const response = await authFetch(`${apiUrl}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body: unknown = await response.json().catch(() => undefined);
      if (response.ok && isBody(body)) return { kind: 'ok', status: response.status, body };
      const description: unknown = isRecord(body) ? body.error_description : undefined;
      return {
        kind: 'refused',
        status: response.status,
        description:
          typeof description === 'string' ? description : 'The answer was not what this page expects.',
      };
    } catch (error) {
      if (error instanceof AuthError) throw error;
      return { kind: 'unreachable' };
    }
  };
  return {
    fetchQuotation: (authFetch) => call('/api/quote', authFetch, isQuotation),
    fetchSeenByApi: (authFetch) => call('/api/introspection', authFetch, isSeenByApi),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isQuotation(body: unknown): body is Quotation {
  return isRecord(body) && ['quote', 'author', 'source'].every((name) => typeof body[name] === 'string');
}

function isSeenByApi(body: unknown): body is SeenByApi {
  if (!isRecord(body) || !isRecord(body.answer) || !isRecord(body.authentication)) return false;
  const { method, header, note } = body.authentication;
  return [method, header, note].every((text) => typeof text === 'string');
}
