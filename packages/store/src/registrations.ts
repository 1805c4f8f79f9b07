import type { ProjectFacts } from '@latchkey/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { ApplicationSettings, NewApplication } from './applications.ts';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { ApplicationRow, Tables } from './tables.ts';

/** An initial access token that may still be used (RFC 7591 §1.2). */
export interface InitialAccessToken {
  readonly id: string;
  readonly projectId: string;
}

/** A new initial access token, by its SHA-256 in hex. */
export async function insertInitialAccessToken(
  change: Change,
  input: {
    readonly id: string;
    readonly sha256: string;
    readonly projectId: string;
    readonly usesLeft: number;
    readonly expiresAtMs: number;
  },
): Promise<void> {
  await change.trx
    .insertInto('initialAccessTokens')
    .values({ ...input, instanceId: change.scope.instanceId, createdAtMs: change.nowMs })
    .execute();
  await change.record({
    type: 'registration.token.created',
    objectKind: 'registration-token',
    objectId: input.id,
    detail: { projectId: input.projectId, usesLeft: input.usesLeft, expiresAtMs: input.expiresAtMs },
    reach: 'quiet',
  });
}

/** The initial access token of a hash, if it may still be used. */
export async function findInitialAccessToken(
  db: Kysely<Tables>,
  scope: Scope,
  sha256: string,
  nowMs: number,
): Promise<InitialAccessToken | undefined> {
  return await db
    .selectFrom('initialAccessTokens')
    .select(['id', 'projectId'])
    .where('instanceId', '=', scope.instanceId)
    .where('sha256', '=', sha256)
    .where('usesLeft', '>', 0)
    .where('expiresAtMs', '>', nowMs)
    .executeTakeFirst();
}

/** An initial access token as operators see it. */
export interface InitialAccessTokenRecord extends InitialAccessToken {
  readonly usesLeft: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** The initial access tokens that may still be used, newest first; `before` is the id the page before ended with. */
export async function listInitialAccessTokens(
  db: Kysely<Tables>,
  scope: Scope,
  page: { readonly limit: number; readonly before: string | undefined; readonly nowMs: number },
): Promise<readonly InitialAccessTokenRecord[]> {
  const { limit, before, nowMs } = page;
  return await db
    .selectFrom('initialAccessTokens')
    .select(['id', 'projectId', 'usesLeft', 'createdAtMs', 'expiresAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('usesLeft', '>', 0)
    .where('expiresAtMs', '>', nowMs)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Takes an initial access token back; what registered with it stays. */
export async function removeInitialAccessToken(change: Change, id: string): Promise<'removed' | 'not-found'> {
  const result = await change.trx
    .deleteFrom('initialAccessTokens')
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return 'not-found';
  await change.record({
    type: 'registration.token.removed',
    objectKind: 'registration-token',
    objectId: id,
    reach: 'quiet',
  });
  return 'removed';
}

/** Takes one use of an initial access token: of any number at once, as many succeed as uses were left. */
export async function consumeInitialAccessToken(change: Change, id: string): Promise<'consumed' | 'spent'> {
  const result = await change.trx
    .updateTable('initialAccessTokens')
    .set({ usesLeft: sql<number>`uses_left - 1` })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', id)
    .where('usesLeft', '>', 0)
    .where('expiresAtMs', '>', change.nowMs)
    .executeTakeFirst();
  return result.numUpdatedRows === 0n ? 'spent' : 'consumed';
}

/** A project as its applications see it. */
export async function findProject(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<ProjectFacts | undefined> {
  const row = await db
    .selectFrom('projects as p')
    .innerJoin('organizations as o', (join) =>
      join.onRef('o.instanceId', '=', 'p.instanceId').onRef('o.id', '=', 'p.organizationId'),
    )
    .select(['p.id', 'p.state', 'p.organizationId', 'p.roleAssertion', 'p.roleCheck', 'p.hasProjectCheck'])
    .select('o.state as organizationState')
    .where('p.instanceId', '=', scope.instanceId)
    .where('p.id', '=', id)
    .where('p.state', '<>', 'removed')
    .executeTakeFirst();
  // Those who registered themselves hear nothing of the roles and the other applications of the project.
  return row === undefined ? undefined : { ...row, roleKeys: [], clientIds: [] };
}

/** The organization an instance began with. Throws when the instance has none. */
export async function findFirstOrganization(
  db: Kysely<Tables>,
  scope: Scope,
): Promise<{ readonly id: string; readonly state: 'active' | 'inactive' | 'removed' }> {
  return await db
    .selectFrom('organizations')
    .select(['id', 'state'])
    .where('instanceId', '=', scope.instanceId)
    .orderBy('createdAtMs')
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** The project of applications that registered themselves, unless it is there already. */
export async function ensureRegistrationProject(
  change: Change,
  input: { readonly id: string; readonly organizationId: string; readonly name: string },
): Promise<void> {
  // Of several at once one makes it; the others wait for that and find it.
  const result = await change.trx
    .insertInto('projects')
    .values({ ...input, instanceId: change.scope.instanceId, createdAtMs: change.nowMs })
    .onConflict((conflict) => conflict.columns(['instanceId', 'id']).doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows === 0n) return;
  await change.record({
    type: 'project.created',
    objectKind: 'project',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { name: input.name, roles: [] },
    reach: 'waking',
  });
}

/** How many applications of a project registered themselves; no other registration there goes on before this change ends. */
export async function countRegistrations(change: Change, projectId: string): Promise<number> {
  const { instanceId } = change.scope;
  // Locks the project, but lets others refer to it meanwhile.
  await sql`select id from projects where instance_id = ${instanceId} and id = ${projectId} for no key update`.execute(
    change.trx,
  );
  const { count } = await change.trx
    .selectFrom('applications')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('instanceId', '=', instanceId)
    .where('projectId', '=', projectId)
    .where('registrationTokenSha256', 'is not', null)
    .where('state', '<>', 'removed')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** An application that registered itself, as it is stored. */
export type Registration = Selectable<ApplicationRow>;

/** An application that registered itself, by its client id and the hash of its registration access token. */
export async function findRegistration(
  db: Kysely<Tables>,
  scope: Scope,
  clientId: string,
  tokenSha256: string,
): Promise<Registration | undefined> {
  return await db
    .selectFrom('applications')
    .selectAll()
    .where('instanceId', '=', scope.instanceId)
    .where('clientId', '=', clientId)
    .where('registrationTokenSha256', '=', tokenSha256)
    .where('state', '=', 'active')
    .executeTakeFirst();
}

/** Replaces a registration and its token. Of any number at once with one token, one succeeds. */
export async function updateRegistration(
  change: Change,
  id: string,
  tokenSha256: string,
  settings: ApplicationSettings & { readonly registrationTokenSha256: string },
): Promise<'changed' | 'refused'> {
  const result = await change.trx
    .updateTable('applications')
    .set(settings)
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', id)
    .where('registrationTokenSha256', '=', tokenSha256)
    .where('state', '=', 'active')
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return 'refused';
  const { registrationTokenSha256: _, ...detail } = settings;
  await change.record({
    type: 'application.changed',
    objectKind: 'application',
    objectId: id,
    detail,
    reach: 'waking',
  });
  return 'changed';
}

/** Ends all secrets of an application. */
export async function removeClientSecrets(change: Change, ownerId: string): Promise<void> {
  const result = await change.trx
    .deleteFrom('clientSecrets')
    .where('instanceId', '=', change.scope.instanceId)
    .where('ownerId', '=', ownerId)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return;
  await change.record({
    type: 'client.secret.removed',
    objectKind: 'application',
    objectId: ownerId,
    reach: 'waking',
  });
}

/**
 * Keeps an application that describes itself by a document, so that a person's consent can name it; one that is there
 * already gets the settings of now, and keeps its state.
 */
export async function upsertDocumentApplication(change: Change, input: NewApplication): Promise<void> {
  const {
    id: _,
    clientId: _clientId,
    projectId: _projectId,
    organizationId: _organizationId,
    ...settings
  } = input;
  const { created } = await change.trx
    .insertInto('applications')
    .values({ ...input, instanceId: change.scope.instanceId, createdAtMs: change.nowMs })
    .onConflict((conflict) => conflict.columns(['instanceId', 'clientId']).doUpdateSet(settings))
    // Zero only in a row this statement has made.
    .returning(sql<boolean>`xmax = 0`.as('created'))
    .executeTakeFirstOrThrow();
  await change.record({
    type: created ? 'application.created' : 'application.changed',
    objectKind: 'application',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { name: input.name, type: input.type, clientId: input.clientId },
    reach: 'waking',
  });
}
