import { type Kysely, type Selectable, sql } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A domain of an organization. */
export type OrganizationDomain = Omit<
  Selectable<Tables['organizationDomains']>,
  'instanceId' | 'organizationId'
>;

const columns = ['domain', 'isVerified', 'verificationToken', 'createdAtMs', 'verifiedAtMs'] as const;

/** The domains of an organization. */
export async function listOrganizationDomains(
  db: Kysely<Tables>,
  scope: Scope,
  organizationId: string,
): Promise<readonly OrganizationDomain[]> {
  return await db
    .selectFrom('organizationDomains')
    .select(columns)
    .where('instanceId', '=', scope.instanceId)
    .where('organizationId', '=', organizationId)
    .orderBy('domain')
    .execute();
}

/** Adds a domain, to be verified by its token. */
export async function addOrganizationDomain(
  change: Change,
  input: { readonly organizationId: string; readonly domain: string; readonly verificationToken: string },
): Promise<'added' | 'already-there'> {
  const result = await change.trx
    .insertInto('organizationDomains')
    .values({ ...input, instanceId: change.scope.instanceId, createdAtMs: change.nowMs })
    .onConflict((conflict) => conflict.columns(['instanceId', 'organizationId', 'domain']).doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) return 'already-there';
  const { organizationId, domain } = input;
  await change.record({
    type: 'organization.domain.added',
    objectKind: 'organization',
    objectId: organizationId,
    organizationId,
    detail: { domain },
    reach: 'quiet',
  });
  return 'added';
}

/** Marks a domain as shown to be the organization's. Of several organizations that claim it one gets it. */
export async function verifyOrganizationDomain(
  change: Change,
  named: { readonly organizationId: string; readonly domain: string },
): Promise<'verified' | 'not-found' | 'of-another'> {
  const { instanceId } = change.scope;
  const { organizationId, domain } = named;
  // The lock lets one organization at a time claim a name; the unique index is the belt beside it.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${instanceId} ${domain}`}, 0))`.execute(
    change.trx,
  );
  const owner = await change.trx
    .selectFrom('organizationDomains')
    .select('organizationId')
    .where('instanceId', '=', instanceId)
    .where('domain', '=', domain)
    .where('isVerified', '=', true)
    .executeTakeFirst();
  if (owner !== undefined && owner.organizationId !== organizationId) return 'of-another';
  const result = await change.trx
    .updateTable('organizationDomains')
    .set({ isVerified: true, verifiedAtMs: change.nowMs })
    .where('instanceId', '=', instanceId)
    .where('organizationId', '=', organizationId)
    .where('domain', '=', domain)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return 'not-found';
  await change.record({
    type: 'organization.domain.verified',
    objectKind: 'organization',
    objectId: organizationId,
    organizationId,
    detail: { domain },
    reach: 'waking',
  });
  return 'verified';
}

/** The organization that has verified a domain; `undefined` when none has. */
export async function findDomainOwner(
  db: Kysely<Tables>,
  scope: Scope,
  domain: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('organizationDomains')
    .select('organizationId')
    .where('instanceId', '=', scope.instanceId)
    .where('domain', '=', domain)
    .where('isVerified', '=', true)
    .executeTakeFirst();
  return row?.organizationId;
}

/** Makes a domain the primary one: login names and claims tell it. */
export async function setPrimaryDomain(
  change: Change,
  named: { readonly organizationId: string; readonly domain: string; readonly before: string },
): Promise<void> {
  const { organizationId, domain, before } = named;
  await change.trx
    .updateTable('organizations')
    .set({ primaryDomain: domain })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', organizationId)
    .execute();
  await change.record({
    type: 'organization.domain.primary',
    objectKind: 'organization',
    objectId: organizationId,
    organizationId,
    detail: { from: before, to: domain },
    reach: 'waking',
  });
}

/** Takes a domain away. */
export async function removeOrganizationDomain(
  change: Change,
  named: { readonly organizationId: string; readonly domain: string },
): Promise<'removed' | 'not-found'> {
  const { organizationId, domain } = named;
  const result = await change.trx
    .deleteFrom('organizationDomains')
    .where('instanceId', '=', change.scope.instanceId)
    .where('organizationId', '=', organizationId)
    .where('domain', '=', domain)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return 'not-found';
  await change.record({
    type: 'organization.domain.removed',
    objectKind: 'organization',
    objectId: organizationId,
    organizationId,
    detail: { domain },
    reach: 'waking',
  });
  return 'removed';
}
