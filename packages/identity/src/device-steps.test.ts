import { expect, test } from 'vitest';
import { nextDeviceStep } from './device-steps.ts';

test('without a code the person is asked for one, whoever is signed in', () => {
  expect(nextDeviceStep({ code: 'none', sessionIds: ['1'] })).toEqual({ kind: 'code' });
});

test('a code that waits no longer ends it, before anybody has to sign in', () => {
  expect(nextDeviceStep({ code: 'gone', sessionIds: [] })).toEqual({ kind: 'gone' });
});

test('nobody confirms a device without being signed in', () => {
  expect(nextDeviceStep({ code: 'waiting', sessionIds: [] })).toEqual({ kind: 'sign-in' });
  expect(nextDeviceStep({ code: 'waiting', sessionIds: [], chosenSessionId: '1' })).toEqual({
    kind: 'sign-in',
  });
});

test('of several accounts the person chooses one; an only one is taken', () => {
  expect(nextDeviceStep({ code: 'waiting', sessionIds: ['1', '2'] })).toEqual({ kind: 'accounts' });
  expect(nextDeviceStep({ code: 'waiting', sessionIds: ['1'] })).toEqual({ kind: 'confirm', sessionId: '1' });
  const chosen = { code: 'waiting', sessionIds: ['1', '2'], chosenSessionId: '2' } as const;
  expect(nextDeviceStep(chosen)).toEqual({ kind: 'confirm', sessionId: '2' });
});

test('a chosen session that this browser does not hold counts for nothing', () => {
  const foreign = { code: 'waiting', sessionIds: ['1', '2'], chosenSessionId: '9' } as const;
  expect(nextDeviceStep(foreign)).toEqual({ kind: 'accounts' });
});
