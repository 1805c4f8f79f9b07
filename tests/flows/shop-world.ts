import {
  type SeededApplication,
  type SeededMachine,
  type SeededProject,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedProject,
  seedUser,
  type TestServer,
  type TestServerOptions,
} from '@latchkey/testkit';
import { type EngineName, type FlowServer, startFlowServer } from './flow-world.ts';

/** Two projects: a shop with front ends and an API, and a ledger with an API of its own. */
export interface ShopWorld extends FlowServer {
  readonly server: TestServer;
  /** Roles `editor` and `reader`. */
  readonly shop: SeededProject;
  readonly spa: SeededApplication;
  readonly web: SeededApplication;
  readonly api: SeededApplication;
  /** Role `auditor`. */
  readonly ledger: SeededProject;
  readonly ledgerApi: SeededApplication;
  /** Editor and reader of the shop, auditor of the ledger. */
  readonly ada: SeededUser;
  /** Reader of the shop. */
  readonly robot: SeededMachine;
}

/** Starts a server with the two projects in it. */
export async function startShopWorld(
  engine: EngineName,
  options: Omit<TestServerOptions, 'engine'> = {},
): Promise<ShopWorld> {
  const flowServer = await startFlowServer(engine, options);
  const { server } = flowServer;
  const shop = await seedProject(server, { roleKeys: ['editor', 'reader'] });
  const ledger = await seedProject(server, { roleKeys: ['auditor'] });
  const ada = await seedUser(server);
  const robot = await seedMachine(server);
  await seedAuthorization(server, { userId: ada.id, project: shop });
  await seedAuthorization(server, { userId: ada.id, project: ledger });
  await seedAuthorization(server, { userId: robot.id, project: shop, roleKeys: ['reader'] });
  return {
    ...flowServer,
    ...{ shop, ledger, ada, robot },
    spa: await seedApplication(server, shop, { type: 'user_agent' }),
    web: await seedApplication(server, shop, { type: 'web' }),
    api: await seedApplication(server, shop, { type: 'api' }),
    ledgerApi: await seedApplication(server, ledger, { type: 'api' }),
  };
}

/** The scope that lets the API of a project accept a token. */
export function audienceScope(project: Pick<SeededProject, 'id'>): string {
  return `urn:zitadel:iam:org:project:id:${project.id}:aud`;
}
