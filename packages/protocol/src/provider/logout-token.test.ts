import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import { judgeLogoutAnswer, logoutTokenClaims } from './logout-token.ts';

describe('logout tokens', () => {
  test('Back-Channel Logout §2.4: a logout token has exactly the claims it must have, lives two minutes, and has no nonce', () => {
    const claims = logoutTokenClaims({
      issuer: 'https://id.example',
      clientId: '100',
      subject: 'u1',
      sessionId: 's1',
      tokenId: 'j1',
      now: epochMs(1_700_000_000_999),
    });
    expect(claims).toEqual({
      iss: 'https://id.example',
      sub: 'u1',
      aud: '100',
      iat: 1_700_000_000,
      exp: 1_700_000_120,
      jti: 'j1',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      sid: 's1',
    });
  });

  test.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [400, 'refused'],
    [401, 'failed'],
    [404, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
    [201, 'failed'],
  ])('Back-Channel Logout §2.8: an answer of %i means %s', (status, meaning) => {
    expect(judgeLogoutAnswer(status)).toBe(meaning);
  });
});
