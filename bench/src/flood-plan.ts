/** Sign-ins that all come at once, and paths that are asked beside them. */
export interface FloodOrder {
  readonly port: number;
  /** Whole HTTP requests; each has a connection of its own, and all are sent in the same moment. */
  readonly signIns: readonly string[];
  /** How long each connection goes on: at once after a sign-in, a second later after a refusal. */
  readonly durationMs: number;
  /** Asked one after the other on a connection each, with a short pause. */
  readonly beside: readonly { readonly name: string; readonly requests: readonly string[] }[];
}

/** How long answers took, in milliseconds. */
export interface Waits {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** What came of a flood. */
export interface FloodResult {
  /** Answers to sign-ins by status; `broken` counts connections that ended without one. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly refused: Waits;
  readonly admitted: Waits;
  readonly signInsPerSecond: number;
  readonly beside: readonly {
    readonly name: string;
    readonly waits: Waits;
    /** The same path with nothing else going on. */
    readonly alone: Waits;
    readonly failed: number;
  }[];
}

/** What the process that makes the flood is told and answers. */
export type FloodMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'order'; readonly order: FloodOrder }
  | { readonly kind: 'result'; readonly result: FloodResult }
  | { readonly kind: 'failed'; readonly message: string };
