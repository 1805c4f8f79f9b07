import { generateKeyPairSync } from 'node:crypto';
import { canonicalLoginName } from '@latchkey/identity';
import { newId, newSecret, type PasswordPool, sha256Hex, systemClock } from '@latchkey/server';
import {
  type Change,
  findClient,
  insertApplication,
  insertApplicationKey,
  insertAuthorization,
  insertClientSecret,
  insertProject,
  insertUser,
  type NewApplication,
  type NewUser,
  type Store,
  updateApplication,
} from '@latchkey/store';

/** A person or machine of the demo. */
export interface DemoUser {
  readonly loginName: string;
  readonly password: string;
  readonly roles: readonly string[];
}

/** An application or machine of the demo, with the secrets that are stored nowhere else in the clear. */
export interface DemoApp {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly keyFile?: string;
  readonly projectId: string;
  readonly redirectUris: readonly string[];
}

/** A key file as the dialect's clients read it. */
export interface ApplicationKeyFile {
  readonly type: 'application';
  readonly keyId: string;
  readonly key: string;
  readonly appId: string;
  readonly clientId: string;
}

/** What the demo made, to be written down. */
export interface DemoData {
  readonly users: readonly DemoUser[];
  readonly apps: Readonly<Record<string, DemoApp>>;
  readonly keyFile: ApplicationKeyFile;
}

/** What the demo is made for. */
export interface DemoInput {
  readonly store: Store;
  readonly passwords: PasswordPool;
  readonly instanceId: string;
  readonly organizationId: string;
  /** Address of the quotes front end, without a slash at the end. */
  readonly quotesWeb: string;
  readonly keyFilePath: string;
}

const roles = [
  { key: 'reader', displayName: 'Reader' },
  { key: 'editor', displayName: 'Editor' },
];

/** A picture that is its own address, so that every application can show it, whatever its policy lets it fetch. */
const adaPicture = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" fill="#0f6566"/>' +
    '<path d="m9 26 9-18 9 18M12 20h12" fill="none" stroke="#fff" stroke-width="2.5"/></svg>',
)}`;

/** A value for every claim of the scopes profile, phone and address (OpenID Connect Core §5.1, §5.4). */
const adaProfile = {
  middleName: 'King',
  nickname: 'Ada',
  gender: 'female',
  birthdate: '1815-12-10',
  zoneinfo: 'Europe/London',
  profileUrl: 'https://example.com/ada',
  pictureUrl: adaPicture,
  website: 'https://ada.example.com/',
  phone: '+442079460123',
  isPhoneVerified: true,
  address: JSON.stringify({
    formatted: "12 St James's Square\nLondon\nSW1Y 4JH\nUnited Kingdom",
    street_address: "12 St James's Square",
    locality: 'London',
    region: 'Greater London',
    postal_code: 'SW1Y 4JH',
    country: 'United Kingdom',
  }),
} as const satisfies Partial<NewUser>;

const people = [
  {
    loginName: 'ada@example.com',
    givenName: 'Ada',
    familyName: 'Lovelace',
    password: 'analytical-engine-1843',
    roles: ['reader', 'editor'],
    profile: adaProfile,
  },
  {
    loginName: 'grace@example.com',
    givenName: 'Grace',
    familyName: 'Hopper',
    password: 'nanoseconds-of-wire',
    roles: ['reader'],
    profile: {},
  },
];

/** Where the quotes front end may send people, and be sent back to. */
export function quotesRedirects(quotesWeb: string): {
  redirectUris: string[];
  postLogoutRedirectUris: string[];
} {
  return {
    redirectUris: [`${quotesWeb}/`, `${quotesWeb}/callback`],
    postLogoutRedirectUris: [`${quotesWeb}/`, quotesWeb],
  };
}

interface DemoIds {
  readonly organizationId: string;
  readonly projectId: string;
}

async function insertPeople(change: Change, ids: DemoIds, hashes: readonly string[]): Promise<void> {
  for (const [index, person] of people.entries()) {
    const userId = newId(systemClock.now());
    const email = canonicalLoginName(person.loginName) ?? person.loginName;
    await insertUser(change, {
      id: userId,
      organizationId: ids.organizationId,
      kind: 'human',
      loginName: person.loginName,
      loginNameCanonical: email,
      displayName: `${person.givenName} ${person.familyName}`,
      givenName: person.givenName,
      familyName: person.familyName,
      preferredLanguage: 'en',
      email: person.loginName,
      emailCanonical: email,
      isEmailVerified: true,
      passwordHash: hashes[index] ?? null,
      ...person.profile,
    });
    await insertAuthorization(change, {
      id: newId(systemClock.now()),
      userId,
      ...ids,
      roleKeys: person.roles,
    });
  }
}

async function insertSecret(change: Change, ownerId: string): Promise<string> {
  const secret = newSecret('lk_sec_');
  await insertClientSecret(change, { id: newId(systemClock.now()), ownerId, sha256: sha256Hex(secret) });
  return secret;
}

async function insertMachine(change: Change, ids: DemoIds): Promise<DemoApp> {
  const userId = newId(systemClock.now());
  await insertUser(change, {
    id: userId,
    organizationId: ids.organizationId,
    kind: 'machine',
    loginName: 'quotes-robot',
    loginNameCanonical: 'quotes-robot',
    displayName: 'Quotes robot',
  });
  await insertAuthorization(change, { id: newId(systemClock.now()), userId, ...ids, roleKeys: ['reader'] });
  return {
    clientId: 'quotes-robot',
    clientSecret: await insertSecret(change, userId),
    projectId: ids.projectId,
    redirectUris: [],
  };
}

async function insertKey(
  change: Change,
  applicationId: string,
  clientId: string,
): Promise<ApplicationKeyFile> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const keyId = newId(systemClock.now());
  await insertApplicationKey(change, { id: keyId, applicationId, publicKeyPem });
  return {
    type: 'application',
    keyId,
    key: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    appId: applicationId,
    clientId,
  };
}

function application(
  ids: DemoIds,
  settings: Pick<NewApplication, 'name' | 'type' | 'authMethod'> & Partial<NewApplication>,
): NewApplication {
  return { ...ids, id: newId(systemClock.now()), clientId: newId(systemClock.now()), ...settings };
}

/** Makes the demo in one transaction: project "Quotes" with its applications, Ada, Grace and a machine. */
export async function createDemoData(input: DemoInput): Promise<DemoData> {
  const hashes = await Promise.all(people.map((person) => input.passwords.hash(person.password)));
  const ids: DemoIds = { organizationId: input.organizationId, projectId: newId(systemClock.now()) };
  const web = application(ids, {
    name: 'Quotes',
    type: 'user_agent',
    authMethod: 'none',
    grantTypes: ['authorization_code', 'refresh_token'],
    developmentMode: true,
    idTokenUserinfoAssertion: true,
    idTokenRoleAssertion: true,
    ...quotesRedirects(input.quotesWeb),
  });
  const api = application(ids, { name: 'Quotes API', type: 'api', authMethod: 'client_secret_basic' });
  const apiJwt = application(ids, { name: 'Quotes API (key)', type: 'api', authMethod: 'private_key_jwt' });
  const context = {
    scope: { instanceId: input.instanceId },
    actor: { kind: 'operator', id: 'demo' } as const,
    nowMs: systemClock.now(),
  };
  return await input.store.change(context, async (change) => {
    await insertProject(change, {
      id: ids.projectId,
      organizationId: ids.organizationId,
      name: 'Quotes',
      roleAssertion: true,
      roles,
    });
    for (const each of [web, api, apiJwt]) await insertApplication(change, each);
    await insertPeople(change, ids, hashes);
    const { projectId } = ids;
    return {
      users: people.map(({ loginName, password, roles: held }) => ({ loginName, password, roles: held })),
      keyFile: await insertKey(change, apiJwt.id, apiJwt.clientId),
      apps: {
        'quotes-web': { clientId: web.clientId, projectId, redirectUris: web.redirectUris ?? [] },
        'quotes-api': {
          clientId: api.clientId,
          clientSecret: await insertSecret(change, api.id),
          projectId,
          redirectUris: [],
        },
        'quotes-api-jwt': {
          clientId: apiJwt.clientId,
          keyFile: input.keyFilePath,
          projectId,
          redirectUris: [],
        },
        'quotes-robot': await insertMachine(change, ids),
      },
    };
  });
}

/** Lets the demo's front end live at another address than at the last start. Resolves to its redirect URIs. */
export async function moveQuotesWeb(
  store: Store,
  instanceId: string,
  clientId: string,
  quotesWeb: string,
): Promise<readonly string[]> {
  const scope = { instanceId };
  const client = await findClient(store.db, scope, clientId);
  const wanted = quotesRedirects(quotesWeb);
  if (client === undefined || client.application.redirectUris.join() === wanted.redirectUris.join())
    return wanted.redirectUris;
  const context = { scope, actor: { kind: 'operator', id: 'demo' } as const, nowMs: systemClock.now() };
  await store.change(context, (change) => updateApplication(change, client.application.id, wanted));
  return wanted.redirectUris;
}
