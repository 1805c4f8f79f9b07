import { sign } from 'node:crypto';
import { signAssertion } from '@latchkey/testkit';
import { type AttackCase, type AttackRequest, numbered, problem, type Row, refused } from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { api, authorize, token } from './requests.ts';

type Body = string | object;

const invalidInput = problem(400, 'invalid-input');
const malformedJson = problem(400, 'malformed-json');
const unicode = 'RFC 7493 §2.1';

/** A call of the management API by an instance owner; a text is sent as it is written. */
function byOwner(
  method: string,
  path: string | ((world: AttackWorld) => string),
  body?: Body,
): AttackCase['send'] {
  return async (world): Promise<AttackRequest> => {
    const accessToken = await world.tokenFor(world.people.instanceOwner);
    const request = api(accessToken, method, typeof path === 'string' ? path : path(world));
    if (body === undefined) return request;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { ...request, body: text, headers: { ...request.headers, 'content-type': 'application/json' } };
  };
}

const bodies: readonly (readonly [
  attack: string,
  body: string,
  expected: typeof invalidInput,
  reason: RegExp,
])[] = [
  ['a byte order mark', '\ufeff{"name":"Acme"}', malformedJson, /byte order mark/],
  ['two values', '{"name":"Acme"}{"name":"Evil"}', malformedJson, /not JSON/],
  ['a comment', '{"name":"Acme"/**/}', malformedJson, /not JSON/],
  ['NaN', '{"name":NaN}', malformedJson, /not JSON/],
  [
    '10,000 lists in one another',
    `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    invalidInput,
    /nested/,
  ],
  [
    '10,000 objects in one another',
    `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    invalidInput,
    /nested/,
  ],
  ['a member twice', '{"name":"Acme","name":"Evil"}', invalidInput, /\/name is there twice/],
  ['a member twice, once escaped', '{"name":"Acme","\\u006eame":"Evil"}', invalidInput, /twice/],
  [
    '__proto__',
    '{"name":"Acme","__proto__":{"isSystem":true}}',
    invalidInput,
    /__proto__ is a name that is not allowed/,
  ],
  [
    'constructor.prototype',
    '{"name":"Acme","constructor":{"prototype":{"a":1}}}',
    invalidInput,
    /constructor is a name that is not allowed/,
  ],
  ['a number no double holds', '{"name":1e999}', invalidInput, /out of range/],
  ['a list where an object belongs', '[]', invalidInput, /expected object/],
];

const json: readonly Row[] = bodies.map(([attack, body, expected, reason]) => [
  `${attack} in the body of createOrganization`,
  'RFC 7493 §2, security.md, oracles',
  byOwner('POST', '/organizations', body),
  expected,
  { reason },
]);

const anybody: Row = [
  '10,000 lists in one another in the body of createOrganization, by a person who manages nothing',
  'CWE-674',
  async (w) => {
    const request = api(await w.tokenFor(w.shop.ada), 'POST', '/organizations');
    const body = `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    return { ...request, body, headers: { ...request.headers, 'content-type': 'application/json' } };
  },
  invalidInput,
  { reason: /nested/ },
];

const badTexts: readonly (readonly [attack: string, text: string])[] = [
  ['half a surrogate pair', 'Ac\ud800me'],
  ['the other half', '\udc00Acme'],
  ['NUL', 'Ac\0me'],
  ['a line break', 'Ac\nme'],
  ['a line separator', 'Ac\u2028me'],
  ['an escape', 'Ac\u001bme'],
  ['a mark that turns the direction', 'Ac\u202eme'],
  ['nothing but spaces', ' \u3000 '],
];

const named: readonly (readonly [what: string, send: (name: string) => AttackCase['send']])[] = [
  ['an organization', (name) => byOwner('POST', '/organizations', { name })],
  [
    'a renamed organization',
    (name) => byOwner('PATCH', (w) => `/organizations/${w.shop.organizationId}`, { name }),
  ],
  ['a project', (name) => byOwner('POST', '/projects', { name })],
  ['a renamed project', (name) => byOwner('PATCH', (w) => `/projects/${w.shop.project.id}`, { name })],
  [
    'a role',
    (displayName) =>
      byOwner('POST', (w) => `/projects/${w.shop.project.id}/roles`, { key: 'odd', displayName }),
  ],
  [
    'a renamed role',
    (displayName) => byOwner('PATCH', (w) => `/projects/${w.shop.project.id}/roles/nothing`, { displayName }),
  ],
  ['a role key', (key) => byOwner('POST', (w) => `/projects/${w.shop.project.id}/roles`, { key })],
  [
    'an application',
    (name) => async (world, door) =>
      await byOwner('POST', '/applications', { projectId: world.shop.project.id, type: 'api', name })(
        world,
        door,
      ),
  ],
  ['a renamed application', (name) => byOwner('PATCH', (w) => `/applications/${w.shop.web.id}`, { name })],
  ['the instance', (name) => byOwner('PATCH', '/instance', { name })],
  ['a person', (loginName) => byOwner('POST', '/users', { kind: 'human', loginName })],
  [
    'the given name of a person',
    (givenName) => byOwner('POST', '/users', { kind: 'human', loginName: 'odd@example.com', givenName }),
  ],
  ['a renamed person', (displayName) => byOwner('PATCH', (w) => `/users/${w.shop.ada.id}`, { displayName })],
  [
    'a machine',
    (displayName) => byOwner('POST', '/users', { kind: 'machine', loginName: 'odd', displayName }),
  ],
];

const texts: readonly Row[] = named.flatMap(([what, send]) =>
  badTexts.map(
    ([attack, text]): Row => [`${attack} in the name of ${what}`, unicode, send(text), invalidInput],
  ),
);

const addresses: readonly string[] = [
  'https://[',
  'https://a\\b',
  'http://login.example.com',
  'https://user@login.example.com',
  'https://login.example.com.',
  'https://LOGIN.example.com',
  'https://login.example.com:443',
  'https://login.example.com/path',
  'https://münchen.example',
  'https://127.1',
  'https:login.example.com',
];

const urls: readonly Row[] = [
  ...addresses.map(
    (origin): Row => [
      `${origin} as an address of the instance`,
      'RFC 3986 §3.2',
      byOwner('POST', '/instance/domains', { origin }),
      invalidInput,
    ],
  ),
  ...[
    'https://[',
    'https://a\\b',
    'https://user@a.example',
    'https://a.example.',
    'javascript:alert(1)',
  ].flatMap((uri): readonly Row[] => [
    [
      `${uri} as a redirect URI`,
      'RFC 9700 §4.1',
      byOwner('PATCH', (w) => `/applications/${w.shop.spa.id}`, { redirectUris: [uri] }),
      invalidInput,
    ],
    [
      `${uri} as the website of a person`,
      'RFC 3986 §3.2',
      byOwner('POST', '/users', { kind: 'human', loginName: 'odd@example.com', website: uri }),
      invalidInput,
    ],
    [
      `${uri} as the help page of the sign-in`,
      'RFC 3986 §3.2',
      byOwner('PATCH', '/instance/settings', { login: { helpUrl: uri } }),
      invalidInput,
    ],
  ]),
];

const emails: readonly Row[] = [
  'ada@example.com.',
  '"ada"@example.com',
  'ada@[127.0.0.1]',
  'ada@example..com',
  'ada@exam\u200bple.com',
  'ada@example.com,eve@example.com',
].map((email) => [
  `${email} as the verified address of a second person`,
  'RFC 5321 §4.1.2',
  byOwner('POST', '/users', { kind: 'human', loginName: 'odd@example.com', email, isEmailVerified: true }),
  invalidInput,
]);

/** A page of organizations by a cursor that was changed. */
function byCursor(change: (cursor: string) => string): AttackCase['send'] {
  return async (world, door) => {
    const first = await byOwner('GET', '/organizations?limit=1')(world, door);
    const page: unknown = await (await door.send(first)).json();
    const cursor =
      typeof page === 'object' && page !== null && 'nextCursor' in page ? String(page.nextCursor) : '';
    return await byOwner('GET', `/organizations?limit=1&cursor=${change(cursor)}`)(world, door);
  };
}

const cursorInvalid = problem(400, 'cursor-invalid');
const cursors: readonly Row[] = [
  ['a cursor with a dot behind it', 'CWE-20', byCursor((cursor) => `${cursor}.`), cursorInvalid],
  ['a cursor with a third part', 'CWE-20', byCursor((cursor) => `${cursor}.e30`), cursorInvalid],
  ['a padded cursor', 'RFC 7515 §2', byCursor((cursor) => cursor.replace('.', '%3D.')), cursorInvalid],
  ['a cursor with a space before it', 'CWE-20', byCursor((cursor) => `%20${cursor}`), cursorInvalid],
  ['a cursor without its digest', 'CWE-20', byCursor((cursor) => cursor.split('.')[0] ?? ''), cursorInvalid],
];

const pieces = ['%', '%zz', '%C0%AF', '%ED%A0%80', '%FF', '%00', '%F4%90%80%80'];
const invalidRequest = refused(400, 'invalid_request');
const encodings: readonly Row[] = pieces.flatMap((piece): readonly Row[] => [
  [`${piece} in a query of the API`, 'RFC 3629 §3', byOwner('GET', `/users?search=${piece}`), invalidInput],
  [`${piece} in a path of the API`, 'RFC 3629 §3', byOwner('GET', `/users/${piece}`), invalidInput],
  [
    `${piece} in a form`,
    'RFC 3629 §3',
    () => ({ path: '/oauth/v2/token', form: `grant_type=client_credentials&client_id=${piece}` }),
    invalidRequest,
  ],
]);

const numbers: readonly Row[] = [
  '0x10',
  '1e1',
  '+5',
  '05',
  '5.0',
  '%D9%A5',
  '5%20',
  '-1',
  '201',
  '99999999999999999999',
].map((limit) => [`the limit ${limit}`, 'CWE-20', byOwner('GET', `/users?limit=${limit}`), invalidInput]);

const protocol: readonly Row[] = [
  [
    'a claims parameter with a member twice',
    'OpenID Connect Core §5.5, RFC 7493 §2.3',
    (w) => authorize(w, { claims: '{"id_token":{"acr":null,"acr":{"essential":true}}}' }),
    { kind: 'back', error: 'invalid_request', in: 'query' },
  ],
  [
    'a claims parameter 1,000 deep',
    'CWE-674',
    (w) => authorize(w, { claims: `{"id_token":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}` }),
    { kind: 'back', error: 'invalid_request', in: 'query' },
  ],
  [
    'a good client assertion whose header names alg twice',
    'RFC 7515 §4',
    (w) => {
      const { keyFile } = w.shop;
      const nowSeconds = Math.floor(w.near.clock.now() / 1000);
      const [, claims] = signAssertion(keyFile, { audience: w.near.issuer, nowSeconds }).split('.');
      const header = `{"alg":"none","kid":"${keyFile.keyId}","alg":"RS256"}`;
      const input = `${Buffer.from(header).toString('base64url')}.${claims}`;
      const signature = sign('sha256', Buffer.from(input), keyFile.key).toString('base64url');
      return token({
        ...{ grant_type: 'refresh_token', refresh_token: 'lk_rt_AAAA' },
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: `${input}.${signature}`,
      });
    },
    refused(401, 'invalid_client'),
  ],
];

/** What is refused by its schema alone, wherever it arrives. */
function atOneDoor(attack: AttackCase): AttackCase {
  return { ...attack, at: ['near'] };
}

/** Attacks on what reads requests: JSON, texts, addresses, e-mail addresses, cursors, percent-encoding. */
export const parserAttacks: readonly AttackCase[] = [
  ...numbered('json', [...json, anybody]),
  ...numbered('text', texts).map(atOneDoor),
  ...numbered('address', urls).map(atOneDoor),
  ...numbered('email', emails).map(atOneDoor),
  ...numbered('cursor', cursors),
  ...numbered('encoding', encodings),
  ...numbered('number', numbers),
  ...numbered('reader', protocol),
];
