/** What an attacker sends. A text is sent as it is written, so that it may be malformed. */
export interface AttackRequest {
  readonly path: string;
  /** GET, or POST when there is something to send. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: string | Readonly<Record<string, string>>;
  /** Sent as application/json. */
  readonly json?: unknown;
  readonly body?: string;
}
