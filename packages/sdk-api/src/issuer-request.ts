import { type JsonObject, parseJsonObject } from './json.ts';

/** The part of `fetch` the verifier uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What every call to the issuer needs. */
export interface IssuerContext {
  /** The configured issuer without a trailing slash. */
  readonly issuer: string;
  readonly fetch: Fetch;
  /** Current time in milliseconds since the epoch. */
  readonly now: () => number;
  readonly timeoutMs: number;
}

export type IssuerAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: JsonObject | undefined;
      readonly retryAfterSeconds: number | undefined;
    }
  | { readonly kind: 'no-answer'; readonly detail: string };

const MAX_BODY_BYTES = 1_048_576;

/**
 * One HTTP exchange with the issuer, headers and body within `timeoutMs`. Redirects are not followed: a request
 * that carries credentials goes to the place the metadata names or nowhere.
 */
export async function requestIssuer(
  context: Pick<IssuerContext, 'fetch' | 'timeoutMs'>,
  url: string,
  init: RequestInit = {},
): Promise<IssuerAnswer> {
  const signal = AbortSignal.timeout(context.timeoutMs);
  try {
    const response = await context.fetch(url, { ...init, redirect: 'manual', signal });
    const text = await readBounded(response);
    if (text === undefined)
      return { kind: 'no-answer', detail: `${url} sent more than ${MAX_BODY_BYTES} bytes` };
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      kind: 'answer',
      status: response.status,
      body: parseJsonObject(text),
      retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter >= 0 ? Math.ceil(retryAfter) : undefined,
    };
  } catch (error) {
    const why = signal.aborted ? `no answer within ${context.timeoutMs} ms` : describeFailure(error);
    return { kind: 'no-answer', detail: `${url}: ${why}` };
  }
}

async function readBounded(response: Response): Promise<string | undefined> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    size += value.byteLength;
    if (size > MAX_BODY_BYTES) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
}

// fetch hides the interesting part (ECONNREFUSED, a certificate error) in the cause.
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
