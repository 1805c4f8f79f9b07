import type { ConfigurationDocument } from '@latchkey/contract';
import type { Invoker } from '../invoked.ts';
import { applyAudiences } from './apply-audience.ts';
import { applyProjects } from './apply-project.ts';
import { applyState, type Switched } from './apply-state.ts';
import { differenceOf, fieldsOf } from './difference.ts';
import { isOtherId } from './identity.ts';
import { applyMetadata } from './metadata.ts';
import { applyManagers, applyUsers } from './people.ts';
import { attempt, beginRun, complain, note, type Run, refuseProblems } from './run.ts';

type Parts = Pick<ConfigurationDocument, 'settings' | 'managers' | 'metadata' | 'users' | 'projects'>;
type Organization = NonNullable<ConfigurationDocument['organizations']>[number];

function groupDifferences(
  wanted: Readonly<Record<string, object | null | undefined>>,
  present: Readonly<Record<string, unknown>>,
) {
  return Object.entries(wanted).flatMap(([group, fields]) => {
    if (fields === undefined) return [];
    const now = present[group];
    const known = typeof now === 'object' && now !== null ? { ...now } : {};
    if (fields === null)
      return now === null || now === undefined ? [] : [{ field: group, from: now, to: null }];
    return differenceOf({ ...fields }, known, `${group}.`);
  });
}

async function applyInstance(run: Run, wanted: ConfigurationDocument['instance']): Promise<void> {
  if (wanted === undefined) return;
  const { name, settings } = wanted;
  const present = await run.invoker.call('getInstance');
  if (name !== undefined && name !== present.name)
    await attempt(run, '/instance/name', async () => {
      await run.invoker.call('updateInstance', { body: { name } });
      note(run, 'change', 'instance', name, [{ field: 'name', from: present.name, to: name }]);
    });
  if (settings === undefined) return;
  const differences = groupDifferences(settings, await run.invoker.call('getInstanceSettings'));
  if (differences.length === 0) return;
  await attempt(run, '/instance/settings', async () => {
    await run.invoker.call('updateInstanceSettings', { body: settings });
    note(run, 'change', 'settings', name ?? present.name, differences);
  });
}

async function applySettings(
  run: Run,
  pointer: string,
  organization: { readonly id: string; readonly name: string },
  wanted: Parts['settings'],
): Promise<void> {
  if (wanted === undefined) return;
  const path = { organizationId: organization.id };
  const { own } = await run.invoker.call('getOrganizationSettings', { path });
  const differences = groupDifferences(wanted, own);
  if (differences.length === 0) return;
  await attempt(run, pointer, async () => {
    await run.invoker.call('updateOrganizationSettings', { path, body: wanted });
    note(run, 'change', 'settings', organization.name, differences);
  });
}

async function findOrMake(run: Run, pointer: string, wanted: Organization): Promise<string | undefined> {
  const { id: wantedId, name, primaryDomain } = wanted;
  const known = run.organizationIds.get(name);
  if (known !== undefined)
    return isOtherId(run, pointer, name, { wanted: wantedId, present: known }) ? undefined : known;
  return await attempt(run, pointer, async () => {
    const body = { id: wantedId, name, ...(primaryDomain === undefined ? {} : { primaryDomain }) };
    const { id } = await run.invoker.call('createOrganization', { body });
    note(run, 'create', 'organization', name, fieldsOf(body));
    run.organizationIds.set(name, id);
    return id;
  });
}

interface Part {
  readonly pointer: string;
  readonly organization: { readonly id: string; readonly name: string };
  readonly parts: Parts & Pick<Organization, 'state'>;
  readonly present: string;
}

function switchedOf(run: Run, { pointer, organization: { id, name }, present }: Part): Switched {
  const at = { path: { organizationId: id } };
  return {
    ...{ pointer, kind: 'organization', path: name, present },
    activate: () => run.invoker.call('activateOrganization', at),
    deactivate: () => run.invoker.call('deactivateOrganization', at),
  };
}

/** The organizations a file speaks of, made where they are missing: what stands at the top is the first one's. */
async function organizationParts(run: Run, document: ConfigurationDocument): Promise<readonly Part[]> {
  const all = await run.invoker.all('listOrganizations');
  for (const { id, name } of all) run.organizationIds.set(name, id);
  const first = all.find(({ isSystem }) => isSystem) ?? all[0];
  const { settings, managers, metadata, users, projects } = document;
  const parts = { settings, managers, metadata, users, projects };
  const top: Part[] =
    first === undefined ? [] : [{ pointer: '', organization: first, parts, present: first.state }];
  const names = (document.organizations ?? []).map(({ name }) => name);
  const named: Part[] = [];
  for (const [index, wanted] of (document.organizations ?? []).entries()) {
    const pointer = `/organizations/${index}`;
    if (names.indexOf(wanted.name) !== index) {
      complain(run, `${pointer}/name`, `${wanted.name} is there twice`);
      continue;
    }
    const id = await findOrMake(run, pointer, wanted);
    if (id === undefined) continue;
    run.objects.push({ path: wanted.name, kind: 'organization', id });
    const present = all.find((each) => each.id === id)?.state ?? 'active';
    named.push({ pointer, organization: { id, name: wanted.name }, parts: wanted, present });
  }
  return [...top, ...named];
}

/**
 * Brings everything a document names to what it says, by the operations of the API, in the change the invoker stands on.
 * Throws `invalid-input` or `conflict` with every problem and its place; the change is then to be rolled back.
 */
export async function applyDocument(invoker: Invoker, document: ConfigurationDocument): Promise<Run> {
  const run = beginRun(invoker, document.prune === true);
  await applyInstance(run, document.instance);
  const organizations = await organizationParts(run, document);
  // Everybody first, so that authorizations and managers of one organization may name users of another.
  for (const part of organizations) {
    const { pointer, organization, parts } = part;
    if (parts.state === 'active') await applyState(run, switchedOf(run, part), parts.state);
    await applySettings(run, `${pointer}/settings`, organization, parts.settings);
    const owner = { kind: 'organization', id: organization.id, path: organization.name } as const;
    await applyMetadata(run, `${pointer}/metadata`, owner, parts.metadata);
    await applyUsers(run, `${pointer}/users`, organization, parts.users);
  }
  for (const { pointer, organization, parts } of organizations) {
    await applyProjects(run, `${pointer}/projects`, organization, parts.projects);
    const at = { kind: 'organization', id: organization.id } as const;
    await applyManagers(run, `${pointer}/managers`, organization.name, at, parts.managers);
  }
  for (const { pointer, organization, parts } of organizations)
    await applyAudiences(run, `${pointer}/projects`, organization, parts.projects);
  // What is made inactive is made so last: its parts are changed while it is active.
  for (const part of organizations)
    if (part.parts.state === 'inactive') await applyState(run, switchedOf(run, part), part.parts.state);
  const instanceAt = { kind: 'instance', id: '' } as const;
  await applyManagers(run, '/instance/managers', 'instance', instanceAt, document.instance?.managers);
  refuseProblems(run);
  return run;
}
