import type { Operations, ResponseOf } from '@latchkey/contract';
import {
  type EventRecord,
  type FirstRun,
  findFirstRun,
  listEvents,
  listEventTypes,
  listSignInEvents,
  listSignIns,
  readActiveUsers,
  readUsage,
  type SignInRecord,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import type { Reach } from './access.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { explainToken } from './explain-token.ts';
import { pageAnswer } from './list-answer.ts';
import { tellSignIn } from './sign-in-story.ts';

type Event = ResponseOf<Operations['listEvents']>['items'][number];
type SignIn = ResponseOf<Operations['getSignIn']>['signIn'];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const stepsMs = { hour: hourMs, day: dayMs } as const;
const maximumPoints = 2000;

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function toEvent({ seq, atMs, actingUsers, ...rest }: EventRecord): Event {
  return { ...rest, actingUsers: [...actingUsers], id: String(seq), at: iso(atMs) };
}

function toSignIn({ atMs, endedAtMs, ...rest }: SignInRecord): SignIn {
  return { ...rest, at: iso(atMs), endedAt: endedAtMs === null ? null : iso(endedAtMs) };
}

function toLastRefusal({ atMs, ...rest }: NonNullable<FirstRun['lastRefusal']>) {
  return { ...rest, at: iso(atMs) };
}

/** The organizations whose events somebody may read; `undefined` for all. */
function organizationsOf(reach: Reach): readonly string[] | undefined {
  return reach.kind === 'instance' ? undefined : reach.organizationIds;
}

function seqOf(position: readonly (string | number)[] | undefined): number | undefined {
  return position === undefined ? undefined : Number(position[0]);
}

/** The earlier of the ends a reading of the log has. */
function endOf(to: string | undefined, asOf: string | undefined): number | undefined {
  const ends = [to, asOf].flatMap((text) => (text === undefined ? [] : [Date.parse(text)]));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

async function events(call: CallOf<'listEvents'>): Promise<ResponseOf<Operations['listEvents']>> {
  const { deps, instance, reach, query, position } = call;
  const { type, objectKind, objectId, actorId, organizationId, from, to, asOf } = query;
  // What introspections were told is written in the background; who reads the log now wants it there.
  await deps.refusals.flush();
  const filter = {
    ...{ type, objectKind, objectId, actorId, organizationId },
    organizationIds: organizationsOf(reach),
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: endOf(to, asOf),
  };
  const page = { limit: query.limit + 1, before: seqOf(position) };
  const rows = await listEvents(deps.store.db, instance.scope, filter, page);
  return pageAnswer(rows, query.limit, {
    item: toEvent,
    position: (row) => [row.seq],
    cursorAfter: call.cursorAfter,
  });
}

async function usage(call: CallOf<'getUsage'>): Promise<ResponseOf<Operations['getUsage']>> {
  const { deps, instance, query, nowMs } = call;
  const { metric, step } = query;
  await deps.usage.flush();
  const toMs = query.to === undefined ? nowMs : Date.parse(query.to);
  const fromMs = query.from === undefined ? toMs - 30 * dayMs : Date.parse(query.from);
  const stepMs = stepsMs[step];
  if (fromMs > toMs || (toMs - fromMs) / stepMs > maximumPoints)
    throw new ApiError(
      'invalid-input',
      `The time from \`from\` to \`to\` must be 0 to ${maximumPoints} steps.`,
      {
        errors: [{ pointer: '/query/from', detail: `must be at most ${maximumPoints} steps before the end` }],
      },
    );
  const span = { fromMs, toMs, stepMs };
  const points =
    metric === 'active-users'
      ? await readActiveUsers(deps.store.db, instance.scope, span)
      : await readUsage(deps.store.db, instance.scope, metric, span);
  return {
    metric,
    step,
    points: points.map(({ atMs, count }) => ({ at: iso(atMs), count })),
    total: points.reduce((sum, { count }) => sum + count, 0),
  };
}

/** Carries the operations that read what happened out. */
export const auditHandlers: Handlers<
  'listEvents' | 'listEventTypes' | 'listSignIns' | 'getSignIn' | 'getUsage' | 'getFirstRun' | 'explainToken'
> = {
  listEvents: events,
  listEventTypes: async ({ deps, instance, reach }) => {
    if (reach.kind === 'some' && reach.organizationIds.length === 0) return { items: [] };
    return { items: (await listEventTypes(deps.store.db, instance.scope)).map((type) => ({ type })) };
  },
  listSignIns: async (call) => {
    const { deps, instance, reach, query, position } = call;
    const { userId, outcome } = query;
    const filter = { organizationIds: organizationsOf(reach), userId, outcome };
    const page = { limit: query.limit + 1, before: seqOf(position) };
    const rows = await listSignIns(deps.store.db, instance.scope, filter, page);
    return pageAnswer(rows, query.limit, {
      item: toSignIn,
      position: (row) => [row.seq],
      cursorAfter: call.cursorAfter,
    });
  },
  getSignIn: async ({ deps, instance, reach, path }) => {
    const { signInId } = path;
    const filter = { organizationIds: organizationsOf(reach), id: signInId };
    await deps.refusals.flush();
    const [record] = await listSignIns(deps.store.db, instance.scope, filter, {
      limit: 1,
      before: undefined,
    });
    if (record === undefined) throw notFound('sign-in', signInId);
    const told = await listSignInEvents(deps.store.db, instance.scope, record);
    return { signIn: toSignIn(record), steps: await tellSignIn({ deps, instance }, record, told) };
  },
  getUsage: usage,
  getFirstRun: async ({ deps, instance, path, nowMs }) => {
    await Promise.all([deps.usage.flush(), deps.refusals.flush()]);
    const found = await findFirstRun(deps.store.db, instance.scope, path.projectId, nowMs - hourMs);
    const { frontEnds, apis, firstSignInAtMs, firstIntrospectionAtMs, lastRefusal } = found;
    return {
      frontEnds,
      apis,
      firstSignInAt: firstSignInAtMs === null ? null : iso(firstSignInAtMs),
      firstIntrospectionAt: firstIntrospectionAtMs === null ? null : iso(firstIntrospectionAtMs),
      lastRefusal: lastRefusal === null ? null : toLastRefusal(lastRefusal),
    };
  },
  explainToken,
};
