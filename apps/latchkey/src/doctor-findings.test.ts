import { expect, test } from 'vitest';
import {
  judgeCertificate,
  judgeClock,
  judgeIssuer,
  judgeKeyAges,
  judgeKeySet,
  judgeRecentSignIn,
  judgeRedirects,
  judgeSchema,
} from './doctor-findings.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-03-01T12:00:00Z');

test('plain http is broken unless it is this machine, which in production is a warning', () => {
  expect(judgeIssuer('http://id.example.com', 'development').outcome).toBe('broken');
  expect(judgeIssuer('http://localhost:8080', 'development').outcome).toBe('good');
  expect(judgeIssuer('http://127.0.0.1:8080', 'production').outcome).toBe('warning');
  expect(judgeIssuer('https://id.example.com', 'production').outcome).toBe('good');
});

test('clocks more than half a minute apart are broken, either way', () => {
  expect([29_000, -29_000, 31_000, -31_000, Number.NaN].map((skew) => judgeClock(skew).outcome)).toEqual([
    'good',
    'good',
    'broken',
    'broken',
    'good',
  ]);
});

test('a certificate is judged by trust and by the days it still counts', () => {
  const seen = (days: number, distrust?: string) =>
    judgeCertificate({ validToMs: nowMs + days * dayMs, distrust }, nowMs);
  expect(seen(80).outcome).toBe('good');
  expect(seen(10)).toMatchObject({ outcome: 'warning', detail: expect.stringContaining('10 days') });
  expect(seen(-2)).toMatchObject({ outcome: 'broken', detail: expect.stringContaining('2 days ago') });
  expect(seen(80, 'SELF_SIGNED_CERT_IN_CHAIN').outcome).toBe('broken');
});

test('a key set without signing keys, with private keys, or cached for days is told', () => {
  const key = { kid: 'a', kty: 'EC', use: 'sig' };
  expect(judgeKeySet([key], 'public, max-age=300').outcome).toBe('good');
  expect(judgeKeySet([{ ...key, use: 'enc' }], null).outcome).toBe('broken');
  expect(judgeKeySet([{ ...key, d: 'secret' }], null).outcome).toBe('broken');
  expect(judgeKeySet([key], 'max-age=604800').outcome).toBe('warning');
});

test('a key that signs longer than its rotation allows is told with what to do', () => {
  const key = { keyId: 'k', algorithm: 'ES256', state: 'active', since: '2025-10-01T00:00:00Z' };
  expect(judgeKeyAges([key], nowMs)).toEqual([
    expect.objectContaining({ outcome: 'warning', fix: expect.stringContaining('latchkey keys rotate') }),
  ]);
  expect(judgeKeyAges([{ ...key, state: 'retiring' }], nowMs)[0]?.outcome).toBe('good');
  expect(judgeKeyAges([{ ...key, since: '2026-01-01T00:00:00Z' }], nowMs)[0]?.outcome).toBe('good');
});

test('redirect addresses in plain http or with a twin are told', () => {
  const app = { name: 'Web', type: 'user_agent', developmentMode: false };
  const found = judgeRedirects({
    ...app,
    redirectUris: ['http://a.example.com/', 'https://b.example.com/', 'https://b.example.com'],
  });
  expect(found.map(({ outcome }) => outcome)).toEqual(['broken', 'warning']);
  expect(judgeRedirects({ ...app, developmentMode: true, redirectUris: ['http://a.example.com/'] })).toEqual(
    [],
  );
});

test('an old PostgreSQL is broken, a schema that lacks migrations a warning', () => {
  const outcomes = (version: string, pending: readonly string[]) =>
    judgeSchema({ version, pending, mayCreate: true, mode: 'writable' }).map(({ outcome }) => outcome);
  expect(outcomes('15.8', [])).toEqual(['good', 'good']);
  expect(outcomes('14.2 (Debian)', ['0003-management.sql'])).toEqual(['broken', 'warning']);
});

test('dangerous actions that take a sign-in of any age are a warning', () => {
  expect(judgeRecentSignIn(900).outcome).toBe('good');
  expect(judgeRecentSignIn(0).outcome).toBe('warning');
});
