import { startTemporaryPostgres, type TemporaryPostgres } from '../../testkit/src/temporary-postgres.ts';
import {
  type Change,
  createStore,
  insertApplication,
  insertInstance,
  insertOrganization,
  insertProject,
  insertSession,
  insertUser,
  openPglite,
  openPostgres,
  replacePrimaryDomain,
  type Scope,
  type Store,
} from '../src/index.ts';

/** The engines every store test runs on. */
export const engines = ['pglite', 'postgres'] as const;

const server: { running: Promise<TemporaryPostgres> | undefined } = { running: undefined };

/** An empty, migrated store on an engine. */
export async function openTestStore(engine: (typeof engines)[number]): Promise<Store> {
  const store = createStore(await openEngine(engine));
  await store.migrate();
  return store;
}

async function openEngine(engine: (typeof engines)[number]) {
  if (engine === 'pglite') return openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' });
  return openPostgres({ url: await createDatabase() });
}

/** The URL of a new, empty database on the temporary server of this test file. */
export async function createDatabase(): Promise<string> {
  server.running ??= startTemporaryPostgres();
  return (await server.running).createDatabase();
}

/** Stops the temporary server, if one was started. */
export async function stopDatabase(): Promise<void> {
  await (await server.running)?.stop();
}

/** Runs a change in an instance at a time. */
export function changeIn<T>(
  store: Store,
  scope: Scope,
  nowMs: number,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  return store.change({ scope, actor: { kind: 'operator', id: 'test' }, nowMs }, work);
}

/** The ids of one tenant's things: all begin with the tenant's number. */
export interface Tenant {
  readonly scope: Scope;
  readonly organizationId: string;
  readonly projectId: string;
  readonly applicationId: string;
  readonly clientId: string;
  readonly userId: string;
  readonly sessionId: string;
}

/** Makes an instance with an organization, a project, an application, a user and a session. */
export async function seedTenant(store: Store, number: number, nowMs: number): Promise<Tenant> {
  const scope = { instanceId: `${number}0` };
  const organizationId = `${number}1`;
  const ids = {
    organizationId,
    projectId: `${number}2`,
    applicationId: `${number}3`,
    clientId: `${number}4`,
    userId: `${number}5`,
    sessionId: `${number}6`,
  };
  await changeIn(store, scope, nowMs, async (change) => {
    await insertInstance(change, {
      name: `tenant ${number}`,
      dataKey: { masterKeyId: 'k', wrapped: Buffer.from('wrapped') },
    });
    await replacePrimaryDomain(change, `http://tenant-${number}.example`);
    await insertOrganization(change, { id: organizationId, name: 'Org', primaryDomain: 'org.example' });
    await insertProject(change, {
      id: ids.projectId,
      organizationId,
      name: 'Project',
      roles: [{ key: 'reader', displayName: 'Reader' }],
    });
    await insertApplication(change, {
      id: ids.applicationId,
      organizationId,
      projectId: ids.projectId,
      name: 'App',
      type: 'user_agent',
      clientId: ids.clientId,
      authMethod: 'none',
      grantTypes: ['authorization_code', 'refresh_token'],
    });
    await insertUser(change, {
      id: ids.userId,
      organizationId,
      kind: 'human',
      loginName: 'Ada',
      loginNameCanonical: 'ada',
      displayName: 'Ada',
    });
    await insertSession(change, {
      id: ids.sessionId,
      organizationId,
      userId: ids.userId,
      secretSha256: 'hash',
      authTimeMs: nowMs,
      amr: ['pwd'],
      createdAtMs: nowMs,
      lastSeenAtMs: nowMs,
      expiresAtMs: nowMs + 86_400_000,
      userAgent: null,
      ip: null,
    });
  });
  return { scope, ...ids };
}
