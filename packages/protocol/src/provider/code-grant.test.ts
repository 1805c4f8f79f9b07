import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import {
  type CodeFacts,
  type CodeRedemption,
  type CodeRefusal,
  checkRedemption,
  describeCodeRefusal,
} from './code-grant.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

const code: CodeFacts = {
  codeId: 'c',
  expiresAtMs: epochMs(60_000),
  clientId: 'app',
  redirectUri: 'https://app.example/cb',
  scopes: ['openid'],
  codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  sessionId: 's',
  userId: 'u',
  grantId: 'g',
};
const redemption: CodeRedemption = {
  clientId: 'app',
  redirectUri: 'https://app.example/cb',
  codeVerifier,
  now: epochMs(59_999),
  sha256,
};
const refusalOf = (changes: Partial<CodeRedemption>) => checkRedemption(code, { ...redemption, ...changes });

describe('checkRedemption', () => {
  test('RFC 6749 §4.1.3: a code with all its bindings may be redeemed', () => {
    expect(checkRedemption(code, redemption)).toBeUndefined();
  });

  test.each(['other', 'APP', 'app ', ''])(
    'RFC 6749 §4.1.3: a code is good for the client it was issued to only (%j)',
    (clientId) => {
      expect(refusalOf({ clientId })).toEqual({ kind: 'foreign-code' });
    },
  );

  test('RFC 6749 §4.1.2: a code is dead from its expiry on, to the millisecond', () => {
    expect(refusalOf({ now: epochMs(60_000) })).toEqual({ kind: 'code-expired' });
    expect(refusalOf({ now: epochMs(59_999) })).toBeUndefined();
  });

  test.each([undefined, '', 'https://app.example/cb/', 'https://app.example/CB', 'https://evil.example/cb'])(
    'RFC 6749 §4.1.3: redirect_uri must be that of the authorization request (%j)',
    (redirectUri) => {
      expect(refusalOf({ redirectUri })).toEqual({ kind: 'redirect-uri-mismatch' });
    },
  );

  test.each([
    [undefined, 'missing'],
    ['short', 'malformed'],
    ['x'.repeat(43), 'mismatch'],
  ] as const)(
    'RFC 7636 §4.6: the verifier must match before tokens are issued (%s: %s)',
    (given, problem) => {
      expect(refusalOf({ codeVerifier: given })).toEqual({ kind: 'verifier', problem });
    },
  );

  test('RFC 9700 §2.1.1: a code whose request had no challenge refuses a verifier', () => {
    const { codeChallenge: _, ...plain } = code;
    expect(checkRedemption(plain, redemption)).toEqual({ kind: 'verifier', problem: 'unexpected' });
    expect(checkRedemption(plain, { ...redemption, codeVerifier: undefined })).toBeUndefined();
  });

  test('a stranger learns nothing of a code but that it is not theirs', () => {
    const all = { clientId: 'other', redirectUri: 'x', codeVerifier: 'x', now: epochMs(1e12) };
    expect(refusalOf(all)).toEqual({ kind: 'foreign-code' });
  });
});

test('RFC 6749 §5.2: each refusal has a sentence of its own, in printable ASCII', () => {
  const refusals: readonly CodeRefusal[] = [
    { kind: 'foreign-code' },
    { kind: 'code-expired' },
    { kind: 'redirect-uri-mismatch' },
    { kind: 'verifier', problem: 'missing' },
    { kind: 'verifier', problem: 'malformed' },
    { kind: 'verifier', problem: 'mismatch' },
    { kind: 'verifier', problem: 'unexpected' },
  ];
  const sentences = refusals.map(describeCodeRefusal);
  expect(new Set(sentences).size).toBe(refusals.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]{10,200}$/);
});
