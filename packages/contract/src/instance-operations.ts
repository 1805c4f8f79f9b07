import { z } from 'zod';
import { id, name, pageOf, pageQuery, storedName, timestamp } from './fields.ts';
import type { Operation } from './operation.ts';

const tag = 'Instance';
const target = { kind: 'instance' } as const;
const reading = { tag, permission: 'instance.read', target } as const;
const writing = { tag, permission: 'instance.write', target } as const;

const origin = z
  .string()
  .max(300)
  .regex(/^https?:\/\/[^/?#@\s]+$/, 'must be scheme, host and port alone, such as https://login.example.com')
  .meta({
    description: 'Scheme, host and port; an issuer of the instance',
    example: 'https://login.example.com',
  });

const instance = z.object({
  id,
  name: storedName,
  issuer: z.string().meta({ description: 'The first address it answers at' }),
  managementProjectId: id.nullable(),
  version: z.string().meta({ description: 'The version of Latchkey that answers', example: '0.1.0' }),
  createdAt: timestamp,
});

const instanceDomain = z.object({
  host: z.string(),
  origin: z.string(),
  isPrimary: z.boolean(),
});

/** How signing keys sign. */
export const signingAlgorithm = z.enum([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]);

const webKey = z.object({
  keyId: z.string(),
  algorithm: signingAlgorithm,
  state: z.enum(['next', 'active', 'retiring', 'removed']),
  since: timestamp.meta({ description: 'In this state since' }),
  nextAt: timestamp.nullable().meta({
    description:
      'What happens next by itself, at the soonest: a waiting key may sign, another follows a signing one, a retiring one is taken out',
  }),
  rsaBits: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).nullable(),
});

const registrationToken = z.object({
  id,
  projectId: id.meta({ description: 'Where what registers with it goes' }),
  usesLeft: z.number().int(),
  createdAt: timestamp,
  expiresAt: timestamp,
});

const keyPath = z.strictObject({ keyId: z.string().min(1).max(200) });

/** Operations about the instance itself, its addresses and signing keys. */
export const instanceOperations = {
  getInstance: {
    ...reading,
    summary: 'Show the instance',
    response: instance,
    status: 200,
    versioned: true,
    problems: [],
  },
  updateInstance: {
    ...writing,
    freshness: 'recent',
    summary: 'Rename the instance',
    body: z.strictObject({ name: name.optional() }),
    example: { name: 'Acme sign-in' },
    response: instance,
    status: 200,
    versioned: true,
    problems: ['invalid-input', 'stale-version'],
  },
  listInstanceDomains: {
    ...reading,
    summary: 'List the addresses the instance answers at',
    response: z.object({ items: z.array(instanceDomain) }),
    status: 200,
    problems: [],
  },
  addInstanceDomain: {
    ...writing,
    freshness: 'recent',
    summary: 'Add an address',
    description: 'It becomes an issuer of its own; the console can be opened there as well.',
    body: z.strictObject({ origin }),
    example: { origin: 'https://login.example.com' },
    response: instanceDomain,
    status: 201,
    problems: ['invalid-input', 'already-exists'],
  },
  removeInstanceDomain: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove an address',
    description: 'Not the first one; the configuration (LATCHKEY_ISSUER) moves that.',
    path: z.strictObject({ host: z.string().min(1).max(300) }),
    status: 204,
    problems: ['not-found', 'conflict'],
  },
  listWebKeys: {
    ...reading,
    summary: 'List the signing keys',
    response: z.object({ items: z.array(webKey) }),
    status: 200,
    problems: [],
  },
  createWebKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Publish a new signing key',
    description: 'The first of an algorithm signs at once; another waits until it is activated.',
    body: z.strictObject({
      algorithm: signingAlgorithm,
      rsaBits: z
        .union([z.literal(2048), z.literal(3072), z.literal(4096)])
        .optional()
        .meta({
          description:
            'How long an RSA key is; as long as the one it follows when left out, 3072 for the first. Rotation keeps it',
        }),
    }),
    example: { algorithm: 'ES384' },
    response: webKey,
    status: 201,
    problems: ['invalid-input', 'conflict'],
  },
  activateWebKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Let a published key sign',
    description:
      'The one before it retires. Key sets kept by clients must have it first, unless `now` is set.',
    path: keyPath,
    body: z.strictObject({
      now: z.boolean().default(false).meta({ description: 'Also when clients may not have it yet' }),
    }),
    example: { now: false },
    response: webKey,
    status: 200,
    problems: ['not-found', 'invalid-input', 'conflict'],
  },
  retireWebKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Let a key retire',
    description: 'The next one takes over; what it signed counts until it ends.',
    path: keyPath,
    response: webKey,
    status: 200,
    problems: ['not-found', 'conflict'],
  },
  revokeWebKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Take a key out at once',
    description: 'For emergencies: everything it signed is dead, and a new key signs.',
    path: keyPath,
    status: 204,
    problems: ['not-found'],
  },
  listRegistrationTokens: {
    ...reading,
    summary: 'List initial access tokens that still count',
    description: 'Newest first; those that are used up or too old are left out, and no token itself is told.',
    query: z.strictObject(pageQuery),
    response: pageOf(registrationToken),
    status: 200,
    problems: ['cursor-invalid'],
  },
  removeRegistrationToken: {
    ...writing,
    freshness: 'recent',
    summary: 'Take an initial access token back',
    description: 'What registered with it stays.',
    path: z.strictObject({ registrationTokenId: id }),
    status: 204,
    problems: ['not-found'],
  },
  createRegistrationToken: {
    ...writing,
    freshness: 'recent',
    summary: 'Make an initial access token for dynamic registration',
    body: z.strictObject({
      uses: z.number().int().min(1).max(10_000).default(1),
      lifetimeSeconds: z.number().int().min(60).max(31_536_000).default(86_400),
    }),
    example: { uses: 1 },
    response: z.object({
      id,
      token: z.string(),
      projectId: id,
      uses: z.number().int(),
      expiresAt: timestamp,
    }),
    status: 201,
    secret: true,
    problems: ['invalid-input'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
