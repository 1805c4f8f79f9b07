import { applicationSettings } from '@latchkey/contract';
import { applicationDefaults } from '@latchkey/protocol';
import { ApiError } from '../../platform/errors.ts';
import type { Invoker } from '../invoked.ts';
import { exportAudience } from './apply-audience.ts';
import { isSame } from './difference.ts';
import { type MetadataOwner, metadataForFile, presentMetadata } from './metadata.ts';

const maximumUsers = 10_000;

type Fields = Readonly<Record<string, unknown>>;

function without(record: Fields, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(
      ([name, value]) => !names.includes(name) && value !== null && value !== undefined && !isSame(value, []),
    ),
  );
}

function list(name: string, items: readonly unknown[]): Record<string, unknown> {
  return items.length === 0 ? {} : { [name]: items };
}

function stateOf({ state }: { readonly state: string }): Record<string, unknown> {
  return state === 'active' ? {} : { state };
}

async function exportMetadata(
  invoker: Invoker,
  owner: Pick<MetadataOwner, 'kind' | 'id'>,
): Promise<Record<string, unknown>> {
  const metadata = metadataForFile(await presentMetadata({ invoker }, owner));
  return Object.keys(metadata).length === 0 ? {} : { metadata };
}

const byName = <T extends { readonly name: string }>(a: T, b: T): number => (a.name < b.name ? -1 : 1);

async function exportApplication(invoker: Invoker, applicationId: string): Promise<Fields> {
  const record: Fields = await invoker.call('getApplication', { path: { applicationId } });
  const type = record.type as 'user_agent' | 'web' | 'native' | 'api'; // cast: the schema of the answer says so
  const usual: Fields = { ...applicationDefaults(type) };
  const settings = Object.keys(applicationSettings)
    .filter((name) => name !== 'name' && !isSame(record[name], usual[name], name))
    .map((name) => [name, record[name] ?? null]);
  return {
    name: record.name,
    type,
    ...stateOf({ state: String(record.state) }),
    ...Object.fromEntries(settings),
  };
}

async function exportManagers(
  invoker: Invoker,
  id: 'listInstanceManagers' | 'listOrganizationManagers' | 'listProjectManagers',
  path: Fields,
): Promise<Record<string, unknown>> {
  const managers = await invoker.all(id, { path });
  const told = managers.map(({ loginName, roles }) => ({ user: loginName, roles: [...roles].sort() }));
  return list(
    'managers',
    told.sort((a, b) => (a.user < b.user ? -1 : 1)),
  );
}

async function exportProject(
  invoker: Invoker,
  project: {
    readonly id: string;
    readonly name: string;
    readonly state: string;
  } & Parameters<typeof exportAudience>[1] &
    Fields,
  options: { readonly users: 'all' | 'machines' | 'none' },
): Promise<Fields> {
  const path = { projectId: project.id };
  const roles = await invoker.all('listRoles', { path });
  const applications = await invoker.all('listApplications', { query: path });
  const grants = await invoker.all('listProjectGrants', { path });
  const authorizations =
    options.users === 'all' ? await invoker.all('listAuthorizations', { query: path }) : [];
  const exported: Fields[] = [];
  for (const { id } of [...applications].sort(byName)) exported.push(await exportApplication(invoker, id));
  const { name, roleAssertion, roleCheck, hasProjectCheck } = project;
  return {
    name,
    ...stateOf(project),
    ...(roleAssertion === true ? { roleAssertion } : {}),
    ...(roleCheck === true ? { roleCheck } : {}),
    ...(hasProjectCheck === true ? { hasProjectCheck } : {}),
    ...(await exportAudience(invoker, project)),
    ...list(
      'roles',
      roles.map((role) => without(role, role.displayName === role.key ? ['displayName'] : [])),
    ),
    ...list('applications', exported),
    ...list(
      'grants',
      grants.map((grant) => ({
        organization: grant.organizationName,
        roles: [...grant.roleKeys].sort(),
        ...stateOf(grant),
      })),
    ),
    ...list(
      'authorizations',
      authorizations
        .map((each) => ({ user: each.userLoginName, roles: [...each.roleKeys].sort(), ...stateOf(each) }))
        .sort((a, b) => (a.user < b.user ? -1 : 1)),
    ),
    ...(options.users === 'all' ? await exportManagers(invoker, 'listProjectManagers', path) : {}),
  };
}

const untoldOfUsers = [
  'id',
  'organizationId',
  'organizationName',
  'createdAt',
  'updatedAt',
  'hasPassword',
] as const;

async function exportUsers(
  invoker: Invoker,
  organizationId: string,
  which: 'all' | 'machines' | 'none',
): Promise<readonly Fields[]> {
  if (which === 'none') return [];
  const query = which === 'machines' ? { organizationId, kind: 'machine' } : { organizationId };
  const users = await invoker.all('listUsers', { query });
  if (users.length > maximumUsers)
    throw new ApiError(
      'conflict',
      `There are more than ${maximumUsers} users; export with users=machines or users=none.`,
    );
  const told: Fields[] = [];
  for (const { id } of [...users].sort((a, b) => (a.loginName < b.loginName ? -1 : 1))) {
    const record = await invoker.call('getUser', { path: { userId: id } });
    const ofOther =
      record.kind === 'human'
        ? ['description', 'accessTokenType', 'accessTokenSigningAlg', 'accessTokenJwtType']
        : ['isEmailVerified', 'isPhoneVerified'];
    const usual = Object.entries(record).filter(
      ([name, value]) =>
        (name === 'state' && value === 'active') ||
        (name === 'accessTokenType' && value === 'opaque') ||
        (name === 'accessTokenSigningAlg' && value === 'RS256') ||
        value === false,
    );
    const plain = without(record, [...untoldOfUsers, ...ofOther, ...usual.map(([name]) => name)]);
    told.push({ ...plain, ...(await exportMetadata(invoker, { kind: 'user', id })) });
  }
  return told;
}

function ownSettings(own: Fields): Record<string, unknown> {
  const groups = without(own, []);
  return Object.keys(groups).length === 0 ? {} : { settings: groups };
}

async function exportOrganization(
  invoker: Invoker,
  organization: {
    readonly id: string;
    readonly name: string;
    readonly primaryDomain: string;
    readonly isSystem: boolean;
  },
  options: { readonly users: 'all' | 'machines' | 'none' },
): Promise<Fields> {
  const path = { organizationId: organization.id };
  const { own } = await invoker.call('getOrganizationSettings', { path });
  const projects = (await invoker.all('listProjects', { query: path })).filter(({ isSystem }) => !isSystem);
  const told: Fields[] = [];
  for (const project of [...projects].sort(byName)) told.push(await exportProject(invoker, project, options));
  const managers =
    options.users === 'all' ? await exportManagers(invoker, 'listOrganizationManagers', path) : {};
  return {
    ...ownSettings(own),
    ...managers,
    ...(await exportMetadata(invoker, { kind: 'organization', id: organization.id })),
    ...list('users', await exportUsers(invoker, organization.id, options.users)),
    ...list('projects', told),
  };
}

/** Everything of the instance as a document that makes it again: sorted, without secrets, ids and what is usual. */
export async function exportDocument(
  invoker: Invoker,
  options: { readonly users: 'all' | 'machines' | 'none' },
): Promise<Record<string, unknown> & { version: 1 }> {
  const instance = await invoker.call('getInstance');
  const settings = await invoker.call('getInstanceSettings');
  const organizations = await invoker.all('listOrganizations');
  const first = organizations.find(({ isSystem }) => isSystem) ?? organizations[0];
  const others: Fields[] = [];
  for (const each of organizations.filter(({ id }) => id !== first?.id).sort(byName))
    others.push({
      name: each.name,
      primaryDomain: each.primaryDomain,
      ...stateOf(each),
      ...(await exportOrganization(invoker, each, options)),
    });
  const managers = options.users === 'all' ? await exportManagers(invoker, 'listInstanceManagers', {}) : {};
  return {
    version: 1,
    instance: { name: instance.name, settings: without(settings, []), ...managers },
    ...(first === undefined ? {} : await exportOrganization(invoker, first, options)),
    ...list('organizations', others),
  };
}
