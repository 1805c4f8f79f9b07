import type { Change } from './change.ts';

/** A new organization. */
export async function insertOrganization(
  change: Change,
  input: { readonly id: string; readonly name: string; readonly primaryDomain: string },
): Promise<void> {
  await change.trx
    .insertInto('organizations')
    .values({ instanceId: change.scope.instanceId, ...input, createdAtMs: change.nowMs })
    .execute();
  await change.trx
    .insertInto('organizationDomains')
    .values({
      instanceId: change.scope.instanceId,
      organizationId: input.id,
      domain: input.primaryDomain,
      isVerified: true,
      verificationToken: '',
      createdAtMs: change.nowMs,
      verifiedAtMs: change.nowMs,
    })
    .execute();
  await change.record({
    type: 'organization.created',
    objectKind: 'organization',
    objectId: input.id,
    organizationId: input.id,
    detail: { name: input.name, primaryDomain: input.primaryDomain },
    reach: 'waking',
  });
}
