import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeParamsProblem, parseParams, printable } from './params.ts';

/** Texts a form may carry: well-formed Unicode without NUL. */
const formText = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0'));

describe('parseParams', () => {
  test('RFC 6749 appendix B: the example of the form encoding decodes to the text it was made of', () => {
    const { params, problem } = parseParams('value=+%25%26%2B%C2%A3%E2%82%AC');
    expect(params.get('value')).toBe(' %&+£€');
    expect(problem).toBeUndefined();
  });

  test.each([
    ['state', 'state=a&state=b'],
    ['state', 'state=a&state=a'],
    ['state', 'state=&state=b'],
    ['state', 'state=a&state'],
    ['state', '%73tate=a&state=b'],
    ['state', 'state=a&state=%FF'],
    ['a b', 'a+b=1&a%20b=2'],
  ])(
    'RFC 6749 §3.1: a parameter given twice is a problem, however it is spelled (%s in %s)',
    (name, query) => {
      expect(parseParams(query).problem).toEqual({ kind: 'repeated', name });
    },
  );

  test('RFC 6749 §3.1: a parameter without a value counts as omitted', () => {
    const { params, problem } = parseParams('state=&nonce&client_id=1&&');
    expect([...params]).toEqual([['client_id', '1']]);
    expect(problem).toBeUndefined();
  });

  test('RFC 6749 §3.1: unknown parameters are kept aside and harm nothing', () => {
    expect(parseParams('__proto__=1&constructor=2&x=3').problem).toBeUndefined();
    expect(parseParams('__proto__=1').params.get('__proto__')).toBe('1');
    expect(parseParams('x=1').params.get('toString')).toBeUndefined();
  });

  test.each([
    'a=%',
    'a=%4',
    'a=%zz',
    'a=%FF',
    'a=%C0%AF',
    'a=%ED%A0%80',
    'a=%00',
    'a%00=1',
    'a=\0',
    'a=\ud800',
  ])('bad percent-encoding, NUL and lone surrogates are problems (%j)', (query) => {
    expect(parseParams(query).problem?.kind).toBe('malformed');
    expect(parseParams(query).params.size).toBe(0);
  });

  test('the first of several problems is told', () => {
    expect(parseParams('a=%FF&b=1&b=2').problem?.kind).toBe('malformed');
    expect(parseParams('b=1&b=2&a=%FF').problem).toEqual({ kind: 'repeated', name: 'b' });
  });

  test.each(['client_id', 'redirect_uri'])(
    'RFC 6749 §4.1.2.1: a repeated parameter that decides about redirecting is told before other problems (%s)',
    (name) => {
      expect(parseParams(`s=1&s=2&${name}=a&${name}=b`).problem).toEqual({ kind: 'repeated', name });
      expect(parseParams(`a=%FF&${name}=a&${name}=b`).problem).toEqual({ kind: 'repeated', name });
      expect(parseParams(`${name}=%FF&${name}=b`).problem).toEqual({ kind: 'repeated', name });
    },
  );

  test('the first value of a repeated parameter is the one kept', () => {
    expect(parseParams('a=1&a=2').params.get('a')).toBe('1');
  });

  test('more than a hundred pairs are not read at all', () => {
    const pairs = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=1`).join('&');
    expect(parseParams(pairs(100)).params.size).toBe(100);
    expect(parseParams(pairs(101))).toEqual({
      params: new Map(),
      problem: { kind: 'malformed', detail: 'too many parameters' },
    });
    expect(parseParams('&'.repeat(60_000)).problem?.kind).toBe('malformed');
  });

  test('reads what URLSearchParams writes', () => {
    const names = fc.uniqueArray(formText, { maxLength: 20 });
    fc.assert(
      fc.property(names, fc.array(formText, { minLength: 20, maxLength: 20 }), (keys, values) => {
        const pairs = keys.map((key, i): [string, string] => [key, values[i] ?? '']);
        const { params, problem } = parseParams(new URLSearchParams(pairs).toString());
        expect(problem).toBeUndefined();
        expect([...params]).toEqual(pairs.filter(([, value]) => value !== ''));
      }),
    );
  });

  test('no text makes it fail, and a good text is read as URLSearchParams reads it', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('a', 'b', '=', '&', '%', '+', '%2', '%26', '%00', '%FF', '\ud800', ';', '?'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const { params, problem } = parseParams(text);
        if (problem !== undefined) return;
        const expected = [...new URLSearchParams(`&${text}`)].filter(([, value]) => value !== '');
        expect([...params]).toEqual(expected);
      }),
    );
  });
});

describe('printable', () => {
  test('RFC 6749 §5.2: an error_description has printable ASCII only, without quote and backslash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(printable(text)).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]{0,200}$/);
      }),
    );
    expect(printable('a"b\\c\r\nd\u00e9')).toBe('a?b?c??d?');
    expect(printable('x'.repeat(500))).toHaveLength(200);
  });

  test('the name of a repeated parameter cannot break out of a header', () => {
    const { problem } = parseParams('a%22%0D%0Ab=1&a%22%0D%0Ab=2');
    expect(problem === undefined ? '' : describeParamsProblem(problem)).toBe(
      'parameter a???b must not be given more than once',
    );
  });
});
