import { type Bootstrapped, bootstrap, createPasswordPool, parseMasterKeys } from '@latchkey/server';
import { createStore, openPglite, openPostgres, type Store } from '@latchkey/store';
import {
  createFakeClock,
  type SeededApplication,
  type SeededMachine,
  type SeededUser,
  type SeedTarget,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedManager,
  seedProject,
  seedUser,
  seedUserKey,
  type UserKeyFile,
} from '@latchkey/testkit';
import { seedGrowth } from './seed-growth.ts';

/** Where the data of a measured server lives. */
export type Place =
  | { readonly kind: 'pglite'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly url: string };

/** What a measured server holds: an API, applications for people, machines, people with roles. */
export interface Population {
  readonly projectId: string;
  readonly api: SeededApplication;
  readonly opaqueApp: SeededApplication;
  readonly jwtApp: SeededApplication;
  readonly opaqueMachine: SeededMachine;
  readonly jwtMachine: SeededMachine;
  readonly deviceApp: SeededApplication;
  /** A machine that owns the instance. */
  readonly managerMachine: SeededMachine;
  /** A key of the machine whose tokens are opaque. */
  readonly machineKeyFile: UserKeyFile;
  readonly users: readonly SeededUser[];
}

const redirectUris = ['http://localhost/callback'];

async function populate(target: SeedTarget, userCount: number): Promise<Population> {
  const project = await seedProject(target, { roleKeys: ['reader', 'editor'], roleAssertion: true });
  const web = { type: 'web', redirectUris, developmentMode: true } as const;
  const api = await seedApplication(target, project, { type: 'api' });
  const opaqueApp = await seedApplication(target, project, web);
  const jwtApp = await seedApplication(target, project, {
    ...web,
    accessTokenType: 'jwt',
    accessTokenSigningAlg: 'ES256',
  });
  const opaqueMachine = await seedMachine(target);
  const jwtMachine = await seedMachine(target, { accessTokenType: 'jwt', accessTokenSigningAlg: 'ES256' });
  const managerMachine = await seedMachine(target);
  await seedManager(target, managerMachine.id, 'IAM_OWNER');
  for (const { id: userId } of [opaqueMachine, jwtMachine])
    await seedAuthorization(target, { userId, project });
  const users: SeededUser[] = [];
  for (let index = 0; index < userCount; index += 1) {
    const user = await seedUser(target);
    await seedAuthorization(target, { userId: user.id, project });
    users.push(user);
  }
  const deviceApp = await seedApplication(target, project, {
    ...web,
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
  });
  const machineKeyFile = await seedUserKey(target, opaqueMachine.id);
  const applications = { api, opaqueApp, jwtApp, deviceApp };
  return {
    projectId: project.id,
    ...applications,
    opaqueMachine,
    jwtMachine,
    managerMachine,
    machineKeyFile,
    users,
  };
}

async function organizationOf(store: Store, { instanceId, created }: Bootstrapped): Promise<string> {
  if (created !== undefined) return created.organizationId;
  const rows = store.db.selectFrom('organizations').select('id').where('instanceId', '=', instanceId);
  return (await rows.orderBy('id').executeTakeFirstOrThrow()).id;
}

/** Migrates and fills an empty database as the server would have it, with production password hashes. */
export async function seedLatchkey(
  place: Place,
  settings: {
    readonly origin: string;
    readonly masterKeys: string;
    readonly userCount: number;
    readonly grownRows?: number;
  },
): Promise<Population> {
  const store = createStore(
    place.kind === 'pglite'
      ? await openPglite({ dataDir: place.dataDir, durable: 'fsync' })
      : await openPostgres({ url: place.url, poolSize: 2 }),
  );
  const passwords = createPasswordPool();
  const clock = createFakeClock();
  try {
    await store.migrate();
    const bootstrapped = await bootstrap({
      store,
      clock,
      passwords,
      masterKeys: parseMasterKeys(settings.masterKeys),
      origin: settings.origin,
      instanceName: 'Bench',
      administrator: { loginName: 'admin@localhost', password: 'measure-twice-cut-once' },
    });
    const organizationId = await organizationOf(store, bootstrapped);
    const target = { store, clock, passwords, instanceId: bootstrapped.instanceId, organizationId };
    const population = await populate(target, settings.userCount);
    const { instanceId } = bootstrapped;
    const { id: applicationId, clientId } = population.opaqueApp;
    if (settings.grownRows !== undefined)
      await seedGrowth(store, { instanceId, organizationId, applicationId, clientId }, settings.grownRows);
    return population;
  } finally {
    await passwords.close();
    await store.close();
  }
}
