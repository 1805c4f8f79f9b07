import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import {
  checkCodeBinding,
  checkDpopClaims,
  checkPushedBinding,
  checkRefreshBinding,
  checkTokenPossession,
  type DpopProof,
  dpopAlgorithms,
  dpopAlgorithmsOf,
  fapiAlgorithms,
  parseDpopProof,
  refreshBinding,
} from './dpop.ts';

const now = epochMs(1_700_000_000_000);
const point = 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs';
const jwk = { kty: 'EC', crv: 'P-256', x: point, y: point };
const goodHeader = { typ: 'dpop+jwt', alg: 'ES256', jwk };
const goodClaims = {
  jti: 'id-1',
  htm: 'POST',
  htu: 'https://id.example/oauth/v2/token',
  iat: 1_700_000_000,
};

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function write(header: object, claims: object = goodClaims): string {
  return `${encode(header)}.${encode(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

function parsed(claims: object = goodClaims): DpopProof {
  const proof = parseDpopProof(write(goodHeader, claims), dpopAlgorithms);
  if (proof.kind !== 'dpop-proof') throw new Error(proof.detail);
  return proof;
}

const expected = { method: 'POST', url: 'https://id.example/oauth/v2/token', now };

function claimsRefusal(change: object, more: object = {}): string | undefined {
  return checkDpopClaims(parsed({ ...goodClaims, ...change }), { ...expected, ...more })?.detail;
}

describe('the shape of a proof', () => {
  test('RFC 9449 §4.2: a proof has type, algorithm, public key and id', () => {
    expect(parsed()).toMatchObject({ kind: 'dpop-proof', jti: 'id-1', jwk, nonce: undefined });
    expect(parsed({ ...goodClaims, nonce: 'n', foo: 'bar' })).toMatchObject({ nonce: 'n' });
  });

  test('RFC 7515 §4.1.9: the type may be written with its prefix and in capitals', () => {
    const header = write({ ...goodHeader, typ: 'application/DPoP+JWT' });
    expect(parseDpopProof(header, dpopAlgorithms).kind).toBe('dpop-proof');
  });

  test('members of the key that its thumbprint does not use are left out', () => {
    const header = write({ ...goodHeader, jwk: { ...jwk, kid: 'k', use: 'sig', n: 'n' } });
    expect(parseDpopProof(header, dpopAlgorithms)).toMatchObject({ jwk });
    expect(Object.keys(Object(Reflect.get(parseDpopProof(header, dpopAlgorithms), 'jwk')))).toEqual([
      'crv',
      'kty',
      'x',
      'y',
    ]);
  });

  const proof = write(goodHeader);
  const withHeader = (change: object) => write({ ...goodHeader, ...change });
  const withClaims = (change: object) => write(goodHeader, { ...goodClaims, ...change });
  test.each([
    ['two headers joined', `${proof}, ${proof}`, 'several'],
    ['no JWT', 'proof', 'signed JWT'],
    ['an empty header', '', 'signed JWT'],
    ['too long', write({ ...goodHeader, kid: 'k'.repeat(9000) }), '8192'],
    ['without typ', withHeader({ typ: undefined }), 'typ'],
    ['another typ', withHeader({ typ: 'JWT' }), 'typ'],
    ['alg none', withHeader({ alg: 'none' }), 'alg'],
    ['a symmetric alg', withHeader({ alg: 'HS256' }), 'alg'],
    ['without alg', withHeader({ alg: undefined }), 'signed JWT'],
    ['without jwk', withHeader({ jwk: undefined }), 'public key'],
    ['jwk no object', withHeader({ jwk: [jwk] }), 'public key'],
    ['private jwk', withHeader({ jwk: { ...jwk, d: point } }), 'private'],
    ['private RSA members', withHeader({ jwk: { kty: 'RSA', n: 'n', e: 'AQAB', dp: 'x' } }), 'private'],
    ['a symmetric key', withHeader({ jwk: { kty: 'oct', k: 'x' } }), 'private'],
    ['an unknown kty', withHeader({ jwk: { kty: 'AKP', pub: 'x' } }), 'kty'],
    ['a key without x', withHeader({ jwk: { ...jwk, x: undefined } }), 'x of'],
    ['a key with x no text', withHeader({ jwk: { ...jwk, x: 1 } }), 'x of'],
    ['a huge modulus', withHeader({ jwk: { kty: 'RSA', n: 'n'.repeat(685), e: 'AQAB' } }), 'n of'],
    ['a huge exponent', withHeader({ jwk: { kty: 'RSA', n: 'n', e: 'AQABAQAB' } }), 'e of'],
    ['without jti', withClaims({ jti: undefined }), 'jti'],
    ['an empty jti', withClaims({ jti: '' }), 'jti'],
    ['a long jti', withClaims({ jti: 'j'.repeat(257) }), 'jti'],
    ['a nonce no text', withClaims({ nonce: 1 }), 'nonce'],
  ])('RFC 9449 §4.3: a proof of the wrong shape is refused (%s)', (_, header, word) => {
    const outcome = parseDpopProof(header, dpopAlgorithms);
    expect(outcome).toMatchObject({ kind: 'dpop-refusal', detail: expect.stringContaining(word) });
  });

  test('FAPI 2.0 Security Profile §5.4.1: RS256 is for other applications', () => {
    expect(dpopAlgorithmsOf(undefined)).toContain('RS256');
    expect(dpopAlgorithmsOf({ securityProfile: 'standard' })).toContain('RS256');
    expect(dpopAlgorithmsOf({ securityProfile: 'fapi2' })).toEqual(fapiAlgorithms);
    expect(fapiAlgorithms).not.toContain('RS256');
    const header = write({ ...goodHeader, alg: 'RS256' });
    expect(parseDpopProof(header, fapiAlgorithms).kind).toBe('dpop-refusal');
  });
});

describe('the claims of a proof', () => {
  test('RFC 9449 §4.3: a proof for this request and time fits, whatever else it says', () => {
    expect(claimsRefusal({ foo: 'bar', exp: 1, sub: 'x' })).toBeUndefined();
  });

  test.each([
    ['HTTPS://ID.example/oauth/v2/token'],
    ['https://id.example:443/oauth/v2/token'],
    ['https://id.example/oauth/v2/token?a=b'],
    ['https://id.example/oauth/v2/token#fragment'],
  ])('RFC 9449 §4.3: htu compares without query and fragment, by scheme, host and port (%s)', (htu) => {
    expect(claimsRefusal({ htu })).toBeUndefined();
  });

  test.each([
    ['htm', { htm: 'GET' }],
    ['htm', { htm: 'post' }],
    ['htm', { htm: undefined }],
    ['htu', { htu: undefined }],
    ['htu', { htu: 'https://id.example/oauth/v2/token/' }],
    ['htu', { htu: 'https://id.example/OAuth/v2/token' }],
    ['htu', { htu: 'http://id.example/oauth/v2/token' }],
    ['htu', { htu: 'https://id.example:8443/oauth/v2/token' }],
    ['htu', { htu: 'https://evil@id.example/oauth/v2/token' }],
    ['htu', { htu: 'https://id.example.evil/oauth/v2/token' }],
    ['htu', { htu: '/oauth/v2/token' }],
    ['htu', { htu: 'data:text' }],
    ['htu', { htu: ['https://id.example/oauth/v2/token'] }],
    ['iat', { iat: undefined }],
    ['iat', { iat: '1700000000' }],
    ['iat', { iat: 1_700_000_000 - 61 }],
    ['iat', { iat: 1_700_000_000 + 61 }],
    ['iat', { iat: 1_700_000_000 - 3600 }],
    ['iat', { iat: 1_700_000_000 + 3600 }],
  ])('RFC 9449 §4.3: a proof for another request or time is refused (%s, %j)', (name, change) => {
    expect(claimsRefusal(change)).toMatch(new RegExp(`^${name} of`));
  });

  test.each([[-60], [-10], [10], [60]])('a clock that is %i seconds off is borne', (seconds) => {
    expect(claimsRefusal({ iat: 1_700_000_000 + seconds })).toBeUndefined();
  });

  test('RFC 9449 §4.3: with an access token, ath must be its hash', () => {
    expect(claimsRefusal({ ath: 'hash' }, { accessTokenHash: 'hash' })).toBeUndefined();
    expect(claimsRefusal({ ath: 'other' }, { accessTokenHash: 'hash' })).toMatch(/^ath of/);
    expect(claimsRefusal({}, { accessTokenHash: 'hash' })).toMatch(/^ath of/);
  });
});

describe('bindings', () => {
  const dpop = (jkt: string) => ({ kind: 'dpop', jkt }) as const;
  const certificate = (thumbprint: string) => ({ kind: 'certificate', thumbprint }) as const;

  test('RFC 9449 §10: a code bound to a key is redeemed with a proof by that key', () => {
    expect(checkCodeBinding(undefined, undefined)).toBeUndefined();
    expect(checkCodeBinding(undefined, dpop('a'))).toBeUndefined();
    expect(checkCodeBinding('a', dpop('a'))).toBeUndefined();
    for (const other of [undefined, dpop('b'), certificate('a')])
      expect(checkCodeBinding('a', other)?.kind).toBe('binding-refusal');
  });

  test('RFC 9449 §10.1: the proof of a pushed request must be by the key of dpop_jkt', () => {
    expect(checkPushedBinding('a', 'a')).toBeUndefined();
    expect(checkPushedBinding('a', undefined)).toBeUndefined();
    expect(checkPushedBinding(undefined, 'a')).toBeUndefined();
    expect(checkPushedBinding('a', 'b')?.kind).toBe('binding-refusal');
  });

  test('RFC 9449 §5: the refresh tokens of a public client are bound to its key', () => {
    const bound = refreshBinding(dpop('a'));
    expect(checkRefreshBinding(bound, dpop('a'), 'public')).toBeUndefined();
    for (const other of [undefined, dpop('b'), certificate('a')])
      expect(checkRefreshBinding(bound, other, 'public')?.kind).toBe('binding-refusal');
  });

  test('RFC 8705 §4: the refresh tokens of a public client are bound to its certificate', () => {
    const bound = refreshBinding(certificate('a'));
    expect(checkRefreshBinding(bound, certificate('a'), 'public')).toBeUndefined();
    for (const other of [undefined, certificate('b'), dpop('a')])
      expect(checkRefreshBinding(bound, other, 'public')?.kind).toBe('binding-refusal');
  });

  test('RFC 9449 §5: a confidential client may change its key, but must go on proving one', () => {
    expect(checkRefreshBinding('a', dpop('b'), 'confidential')).toBeUndefined();
    expect(checkRefreshBinding('a', undefined, 'confidential')?.kind).toBe('binding-refusal');
    const bound = refreshBinding(certificate('a'));
    expect(checkRefreshBinding(bound, certificate('b'), 'confidential')).toBeUndefined();
    expect(checkRefreshBinding(bound, undefined, 'confidential')?.kind).toBe('binding-refusal');
  });

  test('a family that was begun without a key is bound to none', () => {
    expect(refreshBinding(undefined)).toBeNull();
    for (const bound of [null, undefined])
      for (const kind of ['public', 'confidential'] as const)
        expect(checkRefreshBinding(bound, dpop('a'), kind)).toBeUndefined();
  });

  test('RFC 9449 §7.1: a bound token needs the DPoP scheme and its key, an unbound one the Bearer scheme', () => {
    const possession = checkTokenPossession;
    expect(possession(undefined, { scheme: 'bearer' })).toBeUndefined();
    expect(possession(dpop('a'), { scheme: 'dpop', proofJkt: 'a' })).toBeUndefined();
    expect(possession(undefined, { scheme: 'dpop', proofJkt: 'a' })?.detail).toContain('Bearer');
    expect(possession(dpop('a'), { scheme: 'bearer' })?.detail).toContain('DPoP');
    expect(possession(dpop('a'), { scheme: 'bearer', proofJkt: 'a' })?.kind).toBe('binding-refusal');
    expect(possession(dpop('a'), { scheme: 'dpop' })?.kind).toBe('binding-refusal');
    expect(possession(dpop('a'), { scheme: 'dpop', proofJkt: 'b' })?.kind).toBe('binding-refusal');
  });

  test('RFC 8705 §3: a certificate-bound token needs a connection with the same certificate', () => {
    const bound = certificate('a');
    expect(checkTokenPossession(bound, { scheme: 'bearer', certificateThumbprint: 'a' })).toBeUndefined();
    expect(checkTokenPossession(bound, { scheme: 'bearer' })?.kind).toBe('binding-refusal');
    expect(checkTokenPossession(bound, { scheme: 'bearer', certificateThumbprint: 'b' })?.kind).toBe(
      'binding-refusal',
    );
    expect(checkTokenPossession(bound, { scheme: 'dpop', certificateThumbprint: 'a' })?.kind).toBe(
      'binding-refusal',
    );
  });
});
