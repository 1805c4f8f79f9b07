/** The three who talk to each other. */
export type Actor = 'You' | 'Browser' | 'Latchkey' | 'Quotes API';

/** One thing that travelled: its name, its value and, where it helps, what it is for. */
export interface FlowRow {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
}

/** Rows that belong together, such as the claims of one token. */
export interface FlowSection {
  readonly title: string;
  readonly rows: readonly FlowRow[];
}

/** One message between two actors. Secrets are masked before a step is made, so it may be stored. */
export interface FlowStep {
  /** A later step with the same key takes the place of this one, at the end. */
  readonly key: string;
  readonly at: number;
  readonly from: Actor;
  readonly to: Actor;
  readonly title: string;
  /** The message itself in one line, such as `POST https://…/token`. */
  readonly wire: string;
  readonly explanation: string;
  readonly outcome: 'ok' | 'problem';
  readonly sections: readonly FlowSection[];
}

export const MASK = '••••••••';

const secretNames = new Set([
  'access_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'id_token',
  'id_token_hint',
  'refresh_token',
  'authorization',
]);

/** Rows of a flat record, with the notes that explain them; secrets become a mask whatever they were. */
export function rowsOf(
  record: Readonly<Record<string, unknown>>,
  notes: Readonly<Record<string, string>>,
): FlowRow[] {
  return Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const note = notes[name] ?? noteByPrefix(name);
      return { name, value: readable(name, value), ...(note === undefined ? {} : { note }) };
    });
}

function readable(name: string, value: unknown): string {
  if (secretNames.has(name.toLowerCase())) return alreadyMasked.test(String(value)) ? String(value) : MASK;
  if (timeNames.has(name) && typeof value === 'number')
    return `${value} · ${timeFormat.format(value * 1000)}`;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return JSON.stringify(value);
}

// The SDK's way to show that a secret is there: "AbCd… (43 characters)".
const alreadyMasked = /^.{0,4}… \(\d+ characters\)$/;
const timeNames = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at']);
const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

function noteByPrefix(name: string): string | undefined {
  if (name.startsWith('urn:zitadel:iam:org:project:') && name.endsWith('roles')) {
    return 'The roles the person has in the project, and which organization granted them.';
  }
  return undefined;
}
