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
    };

/** One measurement: a closed loop on keep-alive connections, one request under way on each. */
export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  readonly plan: RequestPlan;
  /** Every answer must be a 200; every 32nd must hold this text. */
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
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly host: string;
  readonly authorization?: string;
  readonly form?: string;
}): string {
  const { method, path, host, authorization, form } = options;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
    ...(form === undefined
      ? []
      : ['content-type: application/x-www-form-urlencoded', `content-length: ${Buffer.byteLength(form)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${form ?? ''}`;
}
