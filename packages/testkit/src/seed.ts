import { randomUUID } from 'node:crypto';
import { canonicalLoginName } from '@latchkey/identity';
import { loadInstances, newId, newSecret, sha256Hex } from '@latchkey/server';
import {
  type Change,
  insertApplication,
  insertApplicationKey,
  insertAuthorization,
  insertClientSecret,
  insertOrganization,
  insertProject,
  insertUser,
  type NewApplication,
  type NewProject,
  type NewUser,
  type SettableState,
  type StatefulKind,
  updateState,
  upsertUserMetadata,
} from '@latchkey/store';
import { createKeyPair, type KeyFile } from './key-file.ts';
import type { TestServer } from './start-test-server.ts';

/** What seeding needs of a server. */
export type SeedTarget = Pick<TestServer, 'store' | 'clock' | 'instanceId' | 'organizationId' | 'passwords'> &
  Partial<Pick<TestServer, 'masterKeys'>>;

/** Runs a change of state as an operator would, with its events. */
export async function changeAsOperator<T>(
  target: SeedTarget,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const context = {
    scope: { instanceId: target.instanceId },
    actor: { kind: 'operator', id: 'testkit' } as const,
    nowMs: target.clock.now(),
  };
  return await target.store.change(context, work);
}

function idFor(target: SeedTarget): string {
  return newId(target.clock.now());
}

function unique(word: string): string {
  return `${word}-${randomUUID().slice(0, 8)}`;
}

/** Makes an organization with a primary domain of its own. */
export async function seedOrganization(
  target: SeedTarget,
  name = unique('org'),
): Promise<{ readonly id: string; readonly name: string; readonly primaryDomain: string }> {
  const organization = { id: idFor(target), name, primaryDomain: `${name}.example.com` };
  await changeAsOperator(target, (change) => insertOrganization(change, organization));
  return organization;
}

/** A project of the seed. */
export interface SeededProject {
  readonly id: string;
  readonly organizationId: string;
  readonly roleKeys: readonly string[];
}

/** Makes a project, of the first organization unless told otherwise, with roles by their keys. */
export async function seedProject(
  target: SeedTarget,
  settings: Partial<Omit<NewProject, 'id' | 'roles'>> & { readonly roleKeys?: readonly string[] } = {},
): Promise<SeededProject> {
  const { roleKeys = [], ...rest } = settings;
  const project = {
    id: idFor(target),
    organizationId: target.organizationId,
    name: unique('project'),
    ...rest,
  };
  const roles = roleKeys.map((key) => ({ key, displayName: key }));
  await changeAsOperator(target, (change) => insertProject(change, { ...project, roles }));
  return { id: project.id, organizationId: project.organizationId, roleKeys };
}

/** An application of the seed, with what is stored nowhere else in the clear. */
export interface SeededApplication {
  readonly id: string;
  readonly clientId: string;
  readonly project: SeededProject;
  readonly type: NewApplication['type'];
  readonly authMethod: NewApplication['authMethod'];
  /** The first registered redirect URI; empty for an API. */
  readonly redirectUri: string;
  /** Empty unless the application authenticates by secret. */
  readonly clientSecret: string;
  /** There when the application authenticates by `private_key_jwt`. */
  readonly keyFile?: KeyFile;
}

/** Settings of a seeded application; `type` decides the defaults. */
export type ApplicationSeed = Partial<Omit<NewApplication, 'id' | 'projectId' | 'organizationId'>> &
  Pick<NewApplication, 'type'>;

const usualMethods = {
  user_agent: 'none',
  web: 'client_secret_basic',
  native: 'none',
  api: 'client_secret_basic',
} as const;

const usualRedirects = {
  user_agent: ['https://spa.example.com/callback'],
  web: ['https://web.example.com/callback'],
  native: ['http://127.0.0.1/callback'],
  api: [],
} as const;

/** Adds a key to an application and gives it back as the file its owner downloads. */
export async function seedApplicationKey(
  target: SeedTarget,
  application: Pick<SeededApplication, 'id' | 'clientId'>,
  options: { readonly expiresAtMs?: number } = {},
): Promise<KeyFile> {
  const pair = await createKeyPair();
  const keyId = idFor(target);
  const { id: applicationId, clientId } = application;
  const { publicKeyPem } = pair;
  await changeAsOperator(target, (change) =>
    insertApplicationKey(change, { id: keyId, applicationId, publicKeyPem, ...options }),
  );
  return { type: 'application', keyId, key: pair.privateKeyPem, appId: applicationId, clientId };
}

/** A secret sealed for the column it is kept in. Needs the master keys of the server. */
async function sealSecret({ store, masterKeys, instanceId }: SeedTarget, id: string, secret: string) {
  if (masterKeys === undefined)
    throw new Error('client_secret_jwt is seeded on a server of this process only');
  const instances = await loadInstances(store, masterKeys);
  const instance = instances.all().find((candidate) => candidate.id === instanceId);
  if (instance === undefined) throw new Error(`there is no instance ${instanceId}`);
  return instance.sealer.sealAtRest(`client_secrets|sealed|${id}`, Buffer.from(secret));
}

/** Adds a secret to an application: sealed besides its hash where it signs assertions, and then long enough for HS512. */
async function seedClientSecret(
  target: SeedTarget,
  { id: ownerId, authMethod }: Pick<NewApplication, 'id' | 'authMethod'>,
): Promise<string> {
  const isSigning = authMethod === 'client_secret_jwt';
  const clientSecret = newSecret('lk_sec_') + (isSigning ? newSecret('') : '');
  const id = idFor(target);
  const sealed = isSigning ? { sealed: await sealSecret(target, id, clientSecret) } : {};
  await changeAsOperator(target, (change) =>
    insertClientSecret(change, { id, ownerId, sha256: sha256Hex(clientSecret), ...sealed }),
  );
  return clientSecret;
}

/** Makes an application; one that signs people in may use codes and refresh tokens. */
export async function seedApplication(
  target: SeedTarget,
  project: SeededProject,
  seed: ApplicationSeed,
): Promise<SeededApplication> {
  const application: NewApplication = {
    id: idFor(target),
    clientId: idFor(target),
    projectId: project.id,
    organizationId: project.organizationId,
    name: unique(seed.type),
    authMethod: usualMethods[seed.type],
    redirectUris: [...usualRedirects[seed.type]],
    grantTypes: seed.type === 'api' ? [] : ['authorization_code', 'refresh_token'],
    ...seed,
  };
  const { id, clientId, type, authMethod, redirectUris } = application;
  await changeAsOperator(target, (change) => insertApplication(change, application));
  const hasSecret = authMethod.startsWith('client_secret_');
  const clientSecret = hasSecret ? await seedClientSecret(target, application) : '';
  const keyFile =
    authMethod === 'private_key_jwt' ? await seedApplicationKey(target, { id, clientId }) : undefined;
  const redirectUri = redirectUris?.[0] ?? '';
  return {
    ...{ id, clientId, project, type, authMethod, redirectUri, clientSecret },
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}

/** A person of the seed. */
export interface SeededUser {
  readonly id: string;
  readonly organizationId: string;
  readonly loginName: string;
  readonly password: string;
}

/** What a person is seeded with; what is left out has a usual value or none. */
export type UserSeed = Partial<Omit<NewUser, 'id' | 'kind' | 'passwordHash' | 'address'>> & {
  readonly password?: string;
  /** Members of the address claim (OpenID Connect Core §5.1.1). */
  readonly address?: Readonly<Record<string, string>>;
};

/** A value for every claim of the standard scopes (OpenID Connect Core §5.1), for `seedUser`. */
export const fullProfile = {
  displayName: 'Ada King Lovelace',
  givenName: 'Ada',
  middleName: 'King',
  familyName: 'Lovelace',
  nickname: 'Ada',
  gender: 'female',
  birthdate: '1815-12-10',
  zoneinfo: 'Europe/London',
  preferredLanguage: 'en-GB',
  profileUrl: 'https://example.com/ada',
  pictureUrl: 'https://example.com/ada/portrait.png',
  website: 'https://ada.example.com/',
  phone: '+442079460123',
  isPhoneVerified: true,
  address: {
    formatted: "12 St James's Square\nLondon\nSW1Y 4JH\nUnited Kingdom",
    street_address: "12 St James's Square",
    locality: 'London',
    region: 'Greater London',
    postal_code: 'SW1Y 4JH',
    country: 'United Kingdom',
  },
} as const satisfies UserSeed;

/** Makes a person with a password and a verified e-mail address. */
export async function seedUser(target: SeedTarget, seed: UserSeed = {}): Promise<SeededUser> {
  const {
    password = `${randomUUID()} in words`,
    loginName = `${unique('ada')}@example.com`,
    address,
    ...rest
  } = seed;
  const passwordHash = await target.passwords.hash(password);
  const user: NewUser = {
    id: idFor(target),
    kind: 'human',
    organizationId: target.organizationId,
    loginName,
    loginNameCanonical: canonicalLoginName(loginName) ?? loginName,
    displayName: 'Ada Lovelace',
    givenName: 'Ada',
    familyName: 'Lovelace',
    preferredLanguage: 'en',
    email: loginName,
    emailCanonical: canonicalLoginName(loginName) ?? loginName,
    isEmailVerified: true,
    passwordHash,
    ...(address === undefined ? {} : { address: JSON.stringify(address) }),
    ...rest,
  };
  await changeAsOperator(target, (change) => insertUser(change, user));
  return { id: user.id, organizationId: user.organizationId, loginName, password };
}

/** A machine user of the seed. Its login name is its client_id. */
export interface SeededMachine {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Makes a machine user with a secret. */
export async function seedMachine(
  target: SeedTarget,
  seed: Partial<Omit<NewUser, 'id' | 'kind'>> & { readonly clientSecret?: string } = {},
): Promise<SeededMachine> {
  const { clientSecret = newSecret('lk_sec_'), loginName = unique('robot'), ...rest } = seed;
  const id = idFor(target);
  await changeAsOperator(target, async (change) => {
    await insertUser(change, {
      id,
      kind: 'machine',
      organizationId: target.organizationId,
      loginName,
      loginNameCanonical: canonicalLoginName(loginName) ?? loginName,
      displayName: loginName,
      ...rest,
    });
    await insertClientSecret(change, { id: idFor(target), ownerId: id, sha256: sha256Hex(clientSecret) });
  });
  return { id, clientId: loginName, clientSecret };
}

/** Gives a user roles in a project; the project's organization grants them unless told otherwise. Resolves to its id. */
export async function seedAuthorization(
  target: SeedTarget,
  seed: {
    readonly userId: string;
    readonly project: SeededProject;
    readonly organizationId?: string;
    readonly roleKeys?: readonly string[];
  },
): Promise<string> {
  const { userId, project } = seed;
  const id = idFor(target);
  await changeAsOperator(target, (change) =>
    insertAuthorization(change, {
      id,
      userId,
      projectId: project.id,
      organizationId: seed.organizationId ?? project.organizationId,
      roleKeys: seed.roleKeys ?? project.roleKeys,
    }),
  );
  return id;
}

/** Sets a metadata value of a user. */
export async function seedUserMetadata(
  target: SeedTarget,
  userId: string,
  key: string,
  value: string,
): Promise<void> {
  await changeAsOperator(target, (change) => upsertUserMetadata(change, userId, key, Buffer.from(value)));
}

/** Puts an organization, project, application, user or authorization into a state. Throws when nothing changes. */
export async function setState(
  target: SeedTarget,
  kind: StatefulKind,
  id: string,
  state: SettableState,
): Promise<void> {
  const outcome = await changeAsOperator(target, (change) => updateState(change, kind, id, state));
  if (outcome !== 'changed') throw new Error(`${kind} ${id} did not become ${state}: ${outcome}`);
}
