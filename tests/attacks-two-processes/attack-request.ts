/** What an attacker sends. A form is sent as it is written, so that it may be malformed. */
export interface AttackRequest {
  readonly path: string;
  readonly method?: string;
  readonly form?: string | Readonly<Record<string, string>>;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
