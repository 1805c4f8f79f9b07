import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { type AssertionOptions, signAssertion } from '@latchkey/testkit';
import { type AttackCase, type AttackOutcome, json } from './attack-case.ts';
import type { AttackRequest } from './attack-request.ts';
import type { AttackWorld } from './attack-world.ts';

const introspect = '/oauth/v2/introspect';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

function keyFile(world: AttackWorld) {
  const { keyFile: file } = world.keyed;
  if (file === undefined) throw new Error('the keyed application has no key file');
  return file;
}

function withAssertion(world: AttackWorld, assertion: string): AttackRequest {
  return {
    path: introspect,
    form: { token: world.accessToken, client_assertion_type: assertionType, client_assertion: assertion },
  };
}

function asserted(world: AttackWorld, changes: Partial<AssertionOptions> = {}): string {
  return signAssertion(keyFile(world), {
    audience: world.server.issuer,
    nowSeconds: Math.floor(Date.now() / 1000),
    lifetimeSeconds: 300,
    ...changes,
  });
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims of a good assertion under a header and a signature of the attacker's choice. */
function forged(
  world: AttackWorld,
  header: Readonly<Record<string, unknown>>,
  signature: (input: string) => string,
): string {
  const [, claims = ''] = asserted(world).split('.');
  const input = `${encode({ kid: keyFile(world).keyId, ...header })}.${claims}`;
  return `${input}.${signature(input)}`;
}

const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const byStranger = (input: string): string =>
  sign('sha256', Buffer.from(input), strangersKey.privateKey).toString('base64url');

const assertions: readonly (readonly [string, string, (world: AttackWorld) => string])[] = [
  ['alg none', 'RFC 8725 §3.2', (w) => forged(w, { alg: 'none' }, () => '')],
  ['alg None in another case', 'CVE-2022-23539', (w) => forged(w, { alg: 'nOnE' }, () => '')],
  [
    'the public key as HMAC secret',
    'CVE-2015-9235',
    (w) =>
      forged(w, { alg: 'HS256' }, (input) => {
        const pem = createPublicKey(keyFile(w).key).export({ type: 'spki', format: 'pem' });
        return createHmac('sha256', pem).update(input).digest('base64url');
      }),
  ],
  ["a stranger's key", 'RFC 7523 §3', (w) => forged(w, { alg: 'RS256' }, byStranger)],
  [
    "a stranger's key in the header (jwk)",
    'CVE-2018-0114',
    (w) => forged(w, { alg: 'RS256', jwk: strangersKey.publicKey.export({ format: 'jwk' }) }, byStranger),
  ],
  [
    "a stranger's key by address (jku)",
    'RFC 8725 §3.10',
    (w) => forged(w, { alg: 'RS256', jku: 'https://evil.example.com/jwks' }, byStranger),
  ],
  ['kid with a path', 'CWE-22', (w) => forged(w, { alg: 'RS256', kid: '../../../../dev/null' }, byStranger)],
  ['kid with SQL', 'CWE-89', (w) => forged(w, { alg: 'RS256', kid: "' union select 'x" }, byStranger)],
  ['an unknown crit', 'RFC 7515 §4.1.11', (w) => asserted(w, { header: { crit: ['evil'], evil: 1 } })],
  ['a compressed payload', 'RFC 8725 §3.6', (w) => asserted(w, { header: { zip: 'DEF' } })],
  [
    'an hour-old expiry',
    'RFC 7523 §3',
    (w) => asserted(w, { nowSeconds: Math.floor(Date.now() / 1000) - 7200 }),
  ],
  ['no expiry', 'RFC 7523 §3', (w) => asserted(w, { claims: { exp: undefined } })],
  ['an expiry in a year', 'RFC 7523 §3', (w) => asserted(w, { lifetimeSeconds: 31_536_000 })],
  ['an expiry that is a text', 'RFC 7519 §4.1.4', (w) => asserted(w, { claims: { exp: '9999999999' } })],
  ['another audience', 'CVE-2025-27370', (w) => asserted(w, { audience: 'https://evil.example.com' })],
  ['no audience', 'RFC 7523 §3', (w) => asserted(w, { claims: { aud: undefined } })],
  ['another subject', 'RFC 7523 §3', (w) => asserted(w, { claims: { sub: w.web.clientId } })],
  ['another issuer', 'RFC 7523 §3', (w) => asserted(w, { claims: { iss: w.web.clientId } })],
  ['not yet valid', 'RFC 7523 §3', (w) => asserted(w, { claims: { nbf: 9_999_999_999 } })],
  ['a signature cut short', 'RFC 7515 §5.2', (w) => asserted(w).slice(0, -4)],
  ['no signature', 'RFC 7515 §5.2', (w) => asserted(w).replace(/\.[^.]*$/, '.')],
  ['an ID token', 'RFC 8725 §3.11', (w) => w.idToken],
  ['an access token', 'RFC 8725 §3.11', (w) => w.jwtAccessToken],
  ['20,000 characters', 'CWE-770', () => `${'a'.repeat(20_000)}.b.c`],
];

type Row = readonly [string, string, (world: AttackWorld) => AttackRequest, AttackOutcome];

const basic = (id: string, secret: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

function introspectAs(
  world: AttackWorld,
  headers: Readonly<Record<string, string>>,
  form = {},
): AttackRequest {
  return { path: introspect, form: { token: world.accessToken, ...form }, headers };
}

const credentials: readonly Row[] = [
  ['no credentials', 'RFC 7662 §2.1', (w) => introspectAs(w, {}), json(401, 'invalid_client')],
  [
    'a wrong secret',
    'RFC 6749 §5.2',
    (w) => introspectAs(w, basic(w.api.clientId, 'wrong')),
    json(401, 'invalid_client'),
  ],
  [
    'an empty secret',
    'CVE-2023-6927',
    (w) => introspectAs(w, basic(w.api.clientId, '')),
    json(401, 'invalid_client'),
  ],
  [
    "another client's secret",
    'RFC 6749 §2.3.1',
    (w) => introspectAs(w, basic(w.api.clientId, w.web.clientSecret)),
    json(401, 'invalid_client'),
  ],
  [
    'a secret with a NUL behind it',
    'CWE-158',
    (w) => introspectAs(w, basic(w.api.clientId, `${w.api.clientSecret}\0`)),
    json(401, 'invalid_client'),
  ],
  [
    'a secret in capitals',
    'RFC 6749 §2.3.1',
    (w) => introspectAs(w, basic(w.api.clientId, w.api.clientSecret.toUpperCase())),
    json(401, 'invalid_client'),
  ],
  [
    'SQL as client_id',
    'CWE-89',
    (w) => introspectAs(w, basic("x' or '1'='1", 'x')),
    json(401, 'invalid_client'),
  ],
  [
    'Basic that is not base64',
    'RFC 7617 §2',
    (w) => introspectAs(w, { authorization: 'Basic %%%' }),
    json(401, 'invalid_client'),
  ],
  [
    'Basic without a colon',
    'RFC 7617 §2',
    (w) => introspectAs(w, { authorization: `Basic ${Buffer.from('x').toString('base64')}` }),
    json(401, 'invalid_client'),
  ],
  [
    'two methods at once',
    'RFC 6749 §2.3',
    (w) =>
      introspectAs(w, w.basicOf(w.api), { client_id: w.api.clientId, client_secret: w.api.clientSecret }),
    json(400, 'invalid_request'),
  ],
  [
    'another client_id beside Basic',
    'RFC 6749 §2.3',
    (w) => introspectAs(w, w.basicOf(w.api), { client_id: w.web.clientId }),
    json(400, 'invalid_request'),
  ],
  [
    'a public client',
    'RFC 7662 §2.1',
    (w) => introspectAs(w, {}, { client_id: w.spa.clientId }),
    json(403, 'unauthorized_client'),
  ],
  [
    'a confidential client without its secret',
    'RFC 6749 §3.2.1',
    (w) => introspectAs(w, {}, { client_id: w.web.clientId }),
    json(401, 'invalid_client'),
  ],
  [
    'a machine user',
    'RFC 7662 §2.1',
    (w) => introspectAs(w, w.basicOf(w.robot)),
    json(403, 'unauthorized_client'),
  ],
  [
    'a secret for a client of keys',
    'RFC 6749 §2.3',
    (w) => introspectAs(w, basic(w.keyed.clientId, 'x')),
    json(401, 'invalid_client'),
  ],
  [
    'a certificate header of a stranger',
    'RFC 8705 §6.5',
    (w) =>
      introspectAs(w, { 'client-cert': ':MIIB:', 'x-client-cert': 'MIIB' }, { client_id: w.web.clientId }),
    json(401, 'invalid_client'),
  ],
];

const number = (index: number): string => String(index + 1).padStart(2, '0');

/** Attacks on client authentication. */
export const clientAttacks: readonly AttackCase[] = [
  ...assertions.map(
    ([what, source, make], index): AttackCase => ({
      id: `assertion-${number(index)}`,
      what: `client assertion with ${what}`,
      source,
      request: (world) => withAssertion(world, make(world)),
      outcome: json(401, 'invalid_client'),
    }),
  ),
  ...credentials.map(
    ([what, source, request, outcome], index): AttackCase => ({
      id: `client-${number(index)}`,
      what,
      source,
      request,
      outcome,
    }),
  ),
];
