/** What the checking process is told. */
export interface LocalCheckOrder {
  readonly issuer: string;
  readonly audience: string;
  /** Distinct JWT access tokens. */
  readonly tokens: readonly string[];
}

/** Microseconds of one check of a token. */
export interface LocalCheckResult {
  readonly uncachedP50Micros: number;
  readonly uncachedP99Micros: number;
  /** CPU time of all threads of the process. */
  readonly uncachedCpuP99Micros: number;
  readonly cachedP50Micros: number;
  readonly cachedP99Micros: number;
}
