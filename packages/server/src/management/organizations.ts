import { type Operations, organization as organizationSchema, type ResponseOf } from '@latchkey/contract';
import {
  type Change,
  dropOrganizationParts,
  findOrganizationClash,
  findOrganizationRecord,
  findPlace,
  insertOrganization,
  listOrganizationDependents,
  listOrganizationMetadata,
  listOrganizationRecords,
  lockOrganization,
  type OrganizationRecord,
  removeOrganizationMetadata,
  renameOrganization,
  setMembership,
  setOrganizationMetadata,
  updateState,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { chosenId } from './given-id.ts';
import { pageAnswer } from './list-answer.ts';
import { organizationDomainHandlers } from './organization-domains.ts';
import { refuseOwnersHome } from './owners.ts';

type Organization = ResponseOf<Operations['getOrganization']>;
type Home = Pick<CallOf<'getMe'>, 'deps' | 'instance'>;

/** The organization that holds the project of the management API. */
async function systemOrganizationId({ deps, instance }: Home): Promise<string | undefined> {
  const { managementProjectId } = instance.settings;
  if (managementProjectId === null) return undefined;
  const place = await findPlace(deps.store.db, instance.scope, 'project', managementProjectId);
  return place?.organizationId;
}

function toOrganization(record: OrganizationRecord, systemId: string | undefined): Organization {
  const { createdAtMs, ...rest } = record;
  return { ...rest, isSystem: rest.id === systemId, createdAt: new Date(createdAtMs).toISOString() };
}

async function shown(home: Home, record: OrganizationRecord | undefined, id: string): Promise<Organization> {
  if (record === undefined) throw notFound('organization', id);
  return toOrganization(record, await systemOrganizationId(home));
}

async function refuseSystemOrganization(home: Home, id: string): Promise<void> {
  if ((await systemOrganizationId(home)) === id)
    throw new ApiError(
      'conflict',
      'It holds the project of Latchkey itself, by which the console and this API are used; it must stay active.',
    );
}

function refuseClash(clash: 'name' | 'domain' | undefined): void {
  if (clash === undefined) return;
  const [pointer, what] =
    clash === 'name' ? (['/name', 'this name'] as const) : (['/primaryDomain', 'this domain'] as const);
  throw new ApiError('already-exists', `Another organization has ${what} already.`, {
    errors: [{ pointer, detail: 'is taken; choose another' }],
  });
}

/** A domain for an organization nobody gave one: its name in front of the instance's host. */
function domainFor(name: string, origin: string): string {
  const label = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${label === '' ? 'organization' : label}.${new URL(origin).hostname}`;
}

async function createOrganization(call: CallOf<'createOrganization'>): Promise<Organization> {
  const { instance, deps, body } = call;
  const { name, ownerUserId } = body;
  const primaryDomain = body.primaryDomain ?? domainFor(name, instance.origin);
  if (ownerUserId !== undefined) {
    const place = await findPlace(deps.store.db, instance.scope, 'user', ownerUserId);
    if (place === undefined)
      throw new ApiError('invalid-input', `There is no user ${ownerUserId}.`, {
        errors: [{ pointer: '/ownerUserId', detail: 'is no user of this instance' }],
      });
  }
  const { id, claim } = chosenId(call, body.id);
  const record = await call.change(async (change) => {
    await claim(change);
    refuseClash(await findOrganizationClash(change, { name, primaryDomain }));
    await insertOrganization(change, { id, name, primaryDomain });
    if (ownerUserId !== undefined)
      await setMembership(change, { objectKind: 'organization', objectId: id, userId: ownerUserId }, [
        'ORG_OWNER',
      ]);
    return await findOrganizationRecord(change.trx, change.scope, id);
  });
  return await shown(call, record, id);
}

async function changeOrganization(call: CallOf<'updateOrganization'>): Promise<Organization> {
  const { organizationId } = call.path;
  const systemId = await systemOrganizationId(call);
  const record = await call.change(async (change) => {
    const before = await lockOrganization(change, organizationId);
    if (before === undefined) throw notFound('organization', organizationId);
    call.checkVersion(organizationSchema, toOrganization(before, systemId));
    const { name } = call.body;
    if (name !== undefined) {
      refuseClash(await findOrganizationClash(change, { name, exceptId: organizationId }));
      await renameOrganization(change, before, name);
    }
    return await findOrganizationRecord(change.trx, change.scope, organizationId);
  });
  return await shown(call, record, organizationId);
}

async function setState(
  call: CallOf<'activateOrganization'> | CallOf<'deactivateOrganization'>,
  state: 'active' | 'inactive',
): Promise<Organization> {
  const { organizationId } = call.path;
  if (state === 'inactive') await refuseSystemOrganization(call, organizationId);
  const record = await call.change(async (change) => {
    if (state === 'inactive') await refuseOwnersHome(change, organizationId);
    await updateState(change, 'organization', organizationId, state);
    return await findOrganizationRecord(change.trx, change.scope, organizationId);
  });
  return await shown(call, record, organizationId);
}

async function removeIn(change: Change, id: string): Promise<void> {
  const record = await lockOrganization(change, id);
  if (record === undefined) throw notFound('organization', id);
  const dependents = await listOrganizationDependents(change, id);
  if (dependents.length > 0) {
    const what = dependents
      .map(({ kind, count }) => `${count} ${kind}${count === 1 ? '' : 's'}`)
      .join(' and ');
    throw new ApiError('has-dependents', `The organization ${record.name} has ${what}.`, { dependents });
  }
  await dropOrganizationParts(change, id);
  await updateState(change, 'organization', id, 'removed');
}

/** Carries the operations about organizations out. */
export const organizationHandlers: Handlers<
  | 'listOrganizations'
  | 'createOrganization'
  | 'getOrganization'
  | 'updateOrganization'
  | 'activateOrganization'
  | 'deactivateOrganization'
  | 'removeOrganization'
  | 'listOrganizationMetadata'
  | 'setOrganizationMetadata'
  | 'removeOrganizationMetadata'
  | keyof typeof organizationDomainHandlers
> = {
  listOrganizations: async (call) => {
    const { deps, instance, reach, query, position: after } = call;
    const ids = reach.kind === 'instance' ? undefined : reach.organizationIds;
    const page = { limit: query.limit + 1, after };
    const rows = await listOrganizationRecords(deps.store.db, instance.scope, { ...query, ids }, page);
    const systemId = await systemOrganizationId(call);
    return pageAnswer(rows, query.limit, {
      item: (row) => toOrganization(row, systemId),
      position: (row) => [row.sortKey, row.id],
      cursorAfter: call.cursorAfter,
    });
  },
  createOrganization,
  getOrganization: async (call) => {
    const { organizationId } = call.path;
    const { deps, instance } = call;
    return await shown(
      call,
      await findOrganizationRecord(deps.store.db, instance.scope, organizationId),
      organizationId,
    );
  },
  updateOrganization: changeOrganization,
  activateOrganization: (call) => setState(call, 'active'),
  deactivateOrganization: (call) => setState(call, 'inactive'),
  removeOrganization: async (call) => {
    const { organizationId } = call.path;
    await refuseSystemOrganization(call, organizationId);
    await call.change((change) => removeIn(change, organizationId));
    return undefined;
  },
  listOrganizationMetadata: async ({ deps, instance, path }) => {
    const rows = await listOrganizationMetadata(deps.store.db, instance.scope, path.organizationId);
    return { items: rows.map(({ key, value }) => ({ key, value: value.toString('base64') })) };
  },
  setOrganizationMetadata: async ({ change, path, body }) => {
    const entry = { ...path, value: Buffer.from(body.value, 'base64') };
    await change((inner) => setOrganizationMetadata(inner, entry));
    return { key: path.key, value: body.value };
  },
  removeOrganizationMetadata: async ({ change, path }) => {
    await change(async (inner) => {
      if ((await removeOrganizationMetadata(inner, path)) === 'not-found')
        throw notFound('metadata', path.key);
    });
    return undefined;
  },
  ...organizationDomainHandlers,
};
