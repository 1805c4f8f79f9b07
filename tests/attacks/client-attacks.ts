import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { type AssertionOptions, signAssertion } from '@latchkey/testkit';
import { basic, basicOf } from '../flows/flow-world.ts';
import {
  type AttackCase,
  type AttackRequest,
  type Expected,
  numbered,
  type Row,
  refused,
} from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';

type Fields = Readonly<Record<string, string>>;

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Credentials of a client: form fields and headers. */
interface Credentials {
  readonly form?: Fields;
  readonly headers?: Fields;
}

/** The endpoints at which every way to authenticate is attacked. */
const endpoints = {
  introspect: ({ live }: AttackWorld): { readonly path: string; readonly form: Fields } => ({
    path: '/oauth/v2/introspect',
    form: { token: live.accessToken },
  }),
  token: (): { readonly path: string; readonly form: Fields } => ({
    path: '/oauth/v2/token',
    form: { grant_type: 'refresh_token', refresh_token: 'lk_rt_AAAA' },
  }),
};

type Endpoint = keyof typeof endpoints;

function requestTo(endpoint: Endpoint, world: AttackWorld, { form, headers }: Credentials): AttackRequest {
  const request = endpoints[endpoint](world);
  return { ...request, form: { ...request.form, ...form }, headers: { ...headers } };
}

function nowSeconds(world: AttackWorld): number {
  return Math.floor(world.near.clock.now() / 1000);
}

/** A good assertion of the application with a key, or one with something changed. */
function asserted(world: AttackWorld, changes: Partial<AssertionOptions> = {}): string {
  return signAssertion(world.shop.keyFile, {
    audience: world.near.issuer,
    nowSeconds: nowSeconds(world),
    lifetimeSeconds: 300,
    ...changes,
  });
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The claims of a good assertion under a header and a signature of the attacker's choice. */
function forged(
  world: AttackWorld,
  header: Readonly<Record<string, unknown>>,
  signature: (input: string) => string,
): string {
  const [, claims = ''] = asserted(world).split('.');
  const input = `${encode({ kid: world.shop.keyFile.keyId, ...header })}.${claims}`;
  return `${input}.${signature(input)}`;
}

const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const attackerJwk = attacker.publicKey.export({ format: 'jwk' });

function byAttacker(input: string): string {
  return sign('sha256', Buffer.from(input), attacker.privateKey).toString('base64url');
}

function byPublicKey({ shop }: AttackWorld): (input: string) => string {
  const pem = createPublicKey(shop.keyFile.key).export({ type: 'spki', format: 'pem' });
  return (input) => createHmac('sha256', pem).update(input).digest('base64url');
}

type Forgery = readonly [
  attack: string,
  source: string,
  make: (world: AttackWorld) => string,
  reason?: RegExp | undefined,
];

const signature = /check the key, its kid and algorithm/;
const shape = /must be a JWT whose iss and sub are the client_id/;

const assertions: readonly Forgery[] = [
  ['alg none', 'RFC 8725 §3.2', (w) => forged(w, { alg: 'none' }, () => ''), shape],
  ['alg None in another case', 'CVE-2022-23539', (w) => forged(w, { alg: 'nOnE' }, () => ''), shape],
  [
    'the public key as HMAC secret',
    'CVE-2015-9235',
    (w) => forged(w, { alg: 'HS256' }, byPublicKey(w)),
    signature,
  ],
  ['the key of the attacker', 'RFC 7523 §3', (w) => forged(w, { alg: 'RS256' }, byAttacker), signature],
  [
    'the key of the attacker in the header (jwk)',
    'CVE-2018-0114',
    (w) => forged(w, { alg: 'RS256', jwk: attackerJwk }, byAttacker),
    signature,
  ],
  [
    'the key of the attacker in the header, and no kid',
    'CVE-2018-0114',
    (w) => forged(w, { alg: 'RS256', kid: undefined, jwk: attackerJwk }, byAttacker),
    signature,
  ],
  [
    'the key of the attacker by address (jku)',
    'RFC 8725 §3.10',
    (w) => forged(w, { alg: 'RS256', jku: 'https://evil.example.com/jwks' }, byAttacker),
    signature,
  ],
  [
    'kid with a path',
    'CWE-22',
    (w) => forged(w, { alg: 'RS256', kid: '../../../../dev/null' }, byAttacker),
    signature,
  ],
  [
    'kid with SQL',
    'CWE-89',
    (w) => forged(w, { alg: 'RS256', kid: "' union select 'x" }, byAttacker),
    signature,
  ],
  ['an unknown crit', 'RFC 7515 §4.1.11', (w) => asserted(w, { header: { crit: ['evil'], evil: 1 } }), shape],
  ['a compressed payload', 'RFC 8725 §3.6', (w) => asserted(w, { header: { zip: 'DEF' } }), shape],
  [
    'an expiry in the past',
    'RFC 7523 §3',
    (w) => asserted(w, { nowSeconds: nowSeconds(w) - 7200 }),
    /has expired/,
  ],
  [
    'no expiry',
    'RFC 7523 §3',
    (w) => asserted(w, { claims: { exp: undefined } }),
    /exp of the assertion is missing/,
  ],
  [
    'an expiry in a year',
    'RFC 7523 §3',
    (w) => asserted(w, { lifetimeSeconds: 31_536_000 }),
    /more than an hour/,
  ],
  [
    'an expiry that is a text',
    'RFC 7519 §4.1.4',
    (w) => asserted(w, { claims: { exp: '9999999999' } }),
    /exp of the assertion is missing/,
  ],
  ['another audience', 'CVE-2025-27370', (w) => asserted(w, { audience: 'https://evil.example.com' }), /aud/],
  ['no audience', 'RFC 7523 §3', (w) => asserted(w, { claims: { aud: undefined } }), /aud/],
  ['another subject', 'RFC 7523 §3', (w) => asserted(w, { claims: { sub: w.shop.web.clientId } }), shape],
  ['another issuer', 'RFC 7523 §3', (w) => asserted(w, { claims: { iss: w.shop.web.clientId } }), shape],
  [
    'issuer and subject of another application',
    'RFC 7523 §3',
    (w) => asserted(w, { claims: { iss: w.shop.web.clientId, sub: w.shop.web.clientId } }),
    signature,
  ],
  ['a start in the future', 'RFC 7523 §3', (w) => asserted(w, { claims: { nbf: 9_999_999_999 } }), /nbf/],
  // A character less leaves no base64url, two leave one of a byte less.
  ['a signature cut short by a character', 'RFC 7515 §5.2', (w) => asserted(w).slice(0, -1), shape],
  ['a signature cut short by a byte', 'RFC 7515 §5.2', (w) => asserted(w).slice(0, -2), signature],
  ['no signature', 'RFC 7515 §5.2', (w) => asserted(w).replace(/\.[^.]*$/, '.'), shape],
  ['an ID token', 'RFC 8725 §3.11', (w) => w.live.idToken, shape],
  ['an access token', 'RFC 8725 §3.11', (w) => w.liveJwt.accessToken, shape],
  ['20,000 characters', 'CWE-770', () => `${'a'.repeat(20_000)}.b.c`, shape],
];

type Guess = readonly [
  attack: string,
  source: string,
  credentials: (world: AttackWorld) => Credentials,
  expect: Expected,
  reason?: RegExp | undefined,
];

const unproven = refused(401, 'invalid_client');
const ambiguous = refused(400, 'invalid_request');
const secret = /check client_id and client_secret/;

const credentials: readonly Guess[] = [
  ['no credentials', 'RFC 6749 §3.2.1', () => ({}), unproven, /client authentication is missing/],
  [
    'a wrong secret',
    'RFC 6749 §5.2',
    ({ shop }) => ({ headers: basic(shop.api.clientId, 'wrong') }),
    unproven,
    secret,
  ],
  ['an empty secret', 'CVE-2023-6927', ({ shop }) => ({ headers: basic(shop.api.clientId, '') }), unproven],
  [
    'the secret of another client',
    'RFC 6749 §2.3.1',
    ({ shop }) => ({ headers: basic(shop.api.clientId, shop.web.clientSecret) }),
    unproven,
    secret,
  ],
  [
    'the secret of a client of another organization',
    'RFC 6749 §2.3.1',
    ({ shop, acme }) => ({ headers: basic(shop.api.clientId, acme.api.clientSecret) }),
    unproven,
    secret,
  ],
  [
    'a secret followed by a NUL',
    'CWE-158',
    ({ shop }) => ({ headers: basic(shop.api.clientId, `${shop.api.clientSecret}\0`) }),
    unproven,
  ],
  [
    'a secret in capitals',
    'RFC 6749 §2.3.1',
    ({ shop }) => ({ headers: basic(shop.api.clientId, shop.api.clientSecret.toUpperCase()) }),
    unproven,
    secret,
  ],
  ['SQL as client_id', 'CWE-89', () => ({ headers: basic("x' or '1'='1", "' or 1=1 --") }), unproven],
  ['Basic that is not base64', 'RFC 7617 §2', () => ({ headers: { authorization: 'Basic %%%' } }), unproven],
  [
    'Basic without a colon',
    'RFC 7617 §2',
    () => ({ headers: { authorization: `Basic ${Buffer.from('x').toString('base64')}` } }),
    unproven,
  ],
  [
    'two methods at once',
    'RFC 6749 §2.3',
    ({ shop: { api } }) => ({
      form: { client_id: api.clientId, client_secret: api.clientSecret },
      headers: basicOf(api),
    }),
    ambiguous,
    /more than one/,
  ],
  [
    'another client_id beside Basic',
    'RFC 6749 §2.3',
    ({ shop }) => ({ form: { client_id: shop.web.clientId }, headers: basicOf(shop.api) }),
    ambiguous,
    /client_id differs/,
  ],
  [
    'a confidential client without its secret',
    'RFC 9700 §2.5',
    ({ shop }) => ({ form: { client_id: shop.web.clientId } }),
    unproven,
    /must authenticate/,
  ],
  [
    'a secret for a client that has keys',
    'RFC 6749 §2.3',
    ({ shop }) => ({ headers: basic(shop.keyed.clientId, 'x') }),
    unproven,
  ],
  [
    'a certificate in a header',
    'RFC 8705 §6.5',
    ({ shop }) => ({
      form: { client_id: shop.web.clientId },
      headers: { 'client-cert': ':MIIB:', 'x-client-cert': 'MIIB' },
    }),
    unproven,
  ],
];

/** Every attack on credentials, at every endpoint. */
function atEveryEndpoint(of: string, attacks: readonly Guess[]): readonly AttackCase[] {
  const names = Object.keys(endpoints) as Endpoint[]; // cast: the names of the endpoints
  return names.flatMap((endpoint) =>
    numbered(
      `${of}-${endpoint}`,
      attacks.map(
        ([attack, source, make, expect, reason]): Row => [
          `${attack}, at ${endpoint}`,
          source,
          (world) => requestTo(endpoint, world, make(world)),
          expect,
          reason === undefined ? {} : { reason },
        ],
      ),
    ),
  );
}

const special: readonly Row[] = [
  [
    'introspection by a public client',
    'RFC 7662 §2.1',
    (w) => requestTo('introspect', w, { form: { client_id: w.shop.spa.clientId } }),
    refused(403, 'unauthorized_client'),
  ],
  [
    'introspection by a machine user',
    'RFC 7662 §2.1',
    (w) => requestTo('introspect', w, { headers: basicOf(w.shop.robot) }),
    refused(403, 'unauthorized_client'),
  ],
  [
    'credentials in the query',
    'RFC 6749 §2.3.1',
    (w) => {
      const { clientId: client_id, clientSecret: client_secret } = w.shop.web;
      const request = requestTo('token', w, {});
      return { ...request, path: `${request.path}?${new URLSearchParams({ client_id, client_secret })}` };
    },
    unproven,
  ],
  [
    'the grant of front ends by an API',
    'RFC 6749 §5.2',
    (w) => requestTo('token', w, { headers: basicOf(w.shop.api) }),
    refused(400, 'invalid_grant'),
  ],
  [
    'an assertion that was used before, at another node',
    'RFC 7523 §3',
    async (world) => {
      const form = { client_assertion: asserted(world), client_assertion_type: assertionType };
      const request = requestTo('token', world, { form });
      for (const door of [world.doors.far, world.doors.near]) await door.send(request);
      return request;
    },
    unproven,
    { reason: /used before/ },
  ],
];

/** Attacks on client authentication. */
export const clientAttacks: readonly AttackCase[] = [
  ...atEveryEndpoint(
    'assertion',
    assertions.map(([attack, source, make, reason]) => [
      `client assertion with ${attack}`,
      source,
      (world) => ({ form: { client_assertion: make(world), client_assertion_type: assertionType } }),
      unproven,
      reason,
    ]),
  ),
  ...atEveryEndpoint('client', credentials),
  ...numbered('client-special', special),
];
