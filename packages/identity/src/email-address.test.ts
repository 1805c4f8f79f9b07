import { domainToASCII, domainToUnicode } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEmailAddress } from './email-address.ts';
import { canonicalEmailDomain } from './email-domain.ts';
import { canonicalLoginName } from './login-name.ts';

describe('parseEmailAddress', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    [' Ada@Example.COM ', 'ada@example.com'],
    ['ada+news@sub.example.com', 'ada+news@sub.example.com'],
    ["o'hara@example.com", "o'hara@example.com"],
    ['admin@localhost', 'admin@localhost'],
    ['ada@münchen.example', 'ada@münchen.example'],
    ['ada@XN--MNCHEN-3YA.example', 'ada@münchen.example'],
    ['ada@straße.example', 'ada@straße.example'],
    ['ada@xn--strae-oqa.example', 'ada@straße.example'],
    ['ada@example。com', 'ada@example.com'],
    ['ａda@example.com', 'ada@example.com'],
    ['用户@例子.广告', '用户@例子.广告'],
    ['用户@xn--fsqu00a.xn--4rr70v', '用户@例子.广告'],
  ])('spellings of one address have one canonical form (%j: %j)', (typed, canonical) => {
    expect(parseEmailAddress(typed)).toEqual({ address: typed.trim(), canonical });
    expect(canonicalLoginName(typed)).toBe(canonical);
  });

  test.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@example.com.',
    'ada@example.com。',
    'ada@.example.com',
    'ada@example..com',
    'ada@-example.com',
    'ada@example-.com',
    'ada@exa_mple.com',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@0x7f.1',
    'ada@example.com:25',
    'ada@example.com/',
    'ada@example%2ecom',
    'ada@xn--.example',
    'ada@xn--999999b.example',
    'ada@exam ple.com',
    'a da@example.com',
    'ada\u0000@example.com',
    'ada\ud800@example.com',
    'ada@example\ud800.com',
    'ada@exam\u200bple.com',
    'ada@exam\u00adple.com',
    'ada\u2028@example.com',
    '"ada"@example.com',
    '"a@b"@example.com',
    'a@b@example.com',
    'a＠b@example.com',
    'ada＠example.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    'ada(comment)@example.com',
    'ada <ada@example.com>',
    'ada@example.com,eve@example.com',
    `${'a'.repeat(65)}@example.com`,
    `${'ä'.repeat(33)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    `ada@${'a.'.repeat(130)}com`,
  ])('what is no plain address is refused (%j)', (typed) => {
    expect(parseEmailAddress(typed)).toBeUndefined();
  });

  test('a dot at the end of the domain makes no second login name', () => {
    expect(canonicalLoginName('Ada@example.com.')).toBe('ada@example.com');
    expect(canonicalLoginName('a..b@example.com.')).toBe('a..b@example.com');
    expect(canonicalLoginName('ada@example.com..')).toBe('ada@example.com..');
  });

  test('a canonical address is its own canonical form', () => {
    const letters = fc.constantFrom(...'aZ09.-+@äßςİ。．＠ﬁ一xn--', 'xn--mnchen-3ya', 'example.com');
    const texts = fc.oneof(
      fc.emailAddress(),
      fc.string({ unit: letters, maxLength: 20 }),
      fc.string({ unit: letters, maxLength: 20 }).map((text) => `a@${text}`),
    );
    fc.assert(
      fc.property(texts, (typed) => {
        const read = parseEmailAddress(typed);
        if (read === undefined) return;
        expect(parseEmailAddress(read.canonical)?.canonical).toBe(read.canonical);
        expect(canonicalLoginName(`${read.address}.`)).toBe(read.canonical);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('canonicalEmailDomain', () => {
  test('RFC 3492 §6.2: decodes what the URL standard encodes', () => {
    const label = fc.string({
      unit: fc.constantFrom(...'abcäöüßéñçλжяאبกあ漢字한ि😀9-'),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(label, (text) => {
        const read = canonicalEmailDomain(`${text}.example`);
        if (read === undefined) return;
        expect(read.unicode).toBe(domainToUnicode(read.ascii));
        expect(domainToASCII(read.unicode)).toBe(read.ascii);
      }),
      { numRuns: 3000 },
    );
  });
});
