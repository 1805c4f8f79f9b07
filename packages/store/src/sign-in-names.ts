import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import { isUniqueViolation } from './engine/engine.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** What of a new or changed user belongs to another: a name they sign in by, or the ID. */
export type TakenUserPart = 'login-name' | 'email' | 'id';

const partOf: Readonly<Record<string, TakenUserPart>> = {
  users_instance_id_login_name_canonical_key: 'login-name',
  sign_in_names_login_name: 'login-name',
  sign_in_names_email: 'email',
  users_pkey: 'id',
};

/** Which part of a user the database refused as another's; `undefined` when the error is about something else. */
export function takenUserPart(error: unknown): TakenUserPart | undefined {
  return Object.entries(partOf).find(([constraint]) => isUniqueViolation(error, constraint))?.[1];
}

/**
 * Whether a user signs in by a name: it is a login name or a verified e-mail address. The index decides when a user is
 * saved; this is for answers that should come before expensive work.
 */
export async function isSignInNameTaken(
  db: Kysely<Tables>,
  scope: Scope,
  canonical: string,
): Promise<boolean> {
  const { rows } = await sql`select from sign_in_names
    where instance_id = ${scope.instanceId} and name = ${canonical}`.execute(db);
  return rows.length > 0;
}

/** What the work of a save resolved to, or which part of the user is another's. */
export type Saved<T> =
  | { readonly kind: 'saved'; readonly value: T }
  | { readonly kind: 'taken'; readonly part: TakenUserPart };

/**
 * Saves a user. When a part of it is another's, nothing of the work remains and the transaction goes on: it is done inside
 * a savepoint.
 */
export async function saveUnlessTaken<T>(change: Change, work: () => Promise<T>): Promise<Saved<T>> {
  await sql`savepoint before_user`.execute(change.trx);
  let value: T;
  try {
    value = await work();
  } catch (error) {
    const part = takenUserPart(error);
    if (part === undefined) throw error;
    await sql`rollback to savepoint before_user`.execute(change.trx);
    return { kind: 'taken', part };
  }
  await sql`release savepoint before_user`.execute(change.trx);
  return { kind: 'saved', value };
}
