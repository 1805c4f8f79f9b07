import fc from 'fast-check';
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
    '[9007199254740991,-9007199254740991,1e15,0.1,1e-400]',
    `${'['.repeat(32)}${']'.repeat(32)}`,
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
    ['{"a":1,}', 'at character 7'],
    ['\ufeff{}', 'byte order mark'],
    ['{"__proto__":{}}', 'not allowed'],
    ['{"constructor":{}}', 'not allowed'],
    ['{"a":[1,{"prototype":{}}]}', '/a/1/prototype is a name'],
    ['{"a":[1,{"b/~":"\\u0000"}]}', '/a/1/b~1~0 must not hold'],
    ['{"\\udc00":1}', 'surrogate'],
    ['["\udc00"]', 'surrogate'],
    ['["a\0"]', 'not JSON'],
    ['[9007199254740992]', '/0 is a number out of range'],
    ['[-9007199254740993]', 'out of range'],
    ['[1e20]', 'out of range'],
    ['{"a":"\\u0000"}', 'NUL'],
    ['{"a\\u0000":1}', 'NUL'],
    ['{"a":"\\udc00"}', 'surrogate'],
    ['[1e400]', 'out of range'],
    ['[-1e400]', 'out of range'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'nested more than 32 deep'],
    [`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'nested'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'nested'],
  ])('RFC 7493 §2: %j is refused', (text, detail) => {
    const read = parseStrictJson(text);
    expect(read.kind === 'malformed' ? read.detail : read).toContain(detail);
  });

  test('RFC 7493 §2: what is read is what JSON.parse reads, and nothing makes it fail', () => {
    const names = fc.constantFrom('a', 'b', '__proto__', 'constructor', '\ud800', '\0', '{', '"', '\\');
    const values = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }).map((value) => JSON.stringify(value));
    const members = fc
      .array(fc.tuple(names, values), { maxLength: 3 })
      .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`);
    fc.assert(
      fc.property(fc.oneof(values, members, fc.string({ unit: 'binary' })), (text) => {
        const read = parseStrictJson(text);
        if (read.kind === 'malformed') return;
        expect(read.value).toEqual(JSON.parse(text));
        expect(JSON.stringify(read.value)).not.toMatch(/\\u0000|\\ud[89a-f]|"__proto__"|"constructor"/i);
      }),
      { numRuns: 2000 },
    );
  });
});
