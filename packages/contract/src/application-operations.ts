import { z } from 'zod';
import {
  application,
  applicationChange,
  applicationDelivery,
  applicationDraft,
  applicationKey,
  applicationSummary,
  applicationVerdict,
  clientSecret,
  newApplication,
  newApplicationKey,
  newClientSecret,
} from './application-schema.ts';
import { applicationSettingGroups, applicationType } from './application-settings.ts';
import { givenId, id, pageOf, pageQuery, state, timestamp } from './fields.ts';
import type { Operation } from './operation.ts';

const tag = 'Applications';
const path = z.strictObject({ applicationId: id });
const target = { kind: 'object', object: 'application', name: 'applicationId' } as const;
const reading = { tag, permission: 'application.read', target } as const;
const writing = { tag, permission: 'application.write', target } as const;
const { signOut, about } = applicationSettingGroups;
const expiresAt = timestamp.nullable().optional().meta({ description: 'Ends then; null or left out: never' });

const main = {
  listApplications: {
    tag,
    summary: 'List applications',
    permission: 'application.read',
    target: { kind: 'reachable' },
    query: z.strictObject({
      ...pageQuery,
      projectId: id.optional(),
      organizationId: id.optional(),
      type: applicationType.optional(),
      state: state.optional(),
      search: z
        .string()
        .trim()
        .max(200)
        .optional()
        .meta({ description: 'Part of the name, or the beginning of the client id' }),
      sort: z
        .enum(['createdAt', '-createdAt', 'name', '-name'])
        .default('createdAt')
        .meta({ description: 'A minus turns the order around' }),
    }),
    response: pageOf(applicationSummary),
    status: 200,
    problems: ['cursor-invalid'],
  },
  createApplication: {
    tag,
    freshness: 'recent',
    summary: 'Register an application',
    description:
      'Name, type and redirect URIs are enough; everything else has the defaults of the type. One that authenticates by a secret is answered with it, this once.',
    permission: 'application.write',
    target: { kind: 'parent', object: 'project', name: 'projectId' },
    body: newApplication,
    example: {
      projectId: '1',
      name: 'Shop',
      type: 'user_agent',
      redirectUris: ['https://shop.example.com/callback'],
    },
    response: application.extend({
      clientSecret: z.string().nullable().meta({ description: 'Shown this once; null where there is none' }),
    }),
    status: 201,
    secret: true,
    problems: ['not-found', 'invalid-input', 'unsafe-setting', 'already-exists', 'conflict'],
  },
  checkApplication: {
    tag,
    summary: 'Check settings without saving them',
    description:
      'Says what would be refused, what is unsafe and how to mend it, and which defaults are filled in.',
    permission: 'any',
    target: { kind: 'caller' },
    body: applicationDraft,
    example: { type: 'web', redirectUris: ['http://shop.example.com/callback'] },
    response: applicationVerdict,
    status: 200,
    problems: ['invalid-input'],
  },
  getApplication: {
    ...reading,
    summary: 'Show an application with all its settings',
    path,
    response: application,
    status: 200,
    versioned: true,
    problems: ['not-found'],
  },
  updateApplication: {
    ...writing,
    freshness: { recentExceptFor: ['name', ...Object.keys({ ...signOut, ...about })] },
    summary: 'Change settings of an application',
    description:
      'Takes effect at once. What the old settings allowed and the new ones do not ends: tokens, refresh tokens or secrets.',
    path,
    body: applicationChange,
    example: { name: 'Shop' },
    response: application,
    status: 200,
    versioned: true,
    problems: ['not-found', 'invalid-input', 'unsafe-setting', 'already-exists', 'conflict', 'stale-version'],
  },
  listApplicationDeliveries: {
    ...reading,
    summary: 'Show whether messages reach an application',
    description:
      'Logout tokens and CIBA notifications: how many wait to be sent, and the last one that did not arrive. One entry a kind.',
    path,
    response: z.object({ items: z.array(applicationDelivery) }),
    status: 200,
    problems: ['not-found'],
  },
  activateApplication: {
    ...writing,
    summary: 'Activate an application',
    path,
    response: application,
    status: 200,
    problems: ['not-found', 'conflict'],
  },
  deactivateApplication: {
    ...writing,
    summary: 'Deactivate an application',
    description: 'Nobody signs in to it any more and its tokens end at once; it can be activated again.',
    path,
    response: application,
    status: 200,
    problems: ['not-found', 'conflict'],
  },
  removeApplication: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove an application',
    description: 'For good: its tokens, secrets and keys end at once.',
    path,
    status: 204,
    problems: ['not-found', 'conflict'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

const secrets = {
  listApplicationSecrets: {
    ...reading,
    summary: 'List the secrets of an application',
    description: 'When each was made and when it ends; never the secrets themselves.',
    path,
    response: z.object({ items: z.array(clientSecret) }),
    status: 200,
    problems: ['not-found'],
  },
  createApplicationSecret: {
    ...writing,
    freshness: 'recent',
    summary: 'Make a new secret, rotating the old ones out',
    description:
      'The old secrets end now, or work on for `overlapSeconds` so that no request fails while the new one is rolled out.',
    path,
    body: z.strictObject({
      overlapSeconds: z.number().int().min(0).max(2_592_000).default(0).meta({
        description: 'How long the old secrets go on working, up to 30 days',
      }),
      expiresAt,
    }),
    example: { overlapSeconds: 3600 },
    response: newClientSecret,
    status: 201,
    secret: true,
    problems: ['not-found', 'invalid-input', 'conflict'],
  },
  removeApplicationSecret: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove a secret',
    path: path.extend({ secretId: id }),
    status: 204,
    problems: ['not-found', 'conflict'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

const keys = {
  listApplicationKeys: {
    ...reading,
    summary: 'List the public keys of an application',
    path,
    response: z.object({ items: z.array(applicationKey) }),
    status: 200,
    problems: ['not-found'],
  },
  createApplicationKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Make or upload a key of an application',
    description:
      'Without `publicKey` a pair is made and the private half is answered as a key file, this once. For `private_key_jwt`.',
    path,
    body: z.strictObject({
      publicKey: z
        .union([z.string().min(1).max(10_000), z.looseObject({ kty: z.string().max(20) })])
        .optional()
        .meta({ description: 'A public key of your own: PEM, or a JWK' }),
      id: givenId,
      expiresAt,
    }),
    example: { expiresAt: null },
    response: newApplicationKey,
    status: 201,
    secret: true,
    problems: ['not-found', 'invalid-input', 'already-exists', 'conflict'],
  },
  removeApplicationKey: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove a key of an application',
    description: 'Assertions signed by it are refused at once.',
    path: path.extend({ keyId: id }),
    status: 204,
    problems: ['not-found', 'conflict'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** Operations about applications, their secrets and keys. */
export const applicationOperations = { ...main, ...secrets, ...keys } as const;
