import { createHash } from 'node:crypto';

// Each name costs the server memory on every connection; texts past the bound (lists of varying length) go unnamed.
const MAX_NAMES = 1000;
const preparable = /^\s*(?:select|insert|update|delete|with|merge|values)\b/i;

/** Gives one statement text its name for PREPARE: a hash of the text, or undefined when it is not worth one. */
export type NameStatement = (text: string) => string | undefined;

/** Names the first 1,000 distinct texts it meets, so that a connection prepares each once. */
export function createStatementNames(): NameStatement {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= MAX_NAMES || !preparable.test(text)) return undefined;
    const name = `lk_${createHash('sha256').update(text).digest('base64url').slice(0, 27)}`;
    names.set(text, name);
    return name;
  };
}
