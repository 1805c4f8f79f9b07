import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseClaimsParameter, requestedNames } from './claims-parameter.ts';

test('OpenID Connect Core §5.5: the example of the standard is read whole', () => {
  const parsed = parseClaimsParameter(
    JSON.stringify({
      userinfo: {
        given_name: { essential: true },
        nickname: null,
        'http://example.info/claims/groups': null,
      },
      id_token: { auth_time: { essential: true }, acr: { values: ['urn:mace:incommon:iap:silver'] } },
    }),
  );
  expect(parsed).toEqual({
    userinfo: [
      { name: 'given_name', isEssential: true, values: [] },
      { name: 'nickname', isEssential: false, values: [] },
      { name: 'http://example.info/claims/groups', isEssential: false, values: [] },
    ],
    idToken: [
      { name: 'auth_time', isEssential: true, values: [] },
      { name: 'acr', isEssential: false, values: ['urn:mace:incommon:iap:silver'] },
    ],
  });
  expect(parsed && requestedNames(parsed)).toEqual({
    userinfo: ['given_name', 'nickname', 'http://example.info/claims/groups'],
    idToken: ['auth_time', 'acr'],
  });
});

test.each([
  '',
  '1',
  'null',
  '[]',
  '{"id_token":{"a":null,"a":{"essential":true}}}',
  '\ufeff{}',
  '{"id_token":{"a":{"value":"\\ud800"}}}',
  '{"userinfo":[]}',
  '{"userinfo":{"name":1}}',
  '{"id_token":{"a b":null}}',
])('OpenID Connect Core §5.5: what is not of the shape is refused (%s)', (text) => {
  expect(parseClaimsParameter(text)).toBeUndefined();
});

test('a claims parameter is bounded in length and number', () => {
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`c${i}`, null]));
  expect(parseClaimsParameter(JSON.stringify({ userinfo: many }))).toBeUndefined();
  expect(parseClaimsParameter(JSON.stringify({ userinfo: {}, padding: 'x'.repeat(4096) }))).toBeUndefined();
});

test('whatever is sent, reading claims neither throws nor invents a name', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const parsed = parseClaimsParameter(text);
      for (const wish of parsed?.userinfo ?? [])
        expect(text).toContain(JSON.stringify(wish.name).slice(1, -1));
    }),
  );
});
