import { describe, expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

describe('parseStrictJson', () => {
  test.each([
    '{}',
    'null',
    '"text"',
    '[1,-2.5e3,true,false,null]',
    '{"a":{"b":[{"c":"}{\\"["}]},"b":"\\u00e4\\ud83d\\ude00"}',
    '[{"a":1},{"a":2}]',
    ' {"a" : "," , "b" : ":" } ',
  ])('RFC 8259 §2: %s is read as JSON.parse reads it', (text) => {
    expect(parseStrictJson(text)).toEqual({ kind: 'value', value: JSON.parse(text) });
  });

  test.each([
    ['', 'not JSON'],
    ["{'a':1}", 'not JSON'],
    ['{"a":1,}', 'not JSON'],
    ['{"a":1,"a":2}', 'twice'],
    ['{"a":1,"\\u0061":2}', 'twice'],
    ['{"x":[{"b":1,"c":{"d":1,"d":2}}]}', 'twice'],
    ['{"__proto__":{}}', 'not allowed'],
    ['{"a":"\\u0000"}', 'NUL'],
    ['{"a\\u0000":1}', 'NUL'],
    ['{"a":"\\udc00"}', 'surrogate'],
    ['[1e400]', 'out of range'],
    ['[-1e400]', 'out of range'],
    [`${'['.repeat(17)}${']'.repeat(17)}`, 'nested'],
  ])('RFC 7493 §2: %j is refused', (text, detail) => {
    const read = parseStrictJson(text);
    expect(read.kind === 'malformed' ? read.detail : read).toContain(detail);
  });
});
