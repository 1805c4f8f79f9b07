import { createHmac, createPublicKey } from 'node:crypto';
import { signAssertion } from '@latchkey/testkit';
import { basic, basicOf } from '../flows/flow-world.ts';
import type { AttackCase, AttackRequest, AttackWorld } from './attack-case.ts';

type Fields = Readonly<Record<string, string>>;

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const some = { grant_type: 'refresh_token', refresh_token: 'lk_rt_AAAA' };

function token(form: Fields, headers: Fields = {}): AttackRequest {
  return { path: '/oauth/v2/token', form: { ...some, ...form }, headers };
}

function nowSeconds(world: AttackWorld): number {
  return Math.floor(world.near.clock.now() / 1000);
}

/** A request of the application with a key, by an assertion that breaks a rule. */
function asserting(
  claims: (world: AttackWorld) => Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
  rewrite: (jwt: string, world: AttackWorld) => string = (jwt) => jwt,
): AttackCase['input'] {
  return (world) => {
    const jwt = signAssertion(world.keyFile, {
      audience: world.near.issuer,
      nowSeconds: nowSeconds(world),
      claims: claims(world),
      header,
    });
    return token({ client_assertion: rewrite(jwt, world), client_assertion_type: assertionType });
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The assertion signed again as HS256, the public key as secret. */
function signedByPublicKey(jwt: string, world: AttackWorld): string {
  const input = `${encode({ alg: 'HS256', kid: world.keyFile.keyId })}.${jwt.split('.')[1]}`;
  const pem = createPublicKey(world.keyFile.key).export({ type: 'spki', format: 'pem' });
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
}

const method = 'RFC 6749 §2.3';
const assertions = 'RFC 7523 §3';
const refused = '401 invalid_client';

/** What is tried with credentials of clients. */
export const clientAttacks: readonly AttackCase[] = [
  {
    id: 'client-01',
    attack: 'a wrong secret',
    input: ({ shop }) => token({}, basic(shop.web.clientId, 'wrong')),
    expected: refused,
    source: method,
  },
  {
    id: 'client-02',
    attack: 'an empty secret',
    input: ({ shop }) => token({}, basic(shop.web.clientId, '')),
    expected: refused,
    source: method,
  },
  {
    id: 'client-03',
    attack: 'the secret of another application',
    input: ({ shop }) => token({}, basic(shop.web.clientId, shop.api.clientSecret)),
    expected: refused,
    source: method,
  },
  {
    id: 'client-04',
    attack: 'a confidential client as a public one',
    input: ({ shop }) => token({ client_id: shop.web.clientId }),
    expected: refused,
    source: 'RFC 9700 §2.5',
  },
  {
    id: 'client-05',
    attack: 'two ways to authenticate at once',
    input: ({ shop }) =>
      token({ client_id: shop.web.clientId, client_secret: shop.web.clientSecret }, basicOf(shop.web)),
    expected: '400 invalid_request',
    source: method,
  },
  {
    id: 'client-06',
    attack: 'another client_id in the body than in the header',
    input: ({ shop }) => token({ client_id: shop.spa.clientId }, basicOf(shop.web)),
    expected: '400 invalid_request',
    source: method,
  },
  {
    id: 'client-07',
    attack: 'SQL as client_id',
    input: () => token({}, basic("' or 1=1 --", "' or 1=1 --")),
    expected: refused,
    source: 'RFC 6749 §10.14',
  },
  {
    id: 'client-08',
    attack: 'credentials in the query',
    input: ({ shop }) => ({
      path: `/oauth/v2/token?client_id=${shop.web.clientId}&client_secret=${shop.web.clientSecret}`,
      form: some,
    }),
    expected: refused,
    source: 'RFC 6749 §2.3.1',
  },
  {
    id: 'client-09',
    attack: 'an API that signs people in',
    input: ({ shop }) => token({}, basicOf(shop.api)),
    expected: '400 invalid_grant',
    source: 'RFC 6749 §5.2',
  },
  {
    id: 'assertion-01',
    attack: 'alg none',
    input: asserting(
      () => ({}),
      { alg: 'none' },
      (jwt) => `${jwt.split('.').slice(0, 2).join('.')}.`,
    ),
    expected: refused,
    source: 'RFC 8725 §3.1',
  },
  {
    id: 'assertion-02',
    attack: 'HS256 with the public key as secret',
    input: asserting(() => ({}), {}, signedByPublicKey),
    expected: refused,
    source: 'RFC 8725 §2.1',
  },
  {
    id: 'assertion-03',
    attack: 'another audience',
    input: asserting(() => ({ aud: 'https://evil.example.com' })),
    expected: refused,
    source: assertions,
  },
  {
    id: 'assertion-04',
    attack: 'an assertion that has expired',
    input: asserting((world) => ({ iat: nowSeconds(world) - 4000, exp: nowSeconds(world) - 100 })),
    expected: refused,
    source: assertions,
  },
  {
    id: 'assertion-05',
    attack: 'an assertion good for a year',
    input: asserting((world) => ({ exp: nowSeconds(world) + 31_536_000 })),
    expected: refused,
    source: 'security.md, assertions',
  },
  {
    id: 'assertion-06',
    attack: 'the subject of another application',
    input: asserting((world) => ({ sub: world.shop.web.clientId, iss: world.shop.web.clientId })),
    expected: refused,
    source: assertions,
  },
  {
    id: 'assertion-07',
    attack: 'a kid that is a path',
    input: asserting(() => ({}), { kid: '../../../../dev/null' }),
    expected: refused,
    source: 'RFC 8725 §3.10',
  },
  {
    id: 'assertion-08',
    attack: 'a critical header nobody knows',
    input: asserting(() => ({}), { crit: ['x'], x: 1 }),
    expected: refused,
    source: 'RFC 7515 §4.1.11',
  },
  {
    id: 'assertion-09',
    attack: 'a key brought along in the header',
    input: asserting(() => ({}), {
      kid: undefined,
      jwk: { kty: 'oct', k: 'AAAA' },
      jku: 'https://evil.example.com/jwks',
    }),
    expected: refused,
    source: 'RFC 8725 §3.10',
  },
  {
    id: 'assertion-10',
    attack: 'an assertion without an end',
    input: asserting(() => ({ exp: undefined })),
    expected: refused,
    source: assertions,
  },
  {
    id: 'assertion-11',
    attack: 'an assertion that was used before, at the other node',
    input: async (world) => {
      const jwt = signAssertion(world.keyFile, {
        audience: world.near.issuer,
        nowSeconds: nowSeconds(world),
        lifetimeSeconds: 60,
      });
      const request = token({ client_assertion: jwt, client_assertion_type: assertionType });
      const body = new URLSearchParams({
        ...some,
        client_assertion: jwt,
        client_assertion_type: assertionType,
      });
      for (const node of [world.near, world.far]) await node.fetch(request.path, { body });
      return request;
    },
    expected: refused,
    source: 'RFC 7523 §3, jti',
  },
];
