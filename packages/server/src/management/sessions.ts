import type { Operations, ResponseOf } from '@latchkey/contract';
import {
  endSessions,
  endSessionsOf,
  findSessionRecord,
  listSessionRecords,
  type SessionRecord,
} from '@latchkey/store';
import { describeDevice } from '../platform/describe-device.ts';
import { notFound } from './admit.ts';
import type { Handlers } from './call.ts';
import { pageAnswer } from './list-answer.ts';

type Session = ResponseOf<Operations['getSession']>;

const at = (timeMs: number): string => new Date(timeMs).toISOString();

function toSession(record: SessionRecord): Session {
  const {
    isLive,
    authTimeMs,
    createdAtMs,
    lastSeenAtMs,
    expiresAtMs,
    endedAtMs,
    amr,
    applications,
    ...rest
  } = record;
  return {
    ...rest,
    state: isLive ? 'active' : 'ended',
    device: describeDevice(record.userAgent),
    amr: [...amr],
    applications: [...applications],
    authenticatedAt: at(authTimeMs),
    createdAt: at(createdAtMs),
    lastSeenAt: at(lastSeenAtMs),
    expiresAt: at(expiresAtMs),
    endedAt: endedAtMs === null ? null : at(endedAtMs),
  };
}

/** Carries the operations about sessions out. */
export const sessionHandlers: Handlers<'listSessions' | 'getSession' | 'endSession' | 'endUserSessions'> = {
  listSessions: async (call) => {
    const { deps, instance, reach, query, position: after, nowMs, caller } = call;
    const filter = { ...query, reach, callerId: caller.subject.user.id };
    const page = { limit: query.limit + 1, after, nowMs };
    const rows = await listSessionRecords(deps.store.db, instance.scope, filter, page);
    return pageAnswer(rows, query.limit, {
      item: toSession,
      position: (row) => [row.id, row.id],
      cursorAfter: call.cursorAfter,
    });
  },
  getSession: async ({ deps, instance, path, nowMs }) => {
    const record = await findSessionRecord(deps.store.db, instance.scope, path.sessionId, nowMs);
    if (record === undefined) throw notFound('session', path.sessionId);
    return toSession(record);
  },
  endSession: async ({ change, path }) => {
    await change((under) => endSessions(under, [path.sessionId], 'ended-by-manager'));
    return undefined;
  },
  endUserSessions: async ({ change, path }) => {
    await change((under) => endSessionsOf(under, path.userId, 'ended-by-manager'));
    return undefined;
  },
};
