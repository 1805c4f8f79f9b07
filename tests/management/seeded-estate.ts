import type { ManagedLevel, OperationId } from '@latchkey/contract';
import type { ApiCaller, ManagementWorld } from './management-world.ts';

/** One of everything in an organization. */
export interface Estate {
  /** Every id in it. */
  readonly ids: readonly string[];
  /** The value of a path parameter that names something of the estate. */
  readonly parameter: (operation: OperationId, name: string) => string;
  /** An example body with the ids of the estate in place of its own. */
  readonly fill: (example: unknown) => unknown;
  /** The object of the estate a role of this level is held for. */
  readonly managed: (level: ManagedLevel) => string;
  /** Whether a role held at this level of the estate reaches its object of a kind. */
  readonly covers: (level: ManagedLevel, object: string) => boolean;
}

async function make(
  owner: ApiCaller,
  operation: OperationId,
  input: Parameters<ApiCaller['call']>[1],
): Promise<string> {
  const { data } = await owner.call(operation, input);
  for (const name of ['id', 'keyId', 'secretId', 'tokenId', 'key']) {
    const value = data[name];
    if (typeof value === 'string') return value;
  }
  throw new Error(`${operation} answered no id: ${JSON.stringify(data)}`);
}

const covered: Readonly<Record<ManagedLevel, readonly string[]>> = {
  instance: ['organization', 'project', 'project-grant', 'application', 'user', 'session', 'authorization'],
  organization: [
    'organization',
    'project',
    'project-grant',
    'application',
    'user',
    'session',
    'authorization',
  ],
  project: ['project', 'project-grant', 'application', 'authorization'],
  'project-grant': ['project-grant'],
};

/** What making an estate needs of a world. */
export type EstateWorld = Pick<ManagementWorld, 'owner' | 'otherOrganizationId' | 'seedSession'> & {
  readonly server: Pick<ManagementWorld['server'], 'instanceId' | 'organizationId'>;
};

/** Makes one of everything in an organization, through the API; its project is granted to another organization. */
export async function seedEstate(
  world: EstateWorld,
  organizationId: string,
  lentTo = organizationId === world.otherOrganizationId
    ? world.server.organizationId
    : world.otherOrganizationId,
): Promise<Estate> {
  const { owner } = world;
  const unique = organizationId.slice(-6);
  const projectId = await make(owner, 'createProject', {
    body: { organizationId, name: `Estate ${unique}` },
  });
  await owner.call('createRole', {
    path: { projectId },
    body: { key: `role-${unique}`, displayName: 'Role' },
  });
  const applicationId = await make(owner, 'createApplication', {
    body: { projectId, name: 'API', type: 'api' },
  });
  const userId = await make(owner, 'createUser', {
    body: { organizationId, kind: 'machine', loginName: `robot-${unique}`, displayName: 'Robot' },
  });
  const grantId = await make(owner, 'createProjectGrant', {
    path: { projectId },
    body: { organizationId: lentTo, roleKeys: [`role-${unique}`] },
  });
  const authorizationId = await make(owner, 'createAuthorization', {
    body: { userId, projectId, roleKeys: [`role-${unique}`] },
  });
  const applicationSecretId = await make(owner, 'createApplicationSecret', {
    path: { applicationId },
    body: {},
  });
  const applicationKeyId = await make(owner, 'createApplicationKey', { path: { applicationId }, body: {} });
  const userSecretId = await make(owner, 'createUserSecret', { path: { userId }, body: {} });
  const userKeyId = await make(owner, 'createUserKey', { path: { userId }, body: {} });
  const tokenId = await make(owner, 'createPersonalAccessToken', { path: { userId }, body: {} });
  const domain = `estate-${unique}.example.com`;
  await owner.call('addOrganizationDomain', { path: { organizationId }, body: { domain } });
  const value = Buffer.from('value').toString('base64');
  const key = `key-${unique}`;
  await owner.call('setOrganizationMetadata', { path: { organizationId, key }, body: { value } });
  await owner.call('setUserMetadata', { path: { userId, key }, body: { value } });
  const sessionId = await world.seedSession(organizationId);
  const { data: signIns } = await owner.call('listSignIns', { query: { limit: 1 } });
  const [signIn] = Array.isArray(signIns.items) ? signIns.items : [];
  const { data: keys } = await owner.call('listWebKeys');
  const [webKey] = Array.isArray(keys.items) ? keys.items : [];
  const registrationTokenId = await make(owner, 'createRegistrationToken', { body: {} });
  const byName: Readonly<Record<string, string>> = {
    registrationTokenId,
    organizationId,
    projectId,
    applicationId,
    userId,
    grantId,
    authorizationId,
    sessionId,
    tokenId,
    domain,
    key,
    roleKey: `role-${unique}`,
    host: 'nowhere.example.com',
    signInId: String(signIn?.id ?? '1'),
  };
  const special = (operation: OperationId, name: string): string | undefined => {
    if (name === 'secretId') return operation.includes('User') ? userSecretId : applicationSecretId;
    if (name !== 'keyId') return undefined;
    if (operation.includes('WebKey')) return String(webKey?.keyId ?? webKey?.id ?? '1');
    return operation.includes('User') ? userKeyId : applicationKeyId;
  };
  const fill = (example: unknown): unknown => {
    if (Array.isArray(example)) return example.map(fill);
    if (typeof example !== 'object' || example === null) return example;
    return Object.fromEntries(
      Object.entries(example).map(([name, each]) => [
        name,
        name in byName && typeof each === 'string' && name.endsWith('Id') ? byName[name] : fill(each),
      ]),
    );
  };
  return {
    ids: [projectId, applicationId, userId, authorizationId, sessionId],
    parameter: (operation, name) => special(operation, name) ?? byName[name] ?? '1',
    fill,
    managed: (level) =>
      ({
        instance: world.server.instanceId,
        organization: organizationId,
        project: projectId,
        'project-grant': grantId,
      })[level],
    covers: (level, object) => covered[level].includes(object),
  };
}
