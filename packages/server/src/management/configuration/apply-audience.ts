import type { ConfigurationDocument } from '@latchkey/contract';
import type { Invoker } from '../invoked.ts';
import { differenceOf } from './difference.ts';
import { attempt, complain, note, type Run } from './run.ts';

type Project = NonNullable<ConfigurationDocument['projects']>[number];
type Named = NonNullable<Project['allowedApplications']>[number];

async function findClientId(
  run: Run,
  own: { readonly id: string; readonly name: string },
  { organization, project, application }: Exclude<Named, string>,
): Promise<string | undefined> {
  const organizationId = organization === undefined ? own.id : run.organizationIds.get(organization);
  if (organizationId === undefined) return undefined;
  const query = { organizationId, search: project };
  const found = (await run.invoker.all('listProjects', { query })).find(({ name }) => name === project);
  if (found === undefined) return undefined;
  const applications = await run.invoker.all('listApplications', { query: { projectId: found.id } });
  return applications.find(({ name }) => name === application)?.clientId;
}

async function clientIdsOf(
  run: Run,
  pointer: string,
  own: { readonly id: string; readonly name: string },
  named: readonly Named[],
): Promise<string[]> {
  const clientIds: string[] = [];
  for (const [index, each] of named.entries()) {
    const clientId = typeof each === 'string' ? each : await findClientId(run, own, each);
    if (clientId === undefined) complain(run, `${pointer}/${index}`, 'there is no such application');
    else clientIds.push(clientId);
  }
  return clientIds;
}

function organizationIdsOf(run: Run, pointer: string, names: readonly string[]): string[] {
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    const id = run.organizationIds.get(name);
    if (id === undefined) complain(run, `${pointer}/${index}`, `there is no organization named ${name}`);
    else ids.push(id);
  }
  return ids;
}

/**
 * Brings who may obtain tokens for the projects of an organization to what a file says. Comes after all projects and
 * applications, since it may name any of them.
 */
export async function applyAudiences(
  run: Run,
  pointer: string,
  organization: { readonly id: string; readonly name: string },
  wanted: ConfigurationDocument['projects'],
): Promise<void> {
  for (const [index, { name, ...project }] of (wanted ?? []).entries()) {
    const { allowedApplications, allowedOrganizations, isOpenToThirdParties } = project;
    if ((allowedApplications ?? allowedOrganizations ?? isOpenToThirdParties) === undefined) continue;
    const at = `${pointer}/${index}`;
    const query = { organizationId: organization.id, search: name };
    const present = (await run.invoker.all('listProjects', { query })).find((each) => each.name === name);
    if (present === undefined) continue;
    const settings = {
      ...(allowedApplications === undefined
        ? {}
        : {
            allowedClientIds: await clientIdsOf(
              run,
              `${at}/allowedApplications`,
              organization,
              allowedApplications,
            ),
          }),
      ...(allowedOrganizations === undefined
        ? {}
        : {
            allowedOrganizationIds: organizationIdsOf(
              run,
              `${at}/allowedOrganizations`,
              allowedOrganizations,
            ),
          }),
      ...(isOpenToThirdParties === undefined ? {} : { isOpenToThirdParties }),
    };
    const differences = differenceOf(settings, present);
    if (differences.length === 0) continue;
    await attempt(run, at, async () => {
      await run.invoker.call('updateProject', { path: { projectId: present.id }, body: settings });
      note(run, 'change', 'project', `${organization.name} / ${name}`, differences);
    });
  }
}

/** Who may obtain tokens for a project, by names where there are some. */
export async function exportAudience(
  invoker: Invoker,
  project: {
    readonly allowedClientIds: readonly string[];
    readonly allowedOrganizationIds: readonly string[];
    readonly isOpenToThirdParties: boolean;
  },
): Promise<Readonly<Record<string, unknown>>> {
  const nameOf = async (organizationId: string): Promise<string> =>
    (await invoker.call('getOrganization', { path: { organizationId } })).name;
  const applications: unknown[] = [];
  for (const clientId of project.allowedClientIds) {
    const found = await invoker.all('listApplications', { query: { search: clientId } });
    const known = found.find((each) => each.clientId === clientId);
    applications.push(
      known === undefined
        ? clientId
        : {
            organization: await nameOf(known.organizationId),
            project: known.projectName,
            application: known.name,
          },
    );
  }
  const organizations: string[] = [];
  for (const id of project.allowedOrganizationIds) organizations.push(await nameOf(id));
  return {
    ...(applications.length === 0 ? {} : { allowedApplications: applications }),
    ...(organizations.length === 0 ? {} : { allowedOrganizations: organizations }),
    ...(project.isOpenToThirdParties ? { isOpenToThirdParties: true } : {}),
  };
}
