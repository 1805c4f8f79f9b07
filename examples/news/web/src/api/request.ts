import { AuthError } from '@latchkey/react';
import type { FieldProblem, Problem } from '@latchkey-examples/news-api/contract';

/** A request the API did not answer, or refused. Errors of the sign-in (`AuthError`) are passed on as they are. */
export class ApiFailure extends Error {
  override name = 'ApiFailure';
  /** 0 when there was no answer. */
  readonly status: number;
  readonly code: Problem['code'] | undefined;
  readonly fields: readonly FieldProblem[];

  constructor(status: number, message: string, problem?: Partial<Problem>) {
    super(message);
    this.status = status;
    this.code = problem?.code;
    this.fields = problem?.errors ?? [];
  }
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** The version that is changed or deleted. */
  readonly version?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request. Throws `ApiFailure`, `AuthError`, or the `AbortError` of the given signal. */
export async function request<Body>(
  send: typeof fetch,
  url: string,
  { method = 'GET', body, version, signal }: RequestOptions = {},
): Promise<Body> {
  const headers = new Headers();
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (version !== undefined) headers.set('If-Match', `"${version}"`);
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal !== undefined) init.signal = signal;
  const response = await answerOf(send, url, init);
  if (!response.ok) throw await readFailure(response);
  // cast: the API answers what its contract says
  return (response.status === 204 ? undefined : await response.json()) as Body;
}

async function answerOf(send: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await send(url, init);
  } catch (error) {
    if (error instanceof AuthError || init.signal?.aborted === true) throw error;
    throw new ApiFailure(0, `No answer from ${new URL(url).origin}.`);
  }
}

async function readFailure(response: Response): Promise<ApiFailure> {
  try {
    // cast: every refusal of the API is a problem; the fields are read with defaults
    const problem = (await response.json()) as Partial<Problem>;
    return new ApiFailure(response.status, problem.detail ?? response.statusText, problem);
  } catch {
    return new ApiFailure(response.status, `The API answered ${response.status}.`);
  }
}
