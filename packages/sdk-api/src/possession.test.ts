import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { buildErrorResponse } from './error-response.ts';
import { peerCertificateThumbprint, type VerifyRequest } from './possession.ts';
import { createTestIssuer, type TestIssuer } from './testing.ts';
import { createVerifier, type Verifier } from './verifier.ts';

const START = Date.UTC(2026, 10, 23, 12);
let nowMs = START;
const now = () => nowMs;
const API = 'https://api.test/quotes';

interface Key {
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey;
}

function createKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, jwk: publicKey.export({ format: 'jwk' }) };
}

const key = createKey();
const other = createKey();
let issuer: TestIssuer;
let verifier: Verifier;
let token: string;

beforeEach(async () => {
  nowMs = START;
  issuer = await createTestIssuer({ now });
  verifier = createVerifier({ ...issuer.verifierOptions, mode: 'auto', log: () => undefined });
  const jkt = await calculateJwkThumbprint({ ...key.jwk, kty: 'EC' });
  token = await issuer.mintAccessToken({ subject: 'ada', claims: { cnf: { jkt } } });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

interface ProofChange {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly signature?: string;
}

function proof({ header, claims, signature }: ProofChange = {}, by = key): string {
  const input = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: by.jwk, ...header })}.${encode({
    jti: randomUUID(),
    htm: 'GET',
    htu: API,
    iat: Math.floor(now() / 1000),
    ath: createHash('sha256').update(token).digest('base64url'),
    ...claims,
  })}`;
  const signed = sign('sha256', Buffer.from(input), { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature ?? signed.toString('base64url')}`;
}

function requestWith(dpop: string | readonly string[] | undefined, change: Partial<VerifyRequest> = {}) {
  const headers = { authorization: `DPoP ${token}`, ...(dpop === undefined ? {} : { dpop }) };
  return { method: 'GET', url: `${API}?page=2`, headers, ...change };
}

describe('tokens bound to a DPoP key', () => {
  test('RFC 9449 §7.1: a token with a proof by its key is good, again and again with new proofs', async () => {
    for (let time = 0; time < 3; time += 1)
      expect(await verifier.verify(token, requestWith(proof()))).toMatchObject({ subject: 'ada' });
    const keysFetched = issuer.requestedPaths.filter((path) => path === '/oauth/v2/keys');
    expect(keysFetched).toHaveLength(1);
  });

  test('RFC 9449 §6.2: an opaque token, of which the issuer tells the key, is held to the same', async () => {
    const jkt = await calculateJwkThumbprint({ ...key.jwk, kty: 'EC' });
    token = await issuer.mintAccessToken({ format: 'opaque', claims: { cnf: { jkt }, token_type: 'DPoP' } });
    expect((await verifier.verify(token, requestWith(proof()))).kind).toBe('principal');
    expect(await verifier.verify(token)).toMatchObject({ reason: 'sender-constrained' });
    expect(await verifier.verify(token, requestWith(proof({}, other)))).toMatchObject({
      reason: 'sender-constrained',
    });
  });

  test('RFC 9449 §4.3: scheme and host in capitals, the default port, a query and extra claims do no harm', async () => {
    for (const htu of ['HTTPS://API.test/quotes', 'https://api.test:443/quotes?x=y#z'])
      expect((await verifier.verify(token, requestWith(proof({ claims: { htu, foo: {} } })))).kind).toBe(
        'principal',
      );
    const headers = { authorization: `dpop ${token}`, dpop: proof() };
    expect((await verifier.verify(token, requestWith('', { headers }))).kind).toBe('principal');
  });

  test.each<readonly [string, ProofChange]>([
    ['without typ', { header: { typ: undefined } }],
    ['of type JWT', { header: { typ: 'JWT' } }],
    ['without alg', { header: { alg: undefined } }],
    ['with alg none', { header: { alg: 'none' }, signature: '' }],
    ['with a symmetric alg', { header: { alg: 'HS256' } }],
    ['with a critical extension', { header: { crit: ['exp'] } }],
    ['without jwk', { header: { jwk: undefined } }],
    ['with a private key', { header: { jwk: key.privateKey.export({ format: 'jwk' }) } }],
    ['with a key that is none', { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } } }],
    ['with a symmetric key', { header: { jwk: { kty: 'oct', k: 'AA' } } }],
    ['with a key too large', { header: { jwk: { kty: 'RSA', e: 'AQAB', n: 'x'.repeat(700) } } }],
    ['with a wrong signature', { signature: Buffer.alloc(64, 1).toString('base64url') }],
    ['without jti', { claims: { jti: undefined } }],
    ['with a long jti', { claims: { jti: 'x'.repeat(257) } }],
    ['without htm', { claims: { htm: undefined } }],
    ['for another method', { claims: { htm: 'POST' } }],
    ['without htu', { claims: { htu: undefined } }],
    ['for another path', { claims: { htu: 'https://api.test/news' } }],
    ['for another host', { claims: { htu: 'https://api.test.evil/quotes' } }],
    ['without iat', { claims: { iat: undefined } }],
    ['an hour old', { claims: { iat: START / 1000 - 3600 } }],
    ['an hour ahead', { claims: { iat: START / 1000 + 3600 } }],
    ['without ath', { claims: { ath: undefined } }],
    ['for another token', { claims: { ath: 'A'.repeat(43) } }],
  ])('RFC 9449 §4.3: a proof %s is refused', async (_, change) => {
    const outcome = await verifier.verify(token, requestWith(proof(change)));
    expect(outcome).toMatchObject({ kind: 'invalid-token', reason: 'dpop-proof' });
  });

  test('RFC 9449 §4.3: no proof, two proofs, or something else are refused', async () => {
    for (const dpop of [undefined, [proof(), proof()], `${proof()}, ${proof()}`, 'x', 'x'.repeat(9000)]) {
      const outcome = await verifier.verify(token, requestWith(dpop));
      expect(outcome).toMatchObject({ kind: 'invalid-token', reason: 'dpop-proof' });
    }
  });

  test('RFC 9449 §11.1: a proof is good once', async () => {
    const dpop = proof();
    expect((await verifier.verify(token, requestWith(dpop))).kind).toBe('principal');
    nowMs += 59_000;
    expect(await verifier.verify(token, requestWith(dpop))).toMatchObject({ reason: 'dpop-proof' });
  });

  test('RFC 9449 §7.1: a proof by another key is refused, with a challenge that says how', async () => {
    const outcome = await verifier.verify(token, requestWith(proof({}, other)));
    expect(outcome).toMatchObject({ kind: 'invalid-token', reason: 'sender-constrained' });
    if (outcome.kind !== 'invalid-token') throw new Error('accepted');
    const { status, headers } = buildErrorResponse(outcome);
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toMatch(/^DPoP realm="api", algs="ES256 .*error="invalid_token"/);
  });

  test('RFC 9449 §7.2: a bound token is no bearer token, and an unbound one none for the DPoP scheme', async () => {
    const headers = { authorization: `Bearer ${token}`, dpop: proof() };
    expect(await verifier.verify(token, requestWith('', { headers }))).toMatchObject({
      reason: 'sender-constrained',
      scheme: 'DPoP',
    });
    token = await issuer.mintAccessToken();
    expect(await verifier.verify(token, requestWith(proof()))).toMatchObject({
      reason: 'sender-constrained',
    });
    expect((await verifier.verify(token)).kind).toBe('principal');
  });

  test('RFC 7800 §3.1: a binding of a kind nobody here knows is refused, whatever the request shows', async () => {
    const jkt = await calculateJwkThumbprint({ ...key.jwk, kty: 'EC' });
    for (const cnf of [{}, 'x', { jwk: key.jwk }, { jkt: 1 }, { jkt: '' }, { jkt, 'x5t#S256': 'x' }, null]) {
      token = await issuer.mintAccessToken({ claims: { cnf } });
      const outcome = await verifier.verify(token, requestWith(proof()));
      expect(outcome).toMatchObject({ reason: 'sender-constrained' });
    }
  });
});

describe('tokens bound to a certificate', () => {
  const bearer = (certificateThumbprint?: string) => ({
    ...requestWith(undefined, { headers: { authorization: `Bearer ${token}` } }),
    certificateThumbprint,
  });

  test('RFC 8705 §3: the connection must have the certificate of the token', async () => {
    token = await issuer.mintAccessToken({ claims: { cnf: { 'x5t#S256': 'thumb' } } });
    expect((await verifier.verify(token, bearer('thumb'))).kind).toBe('principal');
    for (const request of [bearer('other'), bearer(), undefined]) {
      const outcome = await verifier.verify(token, request);
      expect(outcome).toMatchObject({ kind: 'invalid-token', reason: 'sender-constrained' });
      if (outcome.kind !== 'invalid-token') throw new Error('accepted');
      const { headers } = buildErrorResponse(outcome);
      expect(headers['www-authenticate']).toMatch(/^Bearer .*error="invalid_token"/);
    }
  });

  test('RFC 8705 §3.1: the thumbprint of a connection is that of its certificate in DER', () => {
    const raw = Buffer.from('certificate');
    const expected = createHash('sha256').update(raw).digest('base64url');
    expect(peerCertificateThumbprint({ getPeerX509Certificate: () => ({ raw }) })).toBe(expected);
    for (const socket of [undefined, {}, { getPeerX509Certificate: () => undefined }])
      expect(peerCertificateThumbprint(socket)).toBeUndefined();
  });
});
