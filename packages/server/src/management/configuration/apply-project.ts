import type { ConfigurationDocument } from '@latchkey/contract';
import { applyApplications } from './apply-application.ts';
import { applyHeldRoles } from './apply-held-roles.ts';
import { applyState } from './apply-state.ts';
import { differenceOf, fieldsOf } from './difference.ts';
import { findMeant, isOtherId } from './identity.ts';
import { applyManagers, findUser } from './people.ts';
import { attempt, complain, note, type Run } from './run.ts';

type Project = NonNullable<ConfigurationDocument['projects']>[number];

interface Place {
  readonly run: Run;
  readonly pointer: string;
  readonly path: string;
  readonly projectId: string;
  readonly organizationId: string;
}

function refuseTwice(run: Run, pointer: string, names: readonly string[]): void {
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index) complain(run, `${pointer}/${index}`, `${name} is there twice`);
}

async function applyRoles({ run, pointer, path, projectId }: Place, wanted: Project['roles']): Promise<void> {
  if (wanted === undefined) return;
  const at = { projectId };
  const present = await run.invoker.all('listRoles', { path: at });
  const full = wanted.map((role) => ({ displayName: role.key, group: null, ...role }));
  refuseTwice(
    run,
    `${pointer}/roles`,
    full.map(({ key }) => key),
  );
  for (const [index, role] of full.entries()) {
    const known = present.find(({ key }) => key === role.key);
    const differences = known === undefined ? fieldsOf(role) : differenceOf(role, known);
    if (differences.length === 0) continue;
    await attempt(run, `${pointer}/roles/${index}`, async () => {
      const { key, ...rest } = role;
      if (known === undefined) await run.invoker.call('createRole', { path: at, body: role });
      else await run.invoker.call('updateRole', { path: { ...at, roleKey: key }, body: rest });
      note(run, known === undefined ? 'create' : 'change', 'role', `${path} / ${key}`, differences);
    });
  }
  if (!run.prune) return;
  for (const { key } of present.filter((role) => !full.some((each) => each.key === role.key))) {
    await run.invoker.call('removeRole', { path: { ...at, roleKey: key } });
    note(run, 'delete', 'role', `${path} / ${key}`);
  }
}

async function applyGrants(
  { run, pointer, path, projectId }: Place,
  wanted: Project['grants'],
): Promise<void> {
  if (wanted === undefined) return;
  const at = { projectId };
  const present = await run.invoker.all('listProjectGrants', { path: at });
  refuseTwice(
    run,
    `${pointer}/grants`,
    wanted.map(({ organization }) => organization),
  );
  for (const [index, { id: grantId, organization, roles, state }] of wanted.entries()) {
    const organizationId = run.organizationIds.get(organization);
    if (organizationId === undefined) {
      complain(
        run,
        `${pointer}/grants/${index}/organization`,
        `there is no organization named ${organization}`,
      );
      continue;
    }
    const target = (grantId: string) => ({ path: { ...at, grantId } });
    await applyHeldRoles(run, {
      ...{ pointer: `${pointer}/grants/${index}`, kind: 'grant', path: `${path} / ${organization}` },
      ...{
        known: present.find((grant) => grant.organizationId === organizationId),
        wanted: { id: grantId, roles, state },
      },
      create: () =>
        run.invoker.call('createProjectGrant', {
          path: at,
          body: { id: grantId, organizationId, roleKeys: roles },
        }),
      update: (id) => run.invoker.call('updateProjectGrant', { ...target(id), body: { roleKeys: roles } }),
      activate: (id) => run.invoker.call('activateProjectGrant', target(id)),
      deactivate: (id) => run.invoker.call('deactivateProjectGrant', target(id)),
    });
  }
  if (!run.prune) return;
  const kept = wanted.map(({ organization }) => run.organizationIds.get(organization));
  for (const grant of present.filter(({ organizationId }) => !kept.includes(organizationId))) {
    await run.invoker.call('removeProjectGrant', { path: { ...at, grantId: grant.id } });
    note(run, 'delete', 'grant', `${path} / ${grant.organizationName}`);
  }
}

async function applyAuthorizations(place: Place, wanted: Project['authorizations']): Promise<void> {
  if (wanted === undefined) return;
  const { run, pointer, path, projectId } = place;
  const present = await run.invoker.all('listAuthorizations', { query: { projectId } });
  const kept = new Set<string>();
  refuseTwice(
    run,
    `${pointer}/authorizations`,
    wanted.map(({ user }) => user.toLowerCase()),
  );
  for (const [index, { id, user, roles, state }] of wanted.entries()) {
    const at = `${pointer}/authorizations/${index}`;
    const userId = await findUser(run, `${at}/user`, user);
    if (userId === undefined) continue;
    const known = present.find((each) => each.userId === userId);
    if (known !== undefined) kept.add(known.id);
    const target = (authorizationId: string) => ({ path: { authorizationId } });
    await applyHeldRoles(run, {
      ...{
        pointer: at,
        kind: 'authorization',
        path: `${path} / ${user}`,
        known,
        wanted: { id, roles, state },
      },
      create: () =>
        run.invoker.call('createAuthorization', { body: { id, userId, projectId, roleKeys: roles } }),
      update: (id) => run.invoker.call('updateAuthorization', { ...target(id), body: { roleKeys: roles } }),
      activate: (id) => run.invoker.call('activateAuthorization', target(id)),
      deactivate: (id) => run.invoker.call('deactivateAuthorization', target(id)),
    });
  }
  if (!run.prune) return;
  for (const each of present.filter(({ id }) => !kept.has(id))) {
    await run.invoker.call('removeAuthorization', { path: { authorizationId: each.id } });
    note(run, 'delete', 'authorization', `${path} / ${each.userLoginName}`);
  }
}

/** What a file says of a project, without what it says of its parts. */
function settingsOf(project: Project) {
  const {
    roles: _,
    applications: __,
    grants: ___,
    authorizations: ____,
    managers: _____,
    state: ______,
    allowedApplications: _______,
    allowedOrganizations: ________,
    isOpenToThirdParties: _________,
    id: __________,
    ...settings
  } = project;
  return settings;
}

/** The project of an organization that a file means, by its id or else its name. */
async function findProject(run: Run, organizationId: string, { id, name }: Project) {
  const search = async (more: { readonly search?: string }) =>
    await run.invoker.all('listProjects', { query: { organizationId, ...more } });
  // All of them only where a name will not do.
  const named = findMeant(await search({ search: name }), { name });
  return id === undefined || named?.id === id ? named : findMeant(await search({}), { id, name });
}

async function applyProject(
  run: Run,
  pointer: string,
  organization: { readonly id: string; readonly name: string },
  project: Project,
): Promise<void> {
  const path = `${organization.name} / ${project.name}`;
  const settings = settingsOf(project);
  const found = await findProject(run, organization.id, project);
  if (found !== undefined && isOtherId(run, pointer, path, { wanted: project.id, present: found.id })) return;
  const projectId =
    found?.id ??
    (await attempt(run, pointer, async () => {
      const body = { id: project.id, organizationId: organization.id, ...settings };
      const made = await run.invoker.call('createProject', { body });
      note(run, 'create', 'project', path, fieldsOf({ id: project.id, ...settings }));
      return made.id;
    }));
  if (projectId === undefined) return;
  const differences = found === undefined ? [] : differenceOf(settings, found);
  if (differences.length > 0)
    await attempt(run, pointer, async () => {
      await run.invoker.call('updateProject', { path: { projectId }, body: settings });
      note(run, 'change', 'project', path, differences);
    });
  run.objects.push({ path, kind: 'project', id: projectId });
  const place = { run, pointer, path, projectId, organizationId: organization.id };
  const at = { path: { projectId } };
  const switched = {
    ...{ pointer, kind: 'project', path, present: found?.state ?? 'active' },
    activate: () => run.invoker.call('activateProject', at),
    deactivate: () => run.invoker.call('deactivateProject', at),
  };
  if (project.state === 'active') await applyState(run, switched, project.state);
  await applyRoles(place, project.roles);
  await applyApplications(place, project.applications);
  await applyGrants(place, project.grants);
  await applyAuthorizations(place, project.authorizations);
  await applyManagers(run, `${pointer}/managers`, path, { kind: 'project', id: projectId }, project.managers);
  // What is made inactive is made so last: its parts are changed while it is active.
  if (project.state === 'inactive') await applyState(run, switched, project.state);
}

/** Brings the projects of an organization to what a file says. */
export async function applyProjects(
  run: Run,
  pointer: string,
  organization: { readonly id: string; readonly name: string },
  wanted: ConfigurationDocument['projects'],
): Promise<void> {
  if (wanted === undefined) return;
  refuseTwice(
    run,
    pointer,
    wanted.map(({ name }) => name),
  );
  for (const [index, project] of wanted.entries())
    await applyProject(run, `${pointer}/${index}`, organization, project);
  if (!run.prune) return;
  const present = await run.invoker.all('listProjects', { query: { organizationId: organization.id } });
  for (const each of present.filter(
    ({ id, name, isSystem }) => !isSystem && !wanted.some((one) => one.name === name || one.id === id),
  )) {
    await run.invoker.call('removeProject', { path: { projectId: each.id }, query: { cascade: 'true' } });
    note(run, 'delete', 'project', `${organization.name} / ${each.name}`);
  }
}
