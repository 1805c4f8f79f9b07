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
  readonly count: number;
  readonly atMs: number;
}

/** Writes why introspections were answered in the negative, all of them or none: one statement, and nobody is woken. */
export async function insertRefusalReports(
  db: Kysely<Tables>,
  reports: readonly RefusalReport[],
): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map(({ scope, applicationId, clientId, tokenId, reason, count, atMs }) => ({
    instanceId: scope.instanceId,
    atMs,
    type: 'introspection.refused',
    objectKind: tokenId === undefined ? 'application' : 'token',
    objectId: tokenId ?? applicationId,
    organizationId: null,
    actorKind: 'client',
    actorId: clientId,
    ip: null,
    detail: JSON.stringify({ reason, count }),
    revokes: null,
    isWaking: false,
  }));
  await db.insertInto('events').values(rows).execute();
}
