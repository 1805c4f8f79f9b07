import { z } from 'zod';
import { id, pageOf, pageQuery } from './fields.ts';
import type { Operation } from './operation.ts';
import { userCredentialOperations } from './user-credential-operations.ts';
import {
  consent,
  importedUser,
  importResult,
  metadataKey,
  metadataValue,
  newUser,
  user,
  userChange,
  userKind,
  userMetadata,
  userState,
  userSummary,
} from './user-schema.ts';

const tag = 'Users';
const path = z.strictObject({ userId: id });
const target = { kind: 'object', object: 'user', name: 'userId' } as const;
// Whoever changes these can sign in as the user, or will be sent what brings a lost password back.
const identifying = ['loginName', 'email', 'isEmailVerified', 'phone', 'isPhoneVerified'] as const;
const reading = { tag, permission: 'user.read', target } as const;
const writing = { tag, permission: 'user.write', target, actsOn: 'user' } as const;
const parent = {
  kind: 'parent',
  object: 'organization',
  name: 'organizationId',
  otherwise: 'own-organization',
} as const;

const main = {
  listUsers: {
    tag,
    summary: 'List users',
    permission: 'user.read',
    target: { kind: 'reachable' },
    query: z.strictObject({
      ...pageQuery,
      organizationId: id.optional(),
      kind: userKind.optional(),
      state: userState.optional(),
      search: z.string().trim().max(200).optional().meta({
        description: 'Beginning of the login name, e-mail address, display name or family name',
      }),
      sort: z
        .enum(['createdAt', '-createdAt', 'displayName', '-displayName'])
        .default('createdAt')
        .meta({ description: 'A minus turns the order around' }),
    }),
    response: pageOf(userSummary),
    status: 200,
    problems: ['cursor-invalid'],
  },
  createUser: {
    tag,
    summary: 'Create a person or a machine',
    description:
      'A kind and a login name are enough. A person without a password cannot sign in yet. A login name or verified address in a domain that another organization has verified is refused.',
    permission: 'user.write',
    target: parent,
    body: newUser,
    example: { organizationId: '1', kind: 'human', loginName: 'erika@example.com', givenName: 'Erika' },
    response: user,
    status: 201,
    problems: ['not-found', 'invalid-input', 'already-exists', 'conflict', 'password-refused'],
  },
  importUsers: {
    tag,
    summary: 'Import users of another system',
    description:
      'Up to 100 a call, with password hashes as they were. Each is created or refused by itself and the answer tells which; a body that is not as described is refused as a whole.',
    permission: 'user.write',
    target: parent,
    body: z.strictObject({
      organizationId: id.optional().meta({ description: 'Your own when left out' }),
      users: z.array(importedUser).min(1).max(100),
    }),
    example: {
      organizationId: '1',
      users: [{ kind: 'human', loginName: 'max@example.com', givenName: 'Max' }],
    },
    response: z.object({
      created: z.number().int(),
      refused: z.number().int(),
      items: z.array(importResult),
    }),
    status: 200,
    problems: ['not-found', 'invalid-input'],
  },
  getUser: {
    ...reading,
    self: 'allowed',
    summary: 'Show a user',
    path,
    response: user,
    status: 200,
    versioned: true,
    problems: ['not-found'],
  },
  updateUser: {
    ...writing,
    freshness: { recentFor: identifying },
    summary: 'Change a user',
    path,
    body: userChange,
    example: { displayName: 'Erika' },
    response: user,
    status: 200,
    versioned: true,
    problems: ['not-found', 'invalid-input', 'already-exists', 'conflict', 'stale-version'],
  },
  activateUser: {
    ...writing,
    summary: 'Activate a user',
    path,
    response: user,
    status: 200,
    problems: ['not-found'],
  },
  deactivateUser: {
    ...writing,
    summary: 'Deactivate a user',
    description: 'Sessions end and tokens die at once; the user can be activated again.',
    path,
    response: user,
    status: 200,
    problems: ['not-found', 'last-owner'],
  },
  lockUser: {
    ...writing,
    summary: 'Lock a user out',
    description: 'Like deactivating, told apart in lists: somebody suspects that the account is misused.',
    path,
    response: user,
    status: 200,
    problems: ['not-found', 'last-owner'],
  },
  unlockUser: {
    ...writing,
    summary: 'Let a locked user in again',
    description: 'Failed attempts are forgotten as well.',
    path,
    response: user,
    status: 200,
    problems: ['not-found', 'conflict'],
  },
  removeUser: {
    tag,
    freshness: 'recent',
    permission: 'user.remove',
    target,
    actsOn: 'user',
    summary: 'Remove a user for good',
    description:
      'With authorizations, manager roles, sessions, keys, secrets and tokens. The login name is free again.',
    path,
    status: 204,
    problems: ['not-found', 'last-owner'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

const parts = {
  listUserMetadata: {
    ...reading,
    self: 'allowed',
    summary: 'List metadata of a user',
    path,
    query: z.strictObject(pageQuery),
    response: pageOf(userMetadata),
    status: 200,
    problems: ['not-found', 'cursor-invalid'],
  },
  setUserMetadata: {
    ...writing,
    summary: 'Set a metadata value of a user',
    path: z.strictObject({ userId: id, key: metadataKey }),
    body: z.strictObject({ value: metadataValue }),
    example: { value: 'MTIzNA==' },
    response: userMetadata,
    status: 200,
    problems: ['not-found', 'invalid-input', 'conflict'],
  },
  removeUserMetadata: {
    ...writing,
    summary: 'Remove a metadata value of a user',
    path: z.strictObject({ userId: id, key: metadataKey }),
    status: 204,
    problems: ['not-found'],
  },
  listConsents: {
    ...reading,
    self: 'allowed',
    summary: 'List what a person has let applications have',
    path,
    query: z.strictObject(pageQuery),
    response: pageOf(consent),
    status: 200,
    problems: ['not-found', 'cursor-invalid'],
  },
  removeConsent: {
    ...writing,
    self: 'allowed',
    summary: 'Take a consent back',
    description: 'The application is asked about again; what it holds of the person is dead.',
    path: z.strictObject({ userId: id, applicationId: id }),
    status: 204,
    problems: ['not-found'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** Operations about people and machines. */
export const userOperations = { ...main, ...parts, ...userCredentialOperations } as const;
