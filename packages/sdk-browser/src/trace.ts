/** One thing that travelled or happened, for teaching panels and debugging. `at` is in epoch milliseconds. */
export type TraceEvent = {
  readonly at: number;
  readonly kind: TraceKind;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** The kinds of trace events, in the order of a usual sign-in. */
export type TraceKind =
  | 'discovery'
  | 'authorize-request'
  | 'callback'
  | 'token-request'
  | 'token-response'
  | 'userinfo'
  | 'refresh'
  | 'silent'
  | 'tokens-shared'
  | 'sign-out'
  | 'worker'
  | 'clock'
  | 'error';

/** Tells the app about one event. */
export type Trace = (kind: TraceKind, detail: Readonly<Record<string, unknown>>) => void;

const SECRET_NAMES = new Set([
  'code',
  'code_verifier',
  'access_token',
  'refresh_token',
  'id_token',
  'id_token_hint',
  'token',
]);

/** Shows that a secret is there and how long it is, and nothing that could be used: `AbCd… (43 characters)`. */
export function maskSecret(value: string): string {
  const shown = value.length >= 24 ? value.slice(0, 4) : '';
  return `${shown}… (${value.length} characters)`;
}

/** The parameters as a plain object, verifier, code and tokens masked. */
export function maskParameters(parameters: URLSearchParams): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of parameters) shown[name] = SECRET_NAMES.has(name) ? maskSecret(value) : value;
  return shown;
}

/** The same URL with the secrets of its query masked. */
export function maskUrl(url: string): string {
  const masked = new URL(url);
  for (const [name, value] of [...masked.searchParams]) {
    if (SECRET_NAMES.has(name)) masked.searchParams.set(name, maskSecret(value));
  }
  return masked.href;
}

/** Creates the tracer; a listener that throws does not break a sign-in. */
export function createTrace(listener: ((event: TraceEvent) => void) | undefined, nowMs: () => number): Trace {
  if (listener === undefined) return () => {};
  return (kind, detail) => {
    try {
      listener({ at: nowMs(), kind, detail });
    } catch (error) {
      console.error('onTrace threw', error);
    }
  };
}
