import type { FailureRecord, Subject } from '@latchkey/identity';
import type { SigningAlgorithm } from '@latchkey/protocol';
import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { type Change, revocationOf } from './change.ts';
import { endSessionsOfUsers } from './end-user-sessions.ts';
import type { Scope } from './scope.ts';
import { type AttemptKey, type AttemptStep, type UndoneAttempt, undoneColumns } from './sign-in-attempts.ts';
import type { Tables, UserRow } from './tables.ts';

/** What a new user is made of. `loginNameCanonical` and `emailCanonical` are the spellings looked up by. */
export type NewUser = Omit<Insertable<UserRow>, 'instanceId' | 'createdAtMs' | 'updatedAtMs' | 'state'>;

/** A new user. Fails on the unique index when the login name is taken. */
export async function insertUser(change: Change, input: NewUser): Promise<void> {
  const { instanceId } = change.scope;
  await change.trx
    .insertInto('users')
    .values({ ...input, instanceId, createdAtMs: change.nowMs, updatedAtMs: change.nowMs })
    .execute();
  await change.record({
    type: 'user.created',
    objectKind: 'user',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { kind: input.kind, loginName: input.loginName },
    reach: 'waking',
  });
}

/** Sets one metadata value of a user. */
export async function upsertUserMetadata(
  change: Change,
  userId: string,
  key: string,
  value: Buffer,
): Promise<void> {
  await change.trx
    .insertInto('userMetadata')
    .values({ instanceId: change.scope.instanceId, userId, key, value })
    .onConflict((conflict) => conflict.columns(['instanceId', 'userId', 'key']).doUpdateSet({ value }))
    .execute();
  await change.record({
    type: 'user.metadata.set',
    objectKind: 'user',
    objectId: userId,
    detail: { key },
    reach: 'waking',
  });
}

/** Gives a user roles in a project. */
export async function insertAuthorization(
  change: Change,
  input: {
    readonly id: string;
    readonly userId: string;
    readonly projectId: string;
    readonly organizationId: string;
    readonly roleKeys: readonly string[];
  },
): Promise<void> {
  await change.trx
    .insertInto('authorizations')
    .values({
      ...input,
      roleKeys: [...input.roleKeys],
      instanceId: change.scope.instanceId,
      createdAtMs: change.nowMs,
    })
    .execute();
  await change.record({
    type: 'authorization.created',
    objectKind: 'user',
    objectId: input.userId,
    organizationId: input.organizationId,
    detail: { authorizationId: input.id, projectId: input.projectId, roleKeys: input.roleKeys },
    reach: 'waking',
  });
}

/** Replaces a password hash; every session ends, and what they issued. One that must be changed is good for one sign-in. */
export async function updatePasswordHash(
  change: Change,
  userId: string,
  passwordHash: string,
  next: 'is-their-own' | 'must-be-changed' = 'is-their-own',
): Promise<'changed' | 'not-found'> {
  const { instanceId } = change.scope;
  const isPasswordChangeRequired = next === 'must-be-changed';
  const result = await change.trx
    .updateTable('users')
    .set({
      passwordHash,
      isPasswordChangeRequired,
      passwordChangedAtMs: change.nowMs,
      failedAttempts: 0,
      lastFailedAtMs: 0,
      updatedAtMs: change.nowMs,
    })
    .where('instanceId', '=', instanceId)
    .where('id', '=', userId)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return 'not-found';
  await endSessionsOfUsers(change, sql`${userId}`);
  await change.record({
    type: 'user.password.changed',
    objectKind: 'user',
    objectId: userId,
    revokes: [revocationOf('user', userId, change.nowMs, 'so-far')],
    reach: 'waking',
  });
  return 'changed';
}

/** What checking a password needs of an account. */
export type LoginAccount = Pick<
  Selectable<UserRow>,
  | 'id'
  | 'organizationId'
  | 'loginName'
  | 'displayName'
  | 'passwordHash'
  | 'state'
  | 'failedAttempts'
  | 'lastFailedAtMs'
  | 'isPasswordChangeRequired'
  | 'passwordChangedAtMs'
> & {
  readonly organizationState: 'active' | 'inactive' | 'removed';
  readonly organizationDomain: string;
};

function selectLoginAccounts(db: Kysely<Tables>, { instanceId }: Scope) {
  return db
    .selectFrom('users as u')
    .innerJoin('organizations as o', (join) =>
      join.onRef('o.instanceId', '=', 'u.instanceId').onRef('o.id', '=', 'u.organizationId'),
    )
    .select([
      'u.id',
      'u.organizationId',
      'u.loginName',
      'u.displayName',
      'u.passwordHash',
      'u.state',
      'u.failedAttempts',
      'u.lastFailedAtMs',
      'u.isPasswordChangeRequired',
      'u.passwordChangedAtMs',
    ])
    .select(['o.state as organizationState', 'o.primaryDomain as organizationDomain'])
    .where('u.instanceId', '=', instanceId)
    .where('u.kind', '=', 'human')
    .where('u.state', '<>', 'removed');
}

/** A person by id. */
export async function findLoginAccountById(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<LoginAccount | undefined> {
  return await selectLoginAccounts(db, scope).where('u.id', '=', id).executeTakeFirst();
}

/** A login name wins over an address, although no two people have one. */
function selectByName(db: Kysely<Tables>, scope: Scope, name: string) {
  return selectLoginAccounts(db, scope)
    .where((eb) =>
      eb.or([
        eb('u.loginNameCanonical', '=', name),
        eb.and([eb('u.emailCanonical', '=', name), eb('u.isEmailVerified', '=', true)]),
      ]),
    )
    .orderBy(sql`u.login_name_canonical = ${name}`, 'desc')
    .limit(1);
}

/** A person by login name or verified e-mail address, in canonical spelling. */
export async function findLoginAccount(
  db: Kysely<Tables>,
  scope: Scope,
  name: string,
): Promise<LoginAccount | undefined> {
  return await selectByName(db, scope, name).executeTakeFirst();
}

/**
 * A person by a name they sign in by, and the attempts counted under a key, which is that of the name itself: one round
 * trip, whether or not there is such a person.
 */
export async function findSignIn(
  db: Kysely<Tables>,
  scope: Scope,
  name: string,
  key: AttemptKey,
): Promise<{ readonly account: LoginAccount | undefined; readonly attempts: FailureRecord }> {
  const { rows } = await sql<
    { [Column in keyof LoginAccount]: LoginAccount[Column] | null } & {
      attemptCount: number | null;
      attemptAtMs: number | null;
    }
  >`select a.*, t.failed_attempts as attempt_count, t.last_failed_at_ms as attempt_at_ms
    from (select 1) one left join lateral ${selectByName(db, scope, name)} a on true
    left join sign_in_attempts t on t.instance_id = ${scope.instanceId} and t.slot = ${key.slot}::integer
      and t.digest = ${key.digest}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the statement answers one row');
  const { attemptCount, attemptAtMs, ...account } = row;
  return {
    // cast: the columns of the account are null together, when there is none
    account: account.id === null ? undefined : (account as LoginAccount),
    attempts: { count: attemptCount ?? 0, lastAtMs: attemptAtMs ?? 0 },
  };
}

/**
 * Counts an attempt before its password is looked at, if the count still stands as it was read, and logs it: of many
 * attempts at once only as many pass as the limits allow. `false` means another attempt came between; read again.
 */
export async function reserveAttempt(
  db: Kysely<Tables>,
  scope: Scope,
  account: Pick<LoginAccount, 'id' | 'organizationId'>,
  { before, after, ip }: AttemptStep & { readonly ip: string },
): Promise<boolean> {
  const { instanceId } = scope;
  const { rows } = await sql<{ count: number }>`
    with counted as (
      update users set failed_attempts = ${after.count}::integer, last_failed_at_ms = ${after.lastAtMs}::bigint
      where instance_id = ${instanceId} and id = ${account.id}
        and failed_attempts = ${before.count}::integer and last_failed_at_ms = ${before.lastAtMs}::bigint
      returning id, failed_attempts),
    logged as (
      insert into events (instance_id, at_ms, type, object_kind, object_id, organization_id, actor_kind, actor_id, ip, detail, is_waking)
      select ${instanceId}, ${after.lastAtMs}::bigint, 'user.password.attempted', 'user', id, ${account.organizationId}, 'user', id, ${ip},
        jsonb_build_object('attempt', failed_attempts), false
      from counted)
    select count(*) as count from counted`.execute(db);
  return Number(rows[0]?.count ?? 0) === 1;
}

/** Replaces a hash by a stronger one of the same password, if it is still the one that was checked. */
export async function upgradePasswordHash(
  change: Change,
  userId: string,
  from: string,
  to: string,
): Promise<void> {
  await change.trx
    .updateTable('users')
    .set({ passwordHash: to })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', userId)
    .where('passwordHash', '=', from)
    .execute();
  await change.record({
    type: 'user.password.rehashed',
    objectKind: 'user',
    objectId: userId,
    reach: 'quiet',
  });
}

/** Takes back a counted attempt that was never made, or was right and began no session. */
export async function releaseAttempt(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
  undone: UndoneAttempt,
): Promise<void> {
  const { after, certainty } = undone;
  await db
    .updateTable('users')
    .set(undoneColumns(undone))
    .where('instanceId', '=', scope.instanceId)
    .where('id', '=', userId)
    .$if(certainty === 'perhaps', (query) =>
      query.where('failedAttempts', '=', after.count).where('lastFailedAtMs', '=', after.lastAtMs),
    )
    .execute();
}

interface SubjectExtras {
  organizationName: string;
  organizationDomain: string;
  organizationState: 'active' | 'inactive' | 'removed';
  authorizations: {
    projectId: string;
    organizationId: string;
    organizationDomain: string;
    roleKeys: string[];
  }[];
  metadata: Record<string, string>;
}

/** The columns of `subjectColumns` for one user. */
export type SubjectRow = Omit<Selectable<UserRow>, 'instanceId'> & SubjectExtras;

/**
 * A user with organization, metadata and the authorizations that count now (authorization, project, both organizations
 * and the project grant it was given through active), as select expressions over `users u` joined with `organizations o`.
 */
export const subjectColumns = sql`
  u.*, o.name as organization_name, o.primary_domain as organization_domain, o.state as organization_state,
  coalesce((
    select jsonb_agg(jsonb_build_object('projectId', a.project_id, 'organizationId', a.organization_id,
      'organizationDomain', ao.primary_domain, 'roleKeys', to_jsonb(a.role_keys)) order by a.id)
    from authorizations a
    join projects p on p.instance_id = a.instance_id and p.id = a.project_id and p.state = 'active'
    join organizations po on po.instance_id = p.instance_id and po.id = p.organization_id and po.state = 'active'
    join organizations ao on ao.instance_id = a.instance_id and ao.id = a.organization_id and ao.state = 'active'
    where a.instance_id = u.instance_id and a.user_id = u.id and a.state = 'active'
      and (a.project_grant_id is null or exists (select from project_grants g
        where g.instance_id = a.instance_id and g.id = a.project_grant_id and g.state = 'active'))), '[]') as authorizations,
  coalesce((
    select jsonb_object_agg(m.key, translate(encode(m.value, 'base64'), '+/=' || chr(10), '-_'))
    from user_metadata m where m.instance_id = u.instance_id and m.user_id = u.id), '{}') as metadata`;

/** A row of `subjectColumns` as the rules of identity take it. */
export function toSubject(row: SubjectRow): Subject {
  return {
    user: row,
    organization: {
      id: row.organizationId,
      name: row.organizationName,
      primaryDomain: row.organizationDomain,
      state: row.organizationState,
    },
    authorizations: row.authorizations,
    metadata: row.metadata,
  };
}

/** A user with everything their tokens' claims depend on, in one round trip. */
export async function findSubject(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
): Promise<Subject | undefined> {
  const { rows } = await sql<SubjectRow>`
    select ${subjectColumns}
    from users u join organizations o on o.instance_id = u.instance_id and o.id = u.organization_id
    where u.instance_id = ${scope.instanceId} and u.id = ${userId} and u.state <> 'removed'`.execute(db);
  const [row] = rows;
  return row === undefined ? undefined : toSubject(row);
}

/** A machine user that may authenticate with a secret, by login name (the dialect's client_id), or with a key. */
export interface MachineClient {
  readonly userId: string;
  readonly secrets: readonly {
    readonly id: string;
    readonly sha256: string | null;
    /** The hash of another system, until the secret is used. */
    readonly foreignHash: string | null;
    readonly expiresAtMs: number | null;
  }[];
  /** Public keys by which it gets tokens (RFC 7523 §2.1). */
  readonly keys: readonly {
    readonly keyId: string;
    readonly publicKeyPem: string;
    readonly expiresAtMs: number | null;
  }[];
  readonly accessTokenType: 'opaque' | 'jwt';
  readonly accessTokenSigningAlg: SigningAlgorithm;
  readonly accessTokenJwtType: 'at+jwt' | 'JWT' | null;
}

/** Finds a machine user by the canonical spelling of its login name, or by its id. */
export async function findMachineClient(
  db: Kysely<Tables>,
  scope: Scope,
  name: string,
): Promise<MachineClient | undefined> {
  return await db
    .selectFrom('users as u')
    .select(['u.id as userId', 'u.accessTokenType', 'u.accessTokenSigningAlg', 'u.accessTokenJwtType'])
    .select(
      sql<
        { id: string; sha256: string | null; foreignHash: string | null; expiresAtMs: number | null }[]
      >`coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'sha256', s.sha256, 'foreignHash', s.foreign_hash, 'expiresAtMs', s.expires_at_ms)) from client_secrets s where s.instance_id = u.instance_id and s.owner_id = u.id), '[]')`.as(
        'secrets',
      ),
    )
    .select(
      sql<
        MachineClient['keys']
      >`coalesce((select jsonb_agg(jsonb_build_object('keyId', k.id, 'publicKeyPem', k.public_key_pem, 'expiresAtMs', k.expires_at_ms)) from user_keys k where k.instance_id = u.instance_id and k.user_id = u.id), '[]')`.as(
        'keys',
      ),
    )
    .where('u.instanceId', '=', scope.instanceId)
    .where('u.kind', '=', 'machine')
    .where('u.state', '<>', 'removed')
    .where((eb) => eb.or([eb('u.loginNameCanonical', '=', name), eb('u.id', '=', name)]))
    .executeTakeFirst();
}
