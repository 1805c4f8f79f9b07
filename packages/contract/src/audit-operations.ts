import { z } from 'zod';
import { id, pageOf, pageQuery, timestamp } from './fields.ts';
import type { Operation } from './operation.ts';

const tag = 'Audit';
const reachable = { tag, permission: 'event.read', target: { kind: 'reachable' } } as const;
const eventType = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z][a-z0-9.-]*$/, 'must be an event type such as user.created');

/** An event of the log. */
export const event = z.object({
  id: z.string().meta({ description: 'Its place in the log' }),
  type: z.string(),
  at: timestamp,
  objectKind: z.string(),
  objectId: z.string(),
  objectName: z.string().nullable(),
  organizationId: z.string().nullable(),
  actorKind: z.enum(['user', 'client', 'system', 'operator']),
  actorId: z.string(),
  actorName: z.string().nullable(),
  actingUsers: z
    .array(z.object({ id: z.string(), name: z.string().nullable() }))
    .meta({ description: 'Who acted as the actor by impersonation, the present one first' }),
  ip: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
});

const outcome = z.enum(['succeeded', 'failed', 'refused']);

/** A sign-in, or an attempt at one. */
export const signIn = z.object({
  id: z.string(),
  at: timestamp,
  outcome: z.enum(['succeeded', 'failed']),
  userId: z.string(),
  loginName: z.string(),
  displayName: z.string(),
  applicationName: z.string().nullable().meta({ description: 'The first application it led to' }),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  endedAt: timestamp.nullable(),
});

/** A step of a sign-in's story. */
export const signInStep = z.object({
  at: timestamp,
  kind: z.enum(['password', 'session', 'consent', 'application', 'refresh', 'introspection', 'end']),
  outcome,
  title: z.string().meta({ description: 'What happened, in a sentence' }),
  detail: z.string().nullable(),
  claims: z
    .array(z.object({ name: z.string(), reason: z.string() }))
    .optional()
    .meta({ description: 'What the tokens tell, and what put it there' }),
});

/** What is counted. */
export const usageMetric = z.enum([
  'sign-ins',
  'sign-in-failures',
  'active-users',
  'tokens-issued',
  'introspections-active',
  'introspections-inactive',
]);

const check = z.object({
  check: z.enum([
    'token',
    'kind',
    'expiry',
    'revocation',
    'user',
    'organization',
    'application',
    'caller',
    'audience',
  ]),
  outcome: z.enum(['passed', 'failed', 'unknown']),
  detail: z.string(),
  fix: z.string().nullable(),
});

/** Operations that read what happened. */
export const auditOperations = {
  listEvents: {
    ...reachable,
    summary: 'List what happened, newest first',
    query: z.strictObject({
      ...pageQuery,
      type: eventType.optional().meta({ description: 'One type, or the beginning of several such as user.' }),
      objectKind: z.string().max(50).optional(),
      objectId: z.string().max(100).optional(),
      actorId: z.string().max(200).optional(),
      organizationId: id.optional(),
      from: timestamp.optional(),
      to: timestamp.optional(),
      asOf: timestamp
        .optional()
        .meta({ description: 'Nothing later, so that the log does not move while you page' }),
    }),
    response: pageOf(event),
    status: 200,
    problems: ['cursor-invalid', 'invalid-input'],
  },
  listEventTypes: {
    ...reachable,
    summary: 'List the types of events there are',
    response: z.object({ items: z.array(z.object({ type: z.string() })) }),
    status: 200,
    problems: [],
  },
  listSignIns: {
    ...reachable,
    summary: 'List sign-ins and failed attempts, newest first',
    query: z.strictObject({
      ...pageQuery,
      userId: id.optional(),
      outcome: z.enum(['succeeded', 'failed']).optional(),
    }),
    response: pageOf(signIn),
    status: 200,
    problems: ['cursor-invalid', 'invalid-input'],
  },
  getSignIn: {
    ...reachable,
    summary: 'Tell the story of a sign-in',
    description:
      'Password attempts, the session, the applications it led to with the reason for each claim, what APIs were told about its tokens, and its end.',
    path: z.strictObject({ signInId: z.string().min(1).max(60) }),
    response: z.object({ signIn, steps: z.array(signInStep) }),
    status: 200,
    problems: ['not-found'],
  },
  getUsage: {
    tag,
    summary: 'Count sign-ins, failures, active users and token traffic',
    permission: 'event.read',
    target: { kind: 'instance' },
    query: z.strictObject({
      metric: usageMetric,
      from: timestamp.optional().meta({ description: '30 days ago when left out' }),
      to: timestamp.optional().meta({ description: 'Now when left out' }),
      step: z.enum(['hour', 'day']).default('day'),
    }),
    response: z.object({
      metric: usageMetric,
      step: z.enum(['hour', 'day']),
      points: z.array(z.object({ at: timestamp, count: z.number().int() })),
      total: z.number().int(),
    }),
    status: 200,
    problems: ['invalid-input'],
  },
  getFirstRun: {
    tag,
    summary: 'Tell whether a project has seen its first sign-in and introspection',
    permission: 'project.read',
    target: { kind: 'object', object: 'project', name: 'projectId' },
    path: z.strictObject({ projectId: id }),
    response: z.object({
      frontEnds: z.number().int(),
      apis: z.number().int(),
      firstSignInAt: timestamp.nullable(),
      firstIntrospectionAt: timestamp.nullable(),
      lastRefusal: z
        .object({
          applicationId: id,
          type: z.enum(['authorization.refused', 'token.refused', 'client.refused']),
          at: timestamp,
          reason: z.string(),
          redirectUri: z.string().nullable(),
        })
        .nullable()
        .meta({ description: 'What an application of the project was refused last, within the last hour' }),
    }),
    status: 200,
    problems: ['not-found'],
  },
  explainToken: {
    tag,
    summary: 'Say whether an API would be told that a token is active, and why not',
    permission: 'event.read',
    target: { kind: 'instance' },
    body: z.strictObject({
      token: z.string().min(1).max(33_000),
      clientId: z.string().min(1).max(500).meta({ description: 'The client id of the API that asks' }),
    }),
    example: { token: 'lk_at_example', clientId: '1' },
    response: z.object({
      verdict: z.enum(['active', 'inactive']),
      summary: z.string(),
      checks: z.array(check),
    }),
    status: 200,
    problems: ['invalid-input'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
