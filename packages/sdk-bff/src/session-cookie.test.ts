import { expect, test } from 'vitest';
import { createCookieJar } from './cookies.ts';
import { createSealer } from './seal.ts';
import type { Session } from './session.ts';
import { openSessionCookies, sealSessionCookies } from './session-cookie.ts';

const jar = createCookieJar(new URL('https://app.example.com'));
const sealer = createSealer('a secret of a test, long enough to be one');
const domain = { '381920000000000001': 'acme.example.com' };
const rolesOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`role-${index}`, domain]));

function sessionWith(changed: Partial<Session>): Session {
  return {
    ...{
      id: 'i',
      accessToken: 'a',
      tokenType: 'DPoP',
      refreshToken: 'r',
      idToken: 't'.repeat(900),
      sid: 's',
    },
    ...{ obtainedAtMs: 1, expiresAtMs: 2, signedInAtMs: 1, endsAtMs: 3, proofJwk: { kty: 'EC' } },
    claims: { sub: '1' },
    ...changed,
  };
}

async function roundTrip(session: Session) {
  const dropped: string[] = [];
  const deps = { sealer, jar, onDropped: () => void dropped.push('ID token') };
  const lines = await sealSessionCookies(deps, session, new Map(), 60);
  const cookies = new Map(
    lines
      .map((line) => line.split(';')[0]?.split(/=(.*)/s) ?? [])
      .map(([name = '', value = '']) => [name, value]),
  );
  return { lines, dropped, opened: await openSessionCookies(sealer, jar, cookies) };
}

test('a session comes back as it was, whole or in two cookies, each below 4,096 bytes', async () => {
  for (const [count, cookies] of [
    [0, 1],
    [40, 2],
  ] as const) {
    const session = sessionWith({
      claims: { sub: '1', 'urn:zitadel:iam:org:project:roles': rolesOf(count) },
    });
    const { lines, dropped, opened } = await roundTrip(session);
    expect([lines.length, dropped]).toEqual([cookies, []]);
    expect(opened).toEqual(session);
    for (const line of lines) expect(line.length).toBeLessThan(4096);
  }
});

test('one that is a little too large goes without its ID token, and says so', async () => {
  const session = sessionWith({ claims: { sub: '1', roles: rolesOf(95) } });
  const { dropped, opened } = await roundTrip(session);
  expect(dropped).toEqual(['ID token']);
  expect(opened).toEqual({ ...session, idToken: undefined });
});

test('500 roles are refused: no role is left out in silence', async () => {
  const session = sessionWith({ claims: { sub: '1', roles: rolesOf(500) } });
  await expect(roundTrip(session)).rejects.toMatchObject({
    code: 'session_too_large',
    message: expect.stringMatching(/claims \d{5}.*createBff\(\{ store \}\)/),
  });
});
