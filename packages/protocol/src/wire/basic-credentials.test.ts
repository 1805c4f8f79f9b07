import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBasicCredentials } from './basic-credentials.ts';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
/** RFC 6749 appendix B, as a standard client encodes one part. */
const formEncoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

function candidatesOf(encoded: string): readonly (readonly [string, string])[] {
  const parsed = parseBasicCredentials(encoded);
  return parsed.kind === 'malformed' ? [] : parsed.candidates.map((c) => [c.clientId, c.clientSecret]);
}

describe('parseBasicCredentials', () => {
  test('RFC 7617 §2: the example Aladdin is read', () => {
    expect(candidatesOf('QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).toEqual([['Aladdin', 'open sesame']]);
  });

  test('RFC 7617 §2.1: the example with a pound sign is read as UTF-8', () => {
    expect(candidatesOf('dGVzdDoxMjPCow==')).toEqual([['test', '123£']]);
  });

  test('RFC 6749 §2.3.1: the example client is read', () => {
    expect(candidatesOf('czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3')).toEqual([
      ['s6BhdRkqt3', '7Fjfp0ZBr1KtDRbnfVdmIw'],
    ]);
  });

  test('RFC 7617 §2: the first colon ends the id, the others belong to the secret', () => {
    expect(candidatesOf(base64('id:a:b:'))).toEqual([['id', 'a:b:']]);
    expect(candidatesOf(base64('id:'))).toEqual([['id', '']]);
  });

  test('RFC 6749 §2.3.1: the form-encoded reading comes first, the raw one second', () => {
    expect(candidatesOf(base64('a%3Ab:c+d'))).toEqual([
      ['a:b', 'c d'],
      ['a%3Ab', 'c+d'],
    ]);
  });

  test('ZITADEL dialect §1.4: a raw secret that is no form encoding is taken as it is', () => {
    expect(candidatesOf(base64('id:50%off'))).toEqual([['id', '50%off']]);
    expect(candidatesOf(base64('id:%ff'))).toEqual([['id', '%ff']]);
  });

  test('a percent-encoded NUL is never decoded', () => {
    expect(candidatesOf(base64('i%00d:s'))).toEqual([['i%00d', 's']]);
    expect(candidatesOf(base64('id:s%00'))).toEqual([['id', 's%00']]);
  });

  test.each([
    ['nothing', ''],
    ['one sextet', 'A'],
    ['padding that does not fit', 'YQ='],
    ['padding in the middle', 'YQ==YQ=='],
    ['base64url', 'YTpi_w=='],
    ['a space inside', 'YTpi YTpi'],
    ['no colon', base64('abc')],
    ['an empty id', base64(':secret')],
    ['NUL', base64('i\0d:s')],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0x3a, 0xff]).toString('base64')],
    ['more than 4096 characters', base64(`id:${'x'.repeat(4096)}`)],
  ])('RFC 7617 §2: credentials that cannot be read are malformed (%s)', (_, encoded) => {
    expect(parseBasicCredentials(encoded)).toEqual({ kind: 'malformed' });
  });

  test('RFC 6749 §2.3.1: whatever a client form-encodes is the first candidate', () => {
    const part = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(
        part.filter((id) => id !== ''),
        part,
        (id, secret) => {
          const [first] = candidatesOf(base64(`${formEncoded(id)}:${formEncoded(secret)}`));
          expect(first).toEqual([id, secret]);
        },
      ),
    );
  });

  test('no header makes it fail, and no candidate holds NUL', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.string({ unit: fc.constantFrom('A', 'z', '=', '+', '/', '4', 'Y', 'Q') }),
      fc.string({ unit: 'binary' }).map(base64),
    );
    fc.assert(
      fc.property(hostile, (encoded) => {
        for (const [id, secret] of candidatesOf(encoded)) expect(`${id}${secret}`).not.toContain('\0');
      }),
    );
  });
});
