import { newId } from '@latchkey/server';
import { insertProjectGrant, type ManagedKind, setMembership, updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  type KeyFile,
  type SeededApplication,
  type SeededMachine,
  type SeededProject,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedOrganization,
  seedPersonalAccessToken,
  seedProject,
  seedUser,
  seedUserKey,
  type TestServer,
  type UserKeyFile,
  type UserSeed,
} from '@latchkey/testkit';

/** What every organization has. */
export interface Estate {
  readonly organizationId: string;
  /** Roles `editor` and `reader`. */
  readonly project: SeededProject;
  /** The front end: public, opaque access tokens. */
  readonly spa: SeededApplication;
  /** A confidential web application. */
  readonly web: SeededApplication;
  readonly api: SeededApplication;
  /** A person who manages nothing; editor and reader of the project. */
  readonly ada: SeededUser;
  /** ORG_OWNER. */
  readonly owner: SeededUser;
  /** A machine user with a secret, reader of the project. */
  readonly robot: SeededMachine;
}

/** The organization under attack has one of everything. */
export interface Shop extends Estate {
  /** A second project of the same organization, role `auditor`, of which Ada has. */
  readonly ledger: SeededProject;
  readonly ledgerApi: SeededApplication;
  /** An API that authenticates by `private_key_jwt`, with its key. */
  readonly keyed: SeededApplication;
  readonly keyFile: KeyFile;
  /** A front end whose access tokens are JWTs; `https://jwt.example.com/goodbye` is its post-logout address. */
  readonly jwtApp: SeededApplication;
  /** A native application that may use the device grant. */
  readonly device: SeededApplication;
  /** An API that may exchange tokens. */
  readonly broker: SeededApplication;
  /** A web application marked as third-party: people are asked for consent. */
  readonly thirdParty: SeededApplication;
  readonly robotKey: UserKeyFile;
  readonly robotPat: string;
}

/** Who has which manager roles. All of the shop unless said otherwise. */
export interface Managers {
  /** IAM_OWNER. */
  readonly instanceOwner: SeededUser;
  /** ORG_USER_MANAGER. */
  readonly userManager: SeededUser;
  /** PROJECT_OWNER of the shop's project. */
  readonly projectOwner: SeededUser;
  /** PROJECT_GRANT_OWNER of `grants.acme`, a person of acme. */
  readonly grantOwner: SeededUser;
  /** IAM_ADMIN_IMPERSONATOR. */
  readonly instanceImpersonator: SeededUser;
  /** ORG_ADMIN_IMPERSONATOR. */
  readonly organizationImpersonator: SeededUser;
  /** A machine user with IAM_ADMIN_IMPERSONATOR. */
  readonly machineImpersonator: SeededMachine;
}

export interface ProjectGrant {
  readonly id: string;
  readonly organizationId: string;
  readonly roleKeys: readonly string[];
}

/** Three organizations, their people and clients. */
export interface AttackEstates {
  /** The first organization. */
  readonly shop: Shop;
  /** Another organization of the instance. */
  readonly acme: Estate;
  /** A third one. */
  readonly globex: Estate;
  readonly people: Managers;
  /** Grants of the shop's project: `reader` to acme, `editor` to globex. */
  readonly grants: { readonly acme: ProjectGrant; readonly globex: ProjectGrant };
}

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

/** Gives a user manager roles for an object. */
export async function makeManager(
  server: TestServer,
  userId: string,
  roles: readonly string[],
  at: { readonly kind: ManagedKind; readonly id: string },
): Promise<void> {
  const membership = { objectKind: at.kind, objectId: at.id, userId };
  await changeAsOperator(server, (change) => setMembership(change, membership, roles));
}

/** Makes a person of an organization with manager roles of the instance (`IAM_…`) or the organization (`ORG_…`). */
export async function seedPerson(
  server: TestServer,
  organizationId: string,
  roles: readonly string[] = [],
  seed: UserSeed = {},
): Promise<SeededUser> {
  const person = await seedUser({ ...server, organizationId }, seed);
  const ofInstance = roles.filter((role) => role.startsWith('IAM_'));
  const ofOrganization = roles.filter((role) => role.startsWith('ORG_'));
  if (ofInstance.length > 0)
    await makeManager(server, person.id, ofInstance, { kind: 'instance', id: server.instanceId });
  if (ofOrganization.length > 0)
    await makeManager(server, person.id, ofOrganization, { kind: 'organization', id: organizationId });
  return person;
}

async function seedEstate(server: TestServer, organizationId: string, domain: string): Promise<Estate> {
  const target = { ...server, organizationId };
  const project = await seedProject(target, { roleKeys: ['editor', 'reader'] });
  const redirect = (kind: string) => ({ redirectUris: [`https://${kind}.${domain}/callback`] });
  const [ada, robot] = [await seedUser(target), await seedMachine(target)];
  await seedAuthorization(target, { userId: ada.id, project });
  await seedAuthorization(target, { userId: robot.id, project, roleKeys: ['reader'] });
  return {
    ...{ organizationId, project, ada, robot },
    spa: await seedApplication(target, project, { type: 'user_agent', ...redirect('spa') }),
    web: await seedApplication(target, project, { type: 'web', ...redirect('web') }),
    api: await seedApplication(target, project, { type: 'api' }),
    owner: await seedPerson(server, organizationId, ['ORG_OWNER']),
  };
}

async function seedShop(server: TestServer): Promise<Shop> {
  const estate = await seedEstate(server, server.organizationId, 'example.com');
  const { project, ada, robot } = estate;
  const ledger = await seedProject(server, { roleKeys: ['auditor'] });
  await seedAuthorization(server, { userId: ada.id, project: ledger });
  const keyed = await seedApplication(server, project, { type: 'api', authMethod: 'private_key_jwt' });
  if (keyed.keyFile === undefined) throw new Error('an application with private_key_jwt has no key');
  const { token: robotPat } = await seedPersonalAccessToken(server, robot.id);
  return {
    ...estate,
    ...{ ledger, keyed, keyFile: keyed.keyFile, robotPat },
    ledgerApi: await seedApplication(server, ledger, { type: 'api' }),
    jwtApp: await seedApplication(server, project, {
      type: 'user_agent',
      accessTokenType: 'jwt',
      redirectUris: ['https://jwt.example.com/callback'],
      postLogoutRedirectUris: ['https://jwt.example.com/goodbye'],
    }),
    device: await seedApplication(server, project, {
      type: 'native',
      grantTypes: [deviceCode, 'refresh_token'],
    }),
    broker: await seedApplication(server, project, { type: 'api', grantTypes: [exchange] }),
    thirdParty: await seedApplication(server, project, {
      type: 'web',
      isThirdParty: true,
      redirectUris: ['https://third.example.com/callback'],
    }),
    robotKey: await seedUserKey(server, robot.id),
  };
}

async function seedGrant(
  server: TestServer,
  { project }: Shop,
  { organizationId }: Estate,
  roleKeys: readonly string[],
): Promise<ProjectGrant> {
  const grant = { id: newId(server.clock.now()), organizationId, roleKeys };
  await changeAsOperator(server, (change) => insertProjectGrant(change, { ...grant, projectId: project.id }));
  return grant;
}

async function seedManagers(
  server: TestServer,
  { project, organizationId }: Shop,
  grant: ProjectGrant,
): Promise<Managers> {
  const ofShop = (...roles: string[]) => seedPerson(server, organizationId, roles);
  const [projectOwner, grantOwner] = [await ofShop(), await seedPerson(server, grant.organizationId)];
  await makeManager(server, projectOwner.id, ['PROJECT_OWNER'], { kind: 'project', id: project.id });
  await makeManager(server, grantOwner.id, ['PROJECT_GRANT_OWNER'], { kind: 'project-grant', id: grant.id });
  const machineImpersonator = await seedMachine(server);
  const instance = { kind: 'instance', id: server.instanceId } as const;
  await makeManager(server, machineImpersonator.id, ['IAM_ADMIN_IMPERSONATOR'], instance);
  return {
    ...{ projectOwner, grantOwner, machineImpersonator },
    instanceOwner: await ofShop('IAM_OWNER'),
    userManager: await ofShop('ORG_USER_MANAGER'),
    instanceImpersonator: await ofShop('IAM_ADMIN_IMPERSONATOR'),
    organizationImpersonator: await ofShop('ORG_ADMIN_IMPERSONATOR'),
  };
}

/** Seeds three organizations with their people and clients, through the store; impersonation is on. */
export async function seedEstates(server: TestServer): Promise<AttackEstates> {
  await changeAsOperator(server, (change) =>
    updateInstanceSettings(change, { isImpersonationEnabled: true }),
  );
  const shop = await seedShop(server);
  const acme = await seedEstate(server, (await seedOrganization(server)).id, 'acme.example.com');
  const globex = await seedEstate(server, (await seedOrganization(server)).id, 'globex.example.com');
  const grants = {
    acme: await seedGrant(server, shop, acme, ['reader']),
    globex: await seedGrant(server, shop, globex, ['editor']),
  };
  return { shop, acme, globex, grants, people: await seedManagers(server, shop, grants.acme) };
}
