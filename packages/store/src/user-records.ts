import { type Kysely, type Selectable, sql } from 'kysely';
import { type Change, revocationOf } from './change.ts';
import { updateState } from './object-state.ts';
import type { Scope } from './scope.ts';
import { saveUnlessTaken, type TakenUserPart } from './sign-in-names.ts';
import type { Tables, UserRow } from './tables.ts';
import type { NewUser } from './users.ts';

/** A user as those see them who manage them. */
export interface UserRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly kind: 'human' | 'machine';
  readonly state: 'active' | 'inactive' | 'locked';
  readonly loginName: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly middleName: string | null;
  readonly nickname: string | null;
  readonly gender: 'female' | 'male' | 'diverse' | null;
  readonly birthdate: string | null;
  readonly preferredLanguage: string | null;
  readonly zoneinfo: string | null;
  readonly profileUrl: string | null;
  readonly pictureUrl: string | null;
  readonly website: string | null;
  /** Members of the address claim, by their wire names. */
  readonly address: Readonly<Record<string, string>> | null;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly phone: string | null;
  readonly isPhoneVerified: boolean;
  readonly accessTokenType: 'opaque' | 'jwt';
  readonly accessTokenSigningAlg: string;
  readonly accessTokenJwtType: 'at+jwt' | 'JWT' | null;
  readonly hasPassword: boolean;
  readonly isPasswordChangeRequired: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A user as `UserRecord` has them, as select expressions over `userRecordTables`. */
export const userRecordColumns = sql`u.id, u.organization_id, o.name as organization_name, u.kind, u.state, u.login_name,
  u.display_name, u.description, u.given_name, u.family_name, u.middle_name, u.nickname, u.gender, u.birthdate,
  u.preferred_language, u.zoneinfo, u.profile_url, u.picture_url, u.website, u.address, u.email, u.is_email_verified, u.phone,
  u.is_phone_verified, u.access_token_type, u.access_token_signing_alg, u.access_token_jwt_type, u.password_hash is not null as has_password, u.is_password_change_required,
  u.created_at_ms, u.updated_at_ms`;

/** Users `u` with their organizations `o`. */
export const userRecordTables = sql`users u join organizations o on o.instance_id = u.instance_id and o.id = u.organization_id`;

/** A user that was not removed. */
export async function findUserRecord(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<UserRecord | undefined> {
  const { rows } = await sql<UserRecord>`select ${userRecordColumns} from ${userRecordTables}
    where u.instance_id = ${scope.instanceId} and u.id = ${id} and u.state <> 'removed'`.execute(db);
  return rows[0];
}

/**
 * Keeps other changes of a user waiting until this one ends; resolves to the user as they then are. What else a change
 * reads of the user, such as manager roles, it reads in a later statement: one that waits sees other rows as they were.
 */
export async function lockUser(change: Change, id: string): Promise<UserRecord | undefined> {
  const { rows } = await sql<UserRecord>`select ${userRecordColumns} from ${userRecordTables}
    where u.instance_id = ${change.scope.instanceId} and u.id = ${id} and u.state <> 'removed'
    for no key update of u`.execute(change.trx);
  return rows[0];
}

/** Fields of a user that may change; `emailCanonical` and `loginNameCanonical` go with what they are made of. */
export type UserFields = Partial<
  Omit<
    UserRecord,
    | 'id'
    | 'organizationId'
    | 'organizationName'
    | 'kind'
    | 'state'
    | 'hasPassword'
    | 'isPasswordChangeRequired'
    | 'accessTokenSigningAlg'
    | 'createdAtMs'
    | 'updatedAtMs'
  >
> & {
  readonly accessTokenSigningAlg?: Tables['users']['accessTokenSigningAlg']['__select__'];
  readonly emailCanonical?: string | null;
  readonly loginNameCanonical?: string;
};

/** The user as changed, or what of the change is another's. */
export type UserUpdate =
  | { readonly kind: 'saved'; readonly user: UserRecord }
  | { readonly kind: 'taken'; readonly part: TakenUserPart };

/** Fields that decide by which names a user signs in: only their change can meet another user. */
const signInFields: readonly (keyof UserFields)[] = [
  'loginNameCanonical',
  'emailCanonical',
  'isEmailVerified',
];

async function saveFields(change: Change, id: string, fields: UserFields): Promise<UserRecord> {
  const { address, ...rest } = fields;
  const values = {
    ...rest,
    ...(address === undefined ? {} : { address: address === null ? null : JSON.stringify(address) }),
    updatedAtMs: change.nowMs,
  };
  const assignments = Object.entries(values).map(([name, value]) => sql`${sql.id(name)} = ${value}`);
  // Changes the one row and answers it, so that it need not be read again.
  const { rows } = await sql<UserRecord>`update users u set ${sql.join(assignments)} from organizations o
    where o.instance_id = u.instance_id and o.id = u.organization_id
      and u.instance_id = ${change.scope.instanceId} and u.id = ${id}
    returning ${userRecordColumns}`.execute(change.trx);
  const [user] = rows;
  if (user === undefined) throw new Error(`the user ${id}, which was locked, is gone`);
  return user;
}

/**
 * Changes fields of a locked user; the event tells old and new values. `taken` when the change would take a name somebody
 * else signs in by; nothing is changed then.
 */
export async function updateUser(
  change: Change,
  before: UserRecord,
  fields: UserFields,
): Promise<UserUpdate> {
  const known: Readonly<Record<string, unknown>> = { ...before };
  const isDerived = (name: string): boolean => name.endsWith('Canonical');
  const changed = Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => !isDerived(name) && JSON.stringify(known[name]) !== JSON.stringify(value),
    ),
  );
  if (Object.keys(changed).length === 0) return { kind: 'saved', user: before };
  const save = (): Promise<UserRecord> => saveFields(change, before.id, fields);
  const saved = signInFields.some((name) => fields[name] !== undefined)
    ? await saveUnlessTaken(change, save)
    : ({ kind: 'saved', value: await save() } as const);
  if (saved.kind === 'taken') return saved;
  await change.record({
    type: 'user.changed',
    objectKind: 'user',
    objectId: before.id,
    organizationId: before.organizationId,
    detail: {
      from: Object.fromEntries(Object.keys(changed).map((name) => [name, known[name]])),
      to: changed,
    },
    reach: 'waking',
  });
  return { kind: 'saved', user: saved.value };
}

/** Forgets failed attempts, so that nobody waits for a delay of before. */
export async function forgetFailedAttempts(change: Change, userId: string): Promise<void> {
  await change.trx
    .updateTable('users')
    .set({ failedAttempts: 0, lastFailedAtMs: 0 })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', userId)
    .execute();
}

/**
 * Removes a user for good: what they prove themselves by, roles and consents go, sessions end, tokens die, and the login
 * name is free again. The row stays for the log, without what is known of the person.
 */
export async function removeUser(change: Change, user: UserRecord): Promise<void> {
  const { instanceId } = change.scope;
  const { id, organizationId, loginName } = user;
  const tokens = await sql<{ id: string }>`delete from personal_access_tokens
    where instance_id = ${instanceId} and user_id = ${id} returning id`.execute(change.trx);
  for (const table of ['user_keys', 'user_metadata', 'memberships', 'consents'])
    await sql`delete from ${sql.table(table)} where instance_id = ${instanceId} and user_id = ${id}`.execute(
      change.trx,
    );
  await sql`delete from client_secrets where instance_id = ${instanceId} and owner_id = ${id}`.execute(
    change.trx,
  );
  await sql`update authorizations set state = 'removed'
    where instance_id = ${instanceId} and user_id = ${id} and state <> 'removed'`.execute(change.trx);
  await updateState(change, 'user', id, 'removed');
  await sql`update users set login_name_canonical = ${`removed:${id}`}, password_hash = null, email = null,
      email_canonical = null, is_email_verified = false, phone = null, is_phone_verified = false, given_name = null,
      family_name = null, middle_name = null, nickname = null, gender = null, birthdate = null, zoneinfo = null,
      profile_url = null, picture_url = null, website = null, address = null, description = null,
      preferred_language = null, updated_at_ms = ${change.nowMs}
    where instance_id = ${instanceId} and id = ${id}`.execute(change.trx);
  await change.record({
    type: 'user.removed',
    objectKind: 'user',
    objectId: id,
    organizationId,
    detail: { loginName, kind: user.kind },
    revokes: tokens.rows.map((token) => revocationOf('token', token.id, change.nowMs, 'forever')),
    reach: 'waking',
  });
}

/** A new user, unless a name they would sign in by or the ID is another's. Of several at once one gets it. */
export async function insertUserOnce(
  change: Change,
  input: NewUser & { readonly state?: UserRecord['state'] },
): Promise<'inserted' | TakenUserPart> {
  const { instanceId } = change.scope;
  const saved = await saveUnlessTaken(change, () =>
    change.trx
      .insertInto('users')
      .values({ ...input, instanceId, createdAtMs: change.nowMs, updatedAtMs: change.nowMs })
      .execute(),
  );
  if (saved.kind === 'taken') return saved.part;
  await change.record({
    type: 'user.created',
    objectKind: 'user',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { kind: input.kind, loginName: input.loginName },
    reach: 'waking',
  });
  return 'inserted';
}

/** What checking a user's own password needs. */
export type PasswordState = Pick<
  Selectable<UserRow>,
  'id' | 'organizationId' | 'passwordHash' | 'failedAttempts' | 'lastFailedAtMs'
>;

/** The password of a user, as it is stored. */
export async function findPasswordState(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
): Promise<PasswordState | undefined> {
  return await db
    .selectFrom('users')
    .select(['id', 'organizationId', 'passwordHash', 'failedAttempts', 'lastFailedAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('id', '=', userId)
    .where('state', '<>', 'removed')
    .executeTakeFirst();
}
