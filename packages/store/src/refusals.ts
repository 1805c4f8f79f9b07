import type { Kysely } from 'kysely';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** What was refused: a token an API asked about, or a request on the way to one. */
export type RefusalType =
  | 'introspection.refused'
  | 'sign-in.refused'
  | 'authorization.refused'
  | 'token.refused'
  | 'client.refused';

/** Something that was refused for one reason; `count` times since the last report. */
export interface RefusalReport {
  readonly type: RefusalType;
  readonly scope: Scope;
  /** Absent when no application has the client id. */
  readonly applicationId: string | undefined;
  /** Who asked, or said to. */
  readonly clientId: string;
  /** The token an introspection was about; absent when the text was no token of ours. */
  readonly tokenId?: string | undefined;
  readonly reason: string;
  /** The session the token or code came of, where it came of one. */
  readonly sessionId?: string | undefined;
  /** The organization of the token's user, or of the application. */
  readonly organizationId?: string | undefined;
  readonly ip?: string | undefined;
  /** What else the request said. */
  readonly facts?: Readonly<Record<string, string>>;
  readonly count: number;
  readonly atMs: number;
}

function objectOf({ tokenId, applicationId, clientId }: RefusalReport) {
  if (tokenId !== undefined) return { objectKind: 'token', objectId: tokenId };
  return applicationId === undefined
    ? { objectKind: 'client', objectId: clientId }
    : { objectKind: 'application', objectId: applicationId };
}

/** Writes what was refused and why, all of them or none: one statement, and nobody is woken. */
export async function insertRefusalReports(
  db: Kysely<Tables>,
  reports: readonly RefusalReport[],
): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map((report) => ({
    instanceId: report.scope.instanceId,
    atMs: report.atMs,
    type: report.type,
    ...objectOf(report),
    organizationId: report.organizationId ?? null,
    actorKind: 'client',
    actorId: report.clientId,
    ip: report.ip ?? null,
    detail: JSON.stringify({
      ...{ reason: report.reason, count: report.count, sessionId: report.sessionId },
      ...report.facts,
    }),
    revokes: null,
    isWaking: false,
  }));
  await db.insertInto('events').values(rows).execute();
}
