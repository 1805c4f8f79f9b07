import { expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import { readRequestObject } from './request-object.ts';

const now = 1_000_000;
const usual = { iss: '100', aud: 'https://id.example', client_id: '100', nbf: now, exp: now + 60 };

type Strictness = 'standard' | 'message_signing';

function read(payload: Readonly<Record<string, unknown>>, strictness: Strictness = 'standard') {
  return readTyped('oauth-authz-req+jwt', strictness, payload);
}

function readTyped(
  typ: string | undefined,
  strictness: Strictness,
  payload: Readonly<Record<string, unknown>> = usual,
) {
  const header = { alg: 'ES256', ...(typ === undefined ? {} : { typ }) };
  const jwt = { header, payload, signingInput: '', signature: new Uint8Array() };
  return readRequestObject(jwt, {
    clientId: '100',
    issuer: 'https://id.example',
    now: epochMs(now * 1000),
    strictness,
  });
}

test('OpenID Connect Core §6.1: numbers, objects and lists become the texts a query would have had', () => {
  const reading = read({
    ...usual,
    max_age: 60,
    claims: { userinfo: { name: null } },
    resource: ['a', 'b'],
    state: 's',
  });
  expect(reading.kind === 'params' ? Object.fromEntries(reading.params) : reading).toEqual({
    client_id: '100',
    max_age: '60',
    claims: '{"userinfo":{"name":null}}',
    resource: 'a b',
    state: 's',
  });
});

test('RFC 9101 §4: an object without iss, aud and times is taken where the profile does not ask for them', () => {
  expect(read({ client_id: '100' }).kind).toBe('params');
  expect(read({ client_id: '100' }, 'message_signing').kind).toBe('refused');
});

test.each([undefined, 'JWT', 'jwt', 'OAuth-Authz-Req+JWT', 'application/oauth-authz-req+jwt'])(
  'RFC 7515 §4.1.9: a request object may be typed in any letter case, with application/, or not at all (%s)',
  (typ) => {
    for (const strictness of ['standard', 'message_signing'] as const)
      expect(readTyped(typ, strictness).kind).toBe('params');
  },
);

test.each(['at+jwt', 'application/at+jwt', 'dpop+jwt', 'application/', ''])(
  'RFC 8725 §3.11: a JWT of another type is no request object (%s)',
  (typ) => {
    for (const strictness of ['standard', 'message_signing'] as const)
      expect(readTyped(typ, strictness).kind).toBe('refused');
  },
);

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['no nbf', { ...usual, nbf: undefined }],
  ['no exp', { ...usual, exp: undefined }],
  ['nbf more than 60 minutes ago', { ...usual, nbf: now - 3601 }],
  ['valid for more than 60 minutes', { ...usual, exp: now + 3700 }],
  ['no aud', { ...usual, aud: undefined }],
  ['no iss', { ...usual, iss: undefined }],
])('FAPI 2.0 Message Signing §5.3.1: a request object is refused with %s', (_, payload) => {
  expect(read(payload, 'message_signing').kind).toBe('refused');
});

test('FAPI 2.0 Message Signing §5.3.1: aud may be a list that holds the issuer', () => {
  expect(read({ ...usual, aud: ['x', 'https://id.example'] }, 'message_signing').kind).toBe('params');
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['exp of 2^60', { exp: 2 ** 60 }],
  ['exp as text', { exp: '2000000' }],
  ['nbf in the future', { nbf: now + 86_400 }],
  ['nbf before 1970', { nbf: -1 }],
  ['iat a day ahead', { iat: now + 86_400 }],
  ['iat as text', { iat: 'now' }],
  ['an audience that is not ours', { aud: ['https://other.example'] }],
  ['an expired one', { exp: now - 31 }],
])('RFC 9101 §4: a request object is refused with %s, whatever the profile', (_, changes) => {
  expect(read({ ...usual, ...changes }).kind).toBe('refused');
  expect(read({ ...usual, ...changes }, 'message_signing').kind).toBe('refused');
});

test('RFC 9101 §4: a value that is no parameter is refused', () => {
  expect(read({ ...usual, state: true }).kind).toBe('refused');
  expect(read({ ...usual, resource: [1] }).kind).toBe('refused');
  expect(read({ ...usual, state: 'a\0b' }).kind).toBe('refused');
});
