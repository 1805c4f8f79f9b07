/** What a connection sends, over and over. */
export type RequestPlan =
  | {
      /** Whole HTTP requests, sent in turn; each connection begins somewhere else in the list. */
      readonly kind: 'rotation';
      readonly requests: readonly string[];
    }
  | {
      /** Every connection sends what its last answer gave it: a chain of refresh tokens. */
      readonly kind: 'chain';
      readonly head: string;
      /** The form up to the token, which comes last. */
      readonly bodyPrefix: string;
      /** The first token of each connection; there are as many connections as tokens. */
      readonly firstTokens: readonly string[];
      readonly answerField: string;
    }
  | {
      /** Whole HTTP requests, each sent once by whichever connection is free: the measurement is over when all are spent. */
      readonly kind: 'once';
      readonly requests: readonly string[];
    }
  | {
      /** Every connection goes through the steps over and over; once through them counts as one request. */
      readonly kind: 'walk';
      readonly steps: readonly WalkStep[];
      /** The Cookie header of each connection. */
      readonly cookies: readonly string[];
    };

/** One request of a walk. `{cookie}` and `{last}` stand for the connection's cookies and what the step before handed on. */
export interface WalkStep {
  /** Request line and headers, all but content-length, each with its end of line. */
  readonly head: string;
  /** The body of a POST. */
  readonly form?: string;
  readonly expectedStatus: number;
  /** The text in the answer after which stands what the next step needs, up to `&`, a quote or the end of the line. */
  readonly handsOnAfter?: string;
}

/** One measurement: a closed loop on keep-alive connections, one request under way on each. */
export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  readonly plan: RequestPlan;
  /** The status every answer must have, steps of a walk aside; 200 unless told. */
  readonly expectedStatus?: number;
  /** Every 32nd answer must hold this text. */
  readonly expectedText: string;
}

/** What a measurement found. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of its time the load generator worked rather than waited; near 1 it would have been the limit itself. */
  readonly generatorBusy: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** For chains: the tokens to go on with. */
  readonly lastTokens: readonly string[];
}

/** What the load generator's process is told and answers. */
export type LoadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'order'; readonly order: LoadOrder }
  | { readonly kind: 'result'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly message: string };

/** A whole HTTP/1.1 request as text. */
export function httpRequest(options: {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly host: string;
  readonly authorization?: string;
  /** A DPoP proof. */
  readonly dpop?: string;
  /** The Cookie header. */
  readonly cookie?: string;
  readonly form?: string;
  readonly json?: string;
}): string {
  const { method, path, host, authorization, dpop, cookie, form, json } = options;
  const body = form ?? json;
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
    ...(dpop === undefined ? [] : [`dpop: ${dpop}`]),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    ...(body === undefined ? [] : [`content-type: ${type}`, `content-length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
