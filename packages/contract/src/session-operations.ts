import { z } from 'zod';
import { id, pageOf, pageQuery, timestamp } from './fields.ts';
import type { Operation } from './operation.ts';

const tag = 'Sessions';
const path = z.strictObject({ sessionId: id });
const target = { kind: 'object', object: 'session', name: 'sessionId' } as const;
const sessionState = z
  .enum(['active', 'ended'])
  .meta({ description: '`ended`: signed out, ended by a manager, expired or unused for too long' });

/** A sign-in of a person in one browser. */
export const session = z.object({
  id,
  state: sessionState,
  userId: id,
  userLoginName: z.string(),
  userDisplayName: z.string(),
  organizationId: id,
  device: z.string().meta({ description: 'Browser and system, as far as they can be told' }),
  userAgent: z.string().nullable(),
  ip: z.string().nullable(),
  amr: z.array(z.string()).meta({ description: 'How the person proved themselves (RFC 8176)' }),
  applications: z
    .array(z.object({ id, name: z.string() }))
    .meta({ description: 'Those the person signed in to, up to 20' }),
  authenticatedAt: timestamp,
  createdAt: timestamp,
  lastSeenAt: timestamp,
  expiresAt: timestamp,
  endedAt: timestamp.nullable(),
});

/** Operations about sign-ins of people. */
export const sessionOperations = {
  listSessions: {
    tag,
    summary: 'List sessions',
    description: 'Of the people you manage; your own are always among them.',
    permission: 'session.read',
    target: { kind: 'reachable' },
    query: z.strictObject({
      ...pageQuery,
      userId: id.optional(),
      organizationId: id.optional(),
      state: sessionState.optional(),
      sort: z
        .enum(['createdAt', '-createdAt'])
        .default('-createdAt')
        .meta({ description: 'A minus turns the order around' }),
    }),
    response: pageOf(session),
    status: 200,
    problems: ['cursor-invalid'],
  },
  getSession: {
    tag,
    summary: 'Show a session',
    permission: 'session.read',
    self: 'allowed',
    target,
    path,
    response: session,
    status: 200,
    problems: ['not-found'],
  },
  endSession: {
    tag,
    summary: 'End a session',
    description: 'The person is signed out, tokens and refresh tokens of the session die at once.',
    permission: 'session.end',
    self: 'allowed',
    actsOn: 'user',
    target,
    path,
    status: 204,
    problems: ['not-found'],
  },
  endUserSessions: {
    tag,
    summary: 'End all sessions of a person',
    permission: 'session.end',
    self: 'allowed',
    actsOn: 'user',
    target: { kind: 'object', object: 'user', name: 'userId' },
    path: z.strictObject({ userId: id }),
    status: 204,
    problems: ['not-found'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
