import { epochMs } from '@latchkey/protocol';
import { expect, test } from 'vitest';
import { newId, newSecret, sha256Base64Url } from './random.ts';

test('ids are numbers of at most 19 digits, rising, never given twice, also when the clock stands or goes back', () => {
  const start = Date.UTC(2026, 0, 1);
  const ids = Array.from({ length: 20_000 }, (_, index) => newId(epochMs(start - (index % 3))));
  expect(ids.every((id) => /^[0-9]{15,19}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id, index) => index === 0 || BigInt(id) > BigInt(ids[index - 1] ?? '0'))).toBe(true);
});

test('a secret has 256 bits and its prefix', () => {
  const secret = newSecret('lk_sec_');
  expect(secret).toMatch(/^lk_sec_[A-Za-z0-9_-]{43}$/);
  expect(Buffer.from(secret.slice(7), 'base64url')).toHaveLength(32);
});

test('RFC 7636 appendix B: the challenge of the example verifier', () => {
  expect(sha256Base64Url('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});
