import type { Kysely } from 'kysely';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Tokens an API asked about and was told nothing of, for one reason; `count` times since the last report. */
export interface RefusalReport {
  readonly scope: Scope;
  readonly applicationId: string;
  readonly clientId: string;
  /** Absent when the text was no token of ours. */
  readonly tokenId: string | undefined;
  readonly reason: string;
  /** `introspection.refused` when left out; or an application a signed-in person was not let in to. */
  readonly type?: 'introspection.refused' | 'sign-in.refused';
  /** The session the token came of, where it came of one. */
  readonly sessionId?: string | undefined;
  /** The organization of the token's user. */
  readonly organizationId?: string | undefined;
  readonly count: number;
  readonly atMs: number;
}

/** Writes why introspections were answered in the negative, all of them or none: one statement, and nobody is woken. */
export async function insertRefusalReports(
  db: Kysely<Tables>,
  reports: readonly RefusalReport[],
): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map(({ count, atMs, ...report }) => ({
    instanceId: report.scope.instanceId,
    atMs,
    type: report.type ?? 'introspection.refused',
    objectKind: report.tokenId === undefined ? 'application' : 'token',
    objectId: report.tokenId ?? report.applicationId,
    organizationId: report.organizationId ?? null,
    actorKind: 'client',
    actorId: report.clientId,
    ip: null,
    detail: JSON.stringify({ reason: report.reason, count, sessionId: report.sessionId }),
    revokes: null,
    isWaking: false,
  }));
  await db.insertInto('events').values(rows).execute();
}
