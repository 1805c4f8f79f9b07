import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sampleApplication } from '../../fixtures/sample-client.ts';
import { checkCodeVerifier, isCodeChallenge, needsPkce } from './pkce.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'ascii').digest('base64url');
/** RFC 7636 appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('checkCodeVerifier', () => {
  test('RFC 7636 appendix B: the example verifier fits the example challenge', () => {
    expect(sha256(verifier)).toBe(challenge);
    expect(checkCodeVerifier(challenge, verifier, sha256)).toBeUndefined();
  });

  test('RFC 7636 §4.6: a verifier of another challenge is refused', () => {
    expect(checkCodeVerifier(challenge, `${verifier}x`, sha256)).toBe('mismatch');
    expect(checkCodeVerifier(challenge, verifier.toLowerCase(), sha256)).toBe('mismatch');
  });

  test('RFC 7636 §4.6: the challenge itself is no verifier (plain is not accepted)', () => {
    expect(checkCodeVerifier(challenge, challenge, sha256)).toBe('mismatch');
    expect(checkCodeVerifier(verifier, verifier, sha256)).toBe('mismatch');
  });

  test('RFC 7636 §4.5: a verifier must come when a challenge was sent', () => {
    expect(checkCodeVerifier(challenge, undefined, sha256)).toBe('missing');
  });

  test('RFC 9700 §2.1.1: a verifier without a challenge is refused (downgrade)', () => {
    expect(checkCodeVerifier(undefined, verifier, sha256)).toBe('unexpected');
    expect(checkCodeVerifier(undefined, undefined, sha256)).toBeUndefined();
  });

  test.each([
    'x'.repeat(42),
    'x'.repeat(129),
    `${verifier}\n`,
    ` ${verifier}`,
    `${verifier}=`,
    `${verifier}+`,
    `${verifier}é`,
    `${verifier}\0`,
  ])('RFC 7636 §4.1: a verifier is 43 to 128 unreserved characters (%j)', (text) => {
    expect(checkCodeVerifier(sha256(text), text, sha256)).toBe('malformed');
  });

  test.each(['x'.repeat(43), 'x'.repeat(128), `${'a'.repeat(40)}-._~`])(
    'RFC 7636 §4.1: every verifier of the grammar may be used (%s)',
    (text) => {
      expect(checkCodeVerifier(sha256(text), text, sha256)).toBeUndefined();
    },
  );
});

test.each([
  [challenge, true],
  [challenge.slice(1), false],
  [`${challenge}=`, false],
  [challenge.replace('-', '+'), false],
  [`${challenge}\n`, false],
  ['', false],
])('RFC 7636 §4.2: an S256 challenge is the base64url of 32 bytes (%j: %s)', (text, isOne) => {
  expect(isCodeChallenge(text)).toBe(isOne);
});

test.each([
  [{ authMethod: 'none' }, true],
  [{ securityProfile: 'fapi2' }, true],
  [{ securityProfile: 'fapi2_message_signing' }, true],
  [{ isPkceRequired: true }, true],
  [{}, false],
] as const)('RFC 9700 §2.1.1: an application with %j must use PKCE: %s', (change, isNeeded) => {
  const application = { ...sampleApplication, authMethod: 'client_secret_basic' as const, ...change };
  expect(needsPkce(application)).toBe(isNeeded);
});
