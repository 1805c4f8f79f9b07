import { z } from 'zod';
import { givenId, id, timestamp } from './fields.ts';
import type { Operation } from './operation.ts';
import {
  changeRequired,
  newPersonalAccessToken,
  newUserKey,
  newUserSecret,
  personalAccessToken,
  userKey,
  userSecret,
} from './user-schema.ts';

const tag = 'Users';
const path = z.strictObject({ userId: id });
const target = { kind: 'object', object: 'user', name: 'userId' } as const;
const reading = { tag, permission: 'user.read', target } as const;
const writing = { tag, permission: 'user.credential.write', target, actsOn: 'user' } as const;
const expiresAt = timestamp.nullable().optional().meta({ description: 'Ends then; null or left out: never' });

/** Operations about what users prove themselves by. */
export const userCredentialOperations = {
  setUserPassword: {
    ...writing,
    freshness: 'recent',
    self: 'allowed',
    summary: 'Set a password',
    description:
      'All sessions of the person end. Whoever changes their own sends the current one; nobody gives a password to somebody who manages more than themselves.',
    path,
    body: z.strictObject({
      password: z.string().min(1).max(4096).meta({ description: 'Must meet the password policy' }),
      isPasswordChangeRequired: changeRequired,
      currentPassword: z
        .string()
        .max(4096)
        .optional()
        .meta({ description: 'Needed when you change your own' }),
    }),
    example: { password: 'correct horse battery staple' },
    status: 204,
    problems: ['not-found', 'invalid-input', 'password-refused', 'conflict'],
  },
  listUserKeys: {
    ...reading,
    summary: 'List the keys of a machine',
    path,
    response: z.object({ items: z.array(userKey) }),
    status: 200,
    problems: ['not-found'],
  },
  createUserKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Create a key for a machine',
    description: 'Answers with a key file, this once, unless you send a public key of your own.',
    path,
    body: z.strictObject({
      publicKey: z
        .union([z.string().min(1).max(20_000), z.record(z.string().max(100), z.unknown())])
        .optional()
        .meta({ description: 'A public key of yours, PEM or JWK; left out: one is made' }),
      id: givenId,
      expiresAt,
    }),
    example: {},
    response: newUserKey,
    status: 201,
    secret: true,
    problems: ['not-found', 'invalid-input', 'already-exists', 'conflict'],
  },
  removeUserKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove a key of a machine',
    path: z.strictObject({ userId: id, keyId: id }),
    status: 204,
    problems: ['not-found'],
  },
  listUserSecrets: {
    ...reading,
    summary: 'List the secrets of a machine',
    path,
    response: z.object({ items: z.array(userSecret) }),
    status: 200,
    problems: ['not-found'],
  },
  createUserSecret: {
    ...writing,
    freshness: 'recent',
    summary: 'Create or rotate the secret of a machine',
    description:
      'Those there were go on for `overlapSeconds`, so that nothing stops while you exchange them.',
    path,
    body: z.strictObject({
      overlapSeconds: z
        .number()
        .int()
        .min(0)
        .max(2_592_000)
        .default(86_400)
        .meta({ description: 'How long the present secrets go on, up to 30 days; 0: they end now' }),
      expiresAt,
    }),
    example: { overlapSeconds: 3600 },
    response: newUserSecret,
    status: 201,
    secret: true,
    problems: ['not-found', 'invalid-input', 'conflict'],
  },
  removeUserSecret: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove a secret of a machine',
    path: z.strictObject({ userId: id, secretId: id }),
    status: 204,
    problems: ['not-found'],
  },
  listPersonalAccessTokens: {
    ...reading,
    summary: 'List the personal access tokens of a machine',
    path,
    response: z.object({ items: z.array(personalAccessToken) }),
    status: 200,
    problems: ['not-found'],
  },
  createPersonalAccessToken: {
    ...writing,
    freshness: 'recent',
    summary: 'Create a personal access token for a machine',
    path,
    body: z.strictObject({
      expiresAt: timestamp.optional().meta({ description: 'In a year when left out' }),
      scopes: z
        .array(z.string().min(1).max(200))
        .max(50)
        .optional()
        .meta({ description: 'Usually left out: openid, profile and the dialect’s own' }),
    }),
    example: {},
    response: newPersonalAccessToken,
    status: 201,
    secret: true,
    problems: ['not-found', 'invalid-input', 'conflict'],
  },
  removePersonalAccessToken: {
    ...writing,
    freshness: 'recent',
    summary: 'Take a personal access token back',
    description: 'It is refused from now on.',
    path: z.strictObject({ userId: id, tokenId: id }),
    status: 204,
    problems: ['not-found'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
