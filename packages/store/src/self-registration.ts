import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import { saveUnlessTaken } from './sign-in-names.ts';
import type { Tables } from './tables.ts';
import type { NewUser } from './users.ts';

/** How a request names an organization; by neither, any will do. */
export interface WantedOrganization {
  readonly organizationId?: string;
  /** Its primary domain, in lower case. */
  readonly organizationDomain?: string;
}

/**
 * The organization people register themselves into: the wanted one, or the first of the instance. `undefined` when there
 * is no such active one.
 */
export async function findRegistrationOrganization(
  db: Kysely<Tables>,
  scope: Scope,
  wanted: WantedOrganization,
): Promise<{ readonly id: string; readonly name: string } | undefined> {
  const { organizationId, organizationDomain } = wanted;
  let query = db
    .selectFrom('organizations')
    .select(['id', 'name'])
    .where('instanceId', '=', scope.instanceId)
    .where('state', '=', 'active');
  if (organizationId !== undefined) query = query.where('id', '=', organizationId);
  if (organizationDomain !== undefined)
    query = query.where(sql<boolean>`lower(primary_domain) = ${organizationDomain}`);
  return await query.orderBy('createdAtMs').orderBy('id').limit(1).executeTakeFirst();
}

/** A person who has registered themselves; `emailCanonical` and `loginNameCanonical` are what they will be known by. */
export type RegisteredUser = Pick<
  NewUser,
  | 'id'
  | 'organizationId'
  | 'loginName'
  | 'loginNameCanonical'
  | 'displayName'
  | 'givenName'
  | 'familyName'
  | 'email'
  | 'emailCanonical'
  | 'preferredLanguage'
> & { readonly passwordHash: string };

/** A person who registers, unless another user signs in by the name. Of several at once one gets it. */
export async function insertRegisteredUser(
  change: Change,
  input: RegisteredUser,
): Promise<'inserted' | 'taken'> {
  const { instanceId } = change.scope;
  const saved = await saveUnlessTaken(change, () =>
    change.trx
      .insertInto('users')
      .values({
        ...input,
        kind: 'human',
        isEmailVerified: false,
        instanceId,
        createdAtMs: change.nowMs,
        updatedAtMs: change.nowMs,
      })
      .execute(),
  );
  if (saved.kind === 'taken') return 'taken';
  await change.record({
    type: 'user.created',
    objectKind: 'user',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { kind: 'human', loginName: input.loginName, isSelfRegistered: true },
    reach: 'waking',
  });
  return 'inserted';
}
