/** A request of the fuzz test, and what is known about it before it is answered. */
export interface Sent {
  /** What is fuzzed, for the count of what was reached. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Something in it is never right, whatever it is sent to. */
  readonly isUnsound?: boolean;
  /** Tables that a refusal may change: counters of failed attempts. */
  readonly mayChange?: readonly string[];
}
