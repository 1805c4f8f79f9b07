import {
  bootstrap,
  createPasswordPool,
  newId,
  newSecret,
  parseMasterKeys,
  sha256Hex,
  systemClock,
} from '@latchkey/server';
import {
  createStore,
  insertApplication,
  insertAuthorization,
  insertClientSecret,
  insertProject,
  insertUser,
  openPglite,
  openPostgres,
  type Store,
} from '@latchkey/store';
import { issuer } from './server-process.ts';

/** What was put into a fresh database. */
export interface Seed {
  readonly instanceId: string;
  readonly projectId: string;
  /** A page without a secret, which may refresh. */
  readonly webClientId: string;
  readonly redirectUri: string;
  readonly apiClientId: string;
  readonly apiClientSecret: string;
  readonly users: readonly { readonly id: string; readonly loginName: string }[];
  readonly password: string;
}

/** Where a test's data is. */
export type Place =
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'folder'; readonly path: string };

/** The settings that lead a server to the place. */
export function placeSettings(place: Place): Record<string, string> {
  return place.kind === 'postgres' ? { DATABASE_URL: place.url } : { LATCHKEY_DATA_DIR: place.path };
}

/** Opens the store of a place, beside servers on PostgreSQL or alone on a folder, for the time of `work`. */
export async function withStore<T>(place: Place, work: (store: Store) => Promise<T>): Promise<T> {
  const engine =
    place.kind === 'postgres'
      ? await openPostgres({ url: place.url })
      : await openPglite({ dataDir: place.path, durable: 'unsafe-no-fsync' });
  const store = createStore(engine);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function insertSeed(
  store: Store,
  instanceId: string,
  organizationId: string,
  passwordHash: string,
  userCount: number,
): Promise<Seed> {
  const password = seedPassword;
  const [projectId, webId, webClientId, apiId, apiClientId] = Array.from({ length: 5 }, () =>
    newId(systemClock.now()),
  );
  if (!projectId || !webId || !webClientId || !apiId || !apiClientId) throw new Error('ids are missing');
  const redirectUri = 'http://localhost:20001/';
  const apiClientSecret = newSecret('lk_sec_');
  const users = Array.from({ length: userCount }, (_, index) => ({
    id: newId(systemClock.now()),
    loginName: `user-${index}@example.com`,
  }));
  const context = {
    scope: { instanceId },
    actor: { kind: 'operator', id: 'test' } as const,
    nowMs: systemClock.now(),
  };
  await store.change(context, async (change) => {
    const owner = { organizationId, projectId };
    await insertProject(change, {
      id: projectId,
      organizationId,
      name: 'Faults',
      roleAssertion: true,
      roles: [{ key: 'reader', displayName: 'Reader' }],
    });
    await insertApplication(change, {
      ...owner,
      id: webId,
      clientId: webClientId,
      name: 'Web',
      type: 'user_agent',
      authMethod: 'none',
      grantTypes: ['authorization_code', 'refresh_token'],
      developmentMode: true,
      redirectUris: [redirectUri],
      postLogoutRedirectUris: [redirectUri],
    });
    await insertApplication(change, {
      ...owner,
      id: apiId,
      clientId: apiClientId,
      name: 'API',
      type: 'api',
      authMethod: 'client_secret_basic',
    });
    await insertClientSecret(change, {
      id: newId(systemClock.now()),
      ownerId: apiId,
      sha256: sha256Hex(apiClientSecret),
    });
    for (const { id, loginName } of users) {
      await insertUser(change, {
        id,
        organizationId,
        kind: 'human',
        loginName,
        loginNameCanonical: loginName,
        displayName: loginName,
        passwordHash,
      });
      await insertAuthorization(change, {
        ...owner,
        id: newId(systemClock.now()),
        userId: id,
        roleKeys: ['reader'],
      });
    }
  });
  return { instanceId, projectId, webClientId, redirectUri, apiClientId, apiClientSecret, users, password };
}

const seedPassword = 'password-of-every-test-user';

/** Migrates and bootstraps a fresh place and puts a project, two applications and users into it. */
export async function seedPlace(place: Place, masterKeys: string, userCount = 4): Promise<Seed> {
  const passwords = createPasswordPool({ memoryKib: 19_456, passes: 2 });
  try {
    return await withStore(place, async (store) => {
      await store.migrate();
      const { instanceId, created } = await bootstrap({
        store,
        clock: systemClock,
        masterKeys: parseMasterKeys(masterKeys),
        passwords,
        origin: issuer,
        instanceName: 'Faults',
        administrator: { loginName: 'admin', password: 'administrator-of-the-test' },
      });
      if (created === undefined) throw new Error('The place was not empty.');
      return await insertSeed(
        store,
        instanceId,
        created.organizationId,
        await passwords.hash(seedPassword),
        userCount,
      );
    });
  } finally {
    await passwords.close();
  }
}
