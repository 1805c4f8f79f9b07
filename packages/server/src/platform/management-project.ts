import {
  type Change,
  type Instance,
  insertApplication,
  insertProject,
  updateApplication,
  updateInstanceSettings,
} from '@latchkey/store';
import type { Clock } from './clock.ts';
import { newId } from './random.ts';

/** The client ids of our own applications: the same in every instance, so that nobody has to look them up. */
export const ownClientIds = { console: 'latchkey-console', commandLine: 'latchkey-cli' } as const;

function consoleAddresses(origins: readonly string[]): {
  redirectUris: string[];
  postLogoutRedirectUris: string[];
} {
  return {
    redirectUris: origins.map((origin) => `${origin}/console/callback`),
    postLogoutRedirectUris: origins.map((origin) => `${origin}/console/`),
  };
}

/**
 * Makes the project of the management API with the console and the command line as its applications. Whose token names
 * this project may be told what the manager roles allow.
 */
export async function insertManagementProject(
  change: Change,
  clock: Clock,
  input: { readonly organizationId: string; readonly origins: readonly string[] },
): Promise<string> {
  const { organizationId, origins } = input;
  const projectId = newId(clock.now());
  await insertProject(change, { id: projectId, organizationId, name: 'Latchkey' });
  const shared = { organizationId, projectId, authMethod: 'none', isManagementClient: true } as const;
  await insertApplication(change, {
    ...shared,
    id: newId(clock.now()),
    name: 'Console',
    type: 'user_agent',
    clientId: ownClientIds.console,
    grantTypes: ['authorization_code', 'refresh_token'],
    idTokenUserinfoAssertion: true,
    // Our own page on our own origin: the exact addresses are known, so plain http counts only where the issuer uses it.
    developmentMode: origins.some((origin) => origin.startsWith('http:')),
    ...consoleAddresses(origins),
  });
  await insertApplication(change, {
    ...shared,
    id: newId(clock.now()),
    name: 'Command line',
    type: 'native',
    clientId: ownClientIds.commandLine,
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  });
  await updateInstanceSettings(change, { managementProjectId: projectId });
  return projectId;
}

/** Lets people come back to the console at every address the instance answers at. */
export async function moveConsole(change: Change, instance: Pick<Instance, 'domains'>): Promise<void> {
  const consoleRow = await change.trx
    .selectFrom('applications')
    .select(['id', 'redirectUris'])
    .where('instanceId', '=', change.scope.instanceId)
    .where('clientId', '=', ownClientIds.console)
    .executeTakeFirst();
  const origins = instance.domains.map(({ origin }) => origin);
  const wanted = consoleAddresses(origins);
  if (consoleRow === undefined || consoleRow.redirectUris.join() === wanted.redirectUris.join()) return;
  await updateApplication(change, consoleRow.id, {
    ...wanted,
    developmentMode: origins.some((origin) => origin.startsWith('http:')),
  });
}
