import { expect, test } from 'vitest';
import { epochMs, epochSeconds } from '../brands.ts';
import { actingAuthTime, buildStepUpChallenge, checkAuthenticationDemand } from './step-up.ts';

const signedInAt = epochSeconds(1_800_000_000);
const after = (seconds: number) => epochMs((signedInAt + seconds) * 1000);
const demand = { maxAgeSeconds: 900 };

test('RFC 9470 §3: a sign-in is recent up to max_age seconds, and not one second longer', () => {
  const person = { kind: 'person', authTime: signedInAt } as const;
  expect(checkAuthenticationDemand(person, demand, after(0))).toBeUndefined();
  expect(checkAuthenticationDemand(person, demand, after(900))).toBeUndefined();
  expect(checkAuthenticationDemand(person, demand, after(901))).toEqual({
    kind: 'sign-in-too-old',
    ageSeconds: 901,
  });
});

test('a person whose sign-in time is unknown is not recent; a machine has no sign-in that could be old', () => {
  expect(checkAuthenticationDemand({ kind: 'person' }, demand, after(0))).toEqual({
    kind: 'sign-in-time-unknown',
  });
  expect(checkAuthenticationDemand({ kind: 'machine' }, demand, after(0))).toBeUndefined();
});

test('RFC 8693 §4.1: the sign-in of the actor counts for an exchanged token, never that of its subject', () => {
  const actor = { iss: 'https://id.example.com', sub: '7', act: { iss: 'https://id.example.com', sub: '8' } };
  expect(actingAuthTime({ authTime: signedInAt })).toBe(signedInAt);
  expect(actingAuthTime({ authTime: signedInAt, actor })).toBeUndefined();
  expect(actingAuthTime({ actor, actorAuthTime: signedInAt })).toBe(signedInAt);
});

test('RFC 9470 §3: the challenge names the error and max_age, under the scheme the token was sent by', () => {
  expect(buildStepUpChallenge('Bearer', demand, 'sign in again')).toBe(
    'Bearer realm="Latchkey", error="insufficient_user_authentication", error_description="sign in again", max_age=900',
  );
  expect(buildStepUpChallenge('DPoP', demand, 'sign in again')).toMatch(/^DPoP realm=/);
});
