import { canonicalLoginName } from '@latchkey/identity';
import {
  type Change,
  findRegistrationOrganization,
  type Instance,
  insertInstance,
  insertManager,
  insertOrganization,
  insertSigningKey,
  insertUser,
  listInstances,
  replacePrimaryDomain,
  type Store,
} from '@latchkey/store';
import type { Clock } from './platform/clock.ts';
import { insertManagementProject, moveConsole } from './platform/management-project.ts';
import { createDataKey, type MasterKeyRing, unwrapDataKey } from './platform/master-keys.ts';
import type { PasswordPool } from './platform/password-pool.ts';
import { newId, newSecret } from './platform/random.ts';
import { checkMasterKeys } from './platform/rewrap-data-keys.ts';
import { createSealer, type Sealer } from './platform/seal.ts';
import { createSigningKey } from './platform/signing-keys.ts';

/** What the first start makes. */
export interface BootstrapOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly masterKeys: MasterKeyRing;
  readonly passwords: PasswordPool;
  /** Scheme, host and port of the issuer. A later start with another one moves the instance there. */
  readonly origin: string;
  readonly instanceName: string;
  readonly administrator: { readonly loginName: string; readonly password?: string };
}

/** What a start found or made. The password is there once only: when it was generated just now. */
export interface Bootstrapped {
  readonly instanceId: string;
  readonly created?: {
    readonly administrator: string;
    readonly generatedPassword?: string;
    readonly organizationId: string;
  };
}

interface FirstAccount {
  readonly loginName: string;
  readonly passwordHash: string;
}

async function insertFirstThings(
  change: Change,
  options: BootstrapOptions,
  sealer: Sealer,
  account: FirstAccount,
): Promise<string> {
  const { origin, instanceName } = options;
  const now = options.clock.now();
  const organizationId = newId(now);
  const userId = newId(now);
  await replacePrimaryDomain(change, origin);
  await insertOrganization(change, {
    id: organizationId,
    name: instanceName,
    primaryDomain: new URL(origin).hostname,
  });
  for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
    await insertSigningKey(change, { ...(await createSigningKey(algorithm, sealer)), state: 'active' });
  }
  await insertUser(change, {
    id: userId,
    organizationId,
    kind: 'human',
    loginName: account.loginName,
    loginNameCanonical: canonicalLoginName(account.loginName) ?? account.loginName,
    displayName: 'Administrator',
    givenName: 'Administrator',
    passwordHash: account.passwordHash,
  });
  await insertManager(change, userId, ['IAM_OWNER']);
  await insertManagementProject(change, options.clock, { organizationId, origins: [origin] });
  return organizationId;
}

/** What a new instance would answer at is another one's already. */
export class DomainTaken extends Error {
  override readonly name = 'DomainTaken';
}

async function makeInstance(options: BootstrapOptions): Promise<Bootstrapped> {
  const { store, clock, masterKeys, passwords, administrator } = options;
  const now = clock.now();
  const instanceId = newId(now);
  const generatedPassword = administrator.password === undefined ? newSecret('').slice(0, 20) : undefined;
  const passwordHash = await passwords.hash(administrator.password ?? generatedPassword ?? '');
  const dataKey = createDataKey(masterKeys, instanceId, 1);
  const sealer = createSealer(instanceId, [
    { version: 1, bytes: unwrapDataKey(masterKeys, instanceId, { version: 1, ...dataKey }) },
  ]);
  const context = { scope: { instanceId }, actor: { kind: 'system', id: 'bootstrap' } as const, nowMs: now };
  const organizationId = await store.change(context, async (change) => {
    await insertInstance(change, { name: options.instanceName, dataKey });
    return await insertFirstThings(change, options, sealer, {
      loginName: administrator.loginName,
      passwordHash,
    });
  });
  return {
    instanceId,
    created: {
      administrator: administrator.loginName,
      organizationId,
      ...(generatedPassword === undefined ? {} : { generatedPassword }),
    },
  };
}

/**
 * Makes a further instance: its own domain, keys, data, first organization and administrator. Running servers serve it as
 * soon as they hear of it. Throws `DomainTaken` when an instance has the host already.
 */
export async function createInstance(options: BootstrapOptions): Promise<Bootstrapped> {
  const { store, origin } = options;
  return await store.engine.withAdvisoryLock('latchkey-bootstrap', async () => {
    const { host } = new URL(origin);
    const instances = await listInstances(store.db);
    if (instances.some((instance) => instance.domains.some((domain) => domain.host === host)))
      throw new DomainTaken(`an instance answers at ${host} already; choose another host`);
    return await makeInstance(options);
  });
}

/** Moves an instance to the configured origin, and gives one of an earlier version what it lacks. */
async function bringUpToDate({ store, clock, origin }: BootstrapOptions, instance: Instance): Promise<void> {
  const scope = { instanceId: instance.settings.id };
  const context = { scope, actor: { kind: 'operator', id: 'configuration' } as const, nowMs: clock.now() };
  if (!instance.domains.some((domain) => domain.isPrimary && domain.origin === origin))
    await store.change(context, (change) => replacePrimaryDomain(change, origin));
  const present = (await listInstances(store.db)).find(
    ({ settings }) => settings.id === instance.settings.id,
  );
  if (present === undefined) return;
  const origins = present.domains.map((domain) => domain.origin);
  const organization = await findRegistrationOrganization(store.db, scope, {});
  await store.change(context, async (change) => {
    if (present.settings.managementProjectId !== null || organization === undefined)
      await moveConsole(change, present);
    else await insertManagementProject(change, clock, { organizationId: organization.id, origins });
  });
}

/**
 * Makes the first instance, organization and administrator if there are none; otherwise sees that the master keys fit and
 * that the instance answers at the configured origin. Of several processes that start at once, one makes them.
 */
export async function bootstrap(options: BootstrapOptions): Promise<Bootstrapped> {
  const { store, masterKeys, origin } = options;
  return await store.engine.withAdvisoryLock('latchkey-bootstrap', async () => {
    await checkMasterKeys(store, masterKeys);
    const instances = await listInstances(store.db);
    // The one that answers there already, else the first: it is the one that is moved.
    const isThere = instances.find(({ domains }) => domains.some((domain) => domain.origin === origin));
    const instance = isThere ?? instances[0];
    if (instance === undefined) return await makeInstance(options);
    for (const row of instance.dataKeys) unwrapDataKey(masterKeys, instance.settings.id, row);
    await bringUpToDate(options, instance);
    return { instanceId: instance.settings.id };
  });
}
