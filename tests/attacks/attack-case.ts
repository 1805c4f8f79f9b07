import type { ProblemCode } from '@latchkey/contract';
import type { AttackRequest } from './attack-request.ts';
import type { AttackWorld } from './attack-world.ts';
import type { Door, DoorName } from './doors.ts';

export type { AttackRequest };

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as an object; empty when it is not one. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The door that answered. */
  readonly door: Door;
}

/** The right answer to an attack. */
export type Expected =
  /** An endpoint for programs refuses (RFC 6749 §5.2). */
  | { readonly kind: 'oauth'; readonly status: number; readonly error?: string }
  /** The management API refuses (RFC 9457). */
  | { readonly kind: 'problem'; readonly status: number; readonly code: ProblemCode }
  /** A page of ours says so and the browser goes nowhere. */
  | { readonly kind: 'page'; readonly status: number; readonly code?: string }
  /** The application gets an error at a registered address, and neither code nor token. */
  | { readonly kind: 'back'; readonly error: string; readonly in: 'query' | 'fragment' }
  /** The browser goes on to a page of ours. */
  | { readonly kind: 'onward'; readonly path: string }
  /** Introspection answers `{"active":false}` and nothing more. */
  | { readonly kind: 'inactive' }
  | { readonly kind: 'status'; readonly status: number }
  /** The request is answered, but without what the attacker wanted. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly claim: (answer: Answer, world: AttackWorld) => void | Promise<void>;
    };

/** One attack: what is sent, what must come back, and where the rule or the story comes from. */
export interface AttackCase {
  /** Unique. */
  readonly id: string;
  readonly attack: string;
  /** The rule (RFC, decision, `security.md`) or the story (CVE, CWE). */
  readonly source: string;
  /** Prepares what the attack needs, with as many requests as it takes; only the request it returns is judged. */
  readonly send: (world: AttackWorld, door: Door) => AttackRequest | Promise<AttackRequest>;
  readonly expect: Expected;
  /** Matches what the server recorded as the reason: in its log, where introspection says nothing, or in its answer. */
  readonly reason?: RegExp;
  /** Tables in which rows are added, changed or removed; none when left out. */
  readonly state?: readonly string[];
  /** Where the attack is run; everywhere when left out. */
  readonly at?: readonly DoorName[];
}

/** An endpoint for programs refuses with this error. */
export function refused(status: number, error?: string): Expected {
  return { kind: 'oauth', status, ...(error === undefined ? {} : { error }) };
}

/** The management API refuses with this problem. */
export function problem(status: number, code: ProblemCode): Expected {
  return { kind: 'problem', status, code };
}

/** A page of ours, by its error code. */
export function page(status: number, code?: string): Expected {
  return { kind: 'page', status, ...(code === undefined ? {} : { code }) };
}

/** The application gets an error at a registered address. */
export function back(error: string, where: 'query' | 'fragment' = 'query'): Expected {
  return { kind: 'back', error, in: where };
}

/** The browser goes on to a page of ours. */
export function onward(path: string): Expected {
  return { kind: 'onward', path };
}

/** Introspection says that the token is not active. */
export const inactive: Expected = { kind: 'inactive' };

/** A bare status. */
export function status(code: number): Expected {
  return { kind: 'status', status: code };
}

/** The request is answered; `claim` shows that it does not give what the attacker wanted. */
export function answered(
  code: number,
  claim: Extract<Expected, { kind: 'answered' }>['claim'] = () => undefined,
): Expected {
  return { kind: 'answered', status: code, claim };
}

/** The parts of a row of a table of attacks: attack, source, request, right answer, and what is special about it. */
export type Row = readonly [
  attack: string,
  source: string,
  send: AttackCase['send'],
  expect: Expected,
  more?: Partial<Pick<AttackCase, 'reason' | 'state' | 'at'>> | undefined,
];

/** Cases of a family from a table of rows, numbered in their order. */
export function numbered(family: string, rows: readonly Row[]): readonly AttackCase[] {
  return rows.map(([attack, source, send, expect, more], index) => ({
    id: `${family}-${String(index + 1).padStart(2, '0')}`,
    ...{ attack, source, send, expect, ...more },
  }));
}
