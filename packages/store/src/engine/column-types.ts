import pg from 'pg';
import { UnsafeInteger } from './engine.ts';

const INT8 = 20;
const INT8_ARRAY = 1016;

/** Parses an `int8` in its text form; throws {@link UnsafeInteger} beyond ±(2^53 − 1). */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new UnsafeInteger(`int8 value ${text} is beyond 2^53 - 1`);
  return value;
}

function parseInt8Array(text: string): (number | null)[] {
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((item) => (item === 'NULL' ? null : parseInt8(item)));
}

/** The text parsers of both engines: PostgreSQL's own through pg, `int8` as a checked number. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return parseInt8;
    if (oid === INT8_ARRAY) return parseInt8Array;
    return pg.types.getTypeParser(oid, format);
  },
};
