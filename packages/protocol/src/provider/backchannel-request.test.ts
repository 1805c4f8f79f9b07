import { describe, expect, test } from 'vitest';
import { checkBackchannelRequest } from './backchannel-request.ts';

const good = { scope: 'openid profile', login_hint: 'ada@example.com' };

function verdictOf(changes: Readonly<Record<string, string>>, mode: 'poll' | 'ping' = 'poll') {
  const kept = Object.entries({ ...good, ...changes }).filter(([, value]) => value !== '');
  return checkBackchannelRequest(new Map(kept), mode);
}

function errorOf(changes: Readonly<Record<string, string>>, mode: 'poll' | 'ping' = 'poll') {
  const verdict = verdictOf(changes, mode);
  return verdict.kind === 'refused' ? verdict.error : verdict.kind;
}

describe('a backchannel authentication request', () => {
  test('CIBA Core §7.1: scopes and one hint are enough', () => {
    expect(verdictOf({})).toEqual({
      kind: 'checked',
      request: {
        scopes: ['openid', 'profile'],
        hint: { kind: 'login', loginHint: 'ada@example.com' },
        acrValues: [],
        lifeSeconds: 300,
      },
    });
  });

  test('CIBA Core §7.1: scope must be there and contain openid', () => {
    expect(errorOf({ scope: '' })).toBe('invalid_request');
    expect(errorOf({ scope: 'profile' })).toBe('invalid_scope');
    expect(errorOf({ scope: 'openid "quoted"' })).toBe('invalid_scope');
  });

  test('CIBA Core §7.1: none or several of the hints are refused, and a login_hint_token', () => {
    expect(errorOf({ login_hint: '' })).toBe('invalid_request');
    expect(errorOf({ id_token_hint: 'x.y.z' })).toBe('invalid_request');
    expect(errorOf({ login_hint: '', login_hint_token: 'x' })).toBe('invalid_request');
    expect(errorOf({ login_hint: '', id_token_hint: 'x.y.z' })).toBe('checked');
    expect(errorOf({ login_hint: 'a'.repeat(8193) })).toBe('invalid_request');
  });

  test('CIBA Core §13: a binding message that is too long or cannot be shown is invalid_binding_message', () => {
    expect(errorOf({ binding_message: 'W4SCT – Grüße' })).toBe('checked');
    for (const message of ['x'.repeat(101), 'two\nlines', 'turned \u202E round', 'bell \u0007'])
      expect(errorOf({ binding_message: message })).toBe('invalid_binding_message');
  });

  test('CIBA Core §7.1: ping mode needs a client_notification_token fit for a Bearer header', () => {
    expect(errorOf({}, 'ping')).toBe('invalid_request');
    expect(errorOf({ client_notification_token: 'has space' }, 'ping')).toBe('invalid_request');
    expect(errorOf({ client_notification_token: 'x'.repeat(1025) }, 'ping')).toBe('invalid_request');
    const verdict = verdictOf({ client_notification_token: '8d67dc78-7faa-4d41-aabd-67707b374255' }, 'ping');
    expect(verdict).toMatchObject({
      request: { notificationToken: '8d67dc78-7faa-4d41-aabd-67707b374255' },
    });
  });

  test('CIBA Core §7.1: requested_expiry is a positive number, cut to what the server gives', () => {
    expect(verdictOf({ requested_expiry: '60' })).toMatchObject({ request: { lifeSeconds: 60 } });
    expect(verdictOf({ requested_expiry: '99999' })).toMatchObject({ request: { lifeSeconds: 1800 } });
    for (const text of ['0', '-5', '1.5', 'soon', '99999999999'])
      expect(errorOf({ requested_expiry: text })).toBe('invalid_request');
  });

  test('a reference to a request and resources are refused', () => {
    expect(errorOf({ request_uri: 'https://app.example.com/request' })).toBe('invalid_request');
    expect(errorOf({ resource: 'https://api.example.com' })).toBe('invalid_target');
  });

  test('acr_values are few', () => {
    expect(verdictOf({ acr_values: 'a b' })).toMatchObject({ request: { acrValues: ['a', 'b'] } });
    expect(errorOf({ acr_values: 'a '.repeat(11) })).toBe('invalid_request');
  });
});
