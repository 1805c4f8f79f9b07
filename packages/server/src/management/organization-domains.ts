import type { Operations, ResponseOf } from '@latchkey/contract';
import {
  addOrganizationDomain,
  findOrganizationRecord,
  listOrganizationDomains,
  lockOrganization,
  type OrganizationDomain,
  type OrganizationRecord,
  removeOrganizationDomain,
  setPrimaryDomain,
  verifyOrganizationDomain,
} from '@latchkey/store';
import { findDomainProof, proofOf } from '../platform/domain-proof.ts';
import { ApiError } from '../platform/errors.ts';
import { newSecret } from '../platform/random.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';

type Domain = ResponseOf<Operations['addOrganizationDomain']>;
type Named = Pick<CallOf<'verifyOrganizationDomain'>, 'deps' | 'instance' | 'path'>;

function toDomain(row: OrganizationDomain, primaryDomain: string): Domain {
  return {
    domain: row.domain,
    isVerified: row.isVerified,
    isPrimary: row.domain === primaryDomain,
    verification: row.isVerified ? null : proofOf(row.domain, row.verificationToken),
    createdAt: new Date(row.createdAtMs).toISOString(),
    verifiedAt: row.verifiedAtMs === null ? null : new Date(row.verifiedAtMs).toISOString(),
  };
}

interface Found {
  readonly organization: OrganizationRecord;
  readonly row: OrganizationDomain;
}

async function findDomain({ deps, instance, path }: Named): Promise<Found> {
  const { organizationId, domain } = path;
  const organization = await findOrganizationRecord(deps.store.db, instance.scope, organizationId);
  const rows = await listOrganizationDomains(deps.store.db, instance.scope, organizationId);
  const row = rows.find((each) => each.domain === domain);
  if (organization === undefined || row === undefined) throw notFound('domain', domain);
  return { organization, row };
}

async function shown(named: Named): Promise<Domain> {
  const { organization, row } = await findDomain(named);
  return toDomain(row, organization.primaryDomain);
}

async function verify(call: CallOf<'verifyOrganizationDomain'>): Promise<Domain> {
  const { row } = await findDomain(call);
  if (row.isVerified) return await shown(call);
  const proof = await findDomainProof(call.deps, {
    domain: row.domain,
    token: row.verificationToken,
    instanceId: call.instance.id,
  });
  if (proof.kind === 'missing')
    throw new ApiError(
      'conflict',
      `Neither the TXT record nor the file is there: ${proof.detail} DNS may need some minutes; try again then.`,
    );
  const outcome = await call.change((change) => verifyOrganizationDomain(change, call.path));
  if (outcome === 'of-another')
    throw new ApiError('already-exists', 'Another organization of this instance has verified the domain.', {
      errors: [{ pointer: '/domain', detail: 'belongs to another organization' }],
    });
  if (outcome === 'not-found') throw notFound('domain', row.domain);
  return await shown(call);
}

async function makePrimary(call: CallOf<'setPrimaryOrganizationDomain'>): Promise<Domain> {
  const { organizationId, domain } = call.path;
  await findDomain(call);
  await call.change(async (change) => {
    const organization = await lockOrganization(change, organizationId);
    const rows = await listOrganizationDomains(change.trx, change.scope, organizationId);
    const row = rows.find((each) => each.domain === domain);
    if (organization === undefined || row === undefined) throw notFound('domain', domain);
    if (!row.isVerified) throw new ApiError('conflict', `${domain} is not verified; verify it first.`);
    if (organization.primaryDomain !== domain)
      await setPrimaryDomain(change, { organizationId, domain, before: organization.primaryDomain });
  });
  return await shown(call);
}

/** Carries the operations about domains of organizations out. */
export const organizationDomainHandlers: Handlers<
  | 'listOrganizationDomains'
  | 'addOrganizationDomain'
  | 'verifyOrganizationDomain'
  | 'setPrimaryOrganizationDomain'
  | 'removeOrganizationDomain'
> = {
  listOrganizationDomains: async ({ deps, instance, path }) => {
    const organization = await findOrganizationRecord(deps.store.db, instance.scope, path.organizationId);
    const rows = await listOrganizationDomains(deps.store.db, instance.scope, path.organizationId);
    return { items: rows.map((row) => toDomain(row, organization?.primaryDomain ?? '')) };
  },
  addOrganizationDomain: async (call) => {
    const { organizationId } = call.path;
    const { domain } = call.body;
    const wanted = { organizationId, domain, verificationToken: newSecret('lk_domain_') };
    const outcome = await call.change((change) => addOrganizationDomain(change, wanted));
    if (outcome === 'already-there')
      throw new ApiError('already-exists', `The organization has the domain ${domain} already.`, {
        errors: [{ pointer: '/domain', detail: 'is there already' }],
      });
    return await shown({ ...call, path: { organizationId, domain } });
  },
  verifyOrganizationDomain: verify,
  setPrimaryOrganizationDomain: makePrimary,
  removeOrganizationDomain: async (call) => {
    const { organizationId, domain } = call.path;
    await call.change(async (change) => {
      const organization = await lockOrganization(change, organizationId);
      if (organization?.primaryDomain === domain)
        throw new ApiError('conflict', `${domain} is the primary domain; make another one primary first.`);
      if ((await removeOrganizationDomain(change, call.path)) === 'not-found')
        throw notFound('domain', domain);
    });
    return undefined;
  },
};
