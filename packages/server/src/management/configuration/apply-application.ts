import type { ConfigurationDocument } from '@latchkey/contract';
import { applyState, type Switched } from './apply-state.ts';
import { differenceOf, fieldsOf } from './difference.ts';
import { findMeant, isOtherId, missingKeys } from './identity.ts';
import { attempt, complain, note, type Run, warn } from './run.ts';

type Project = NonNullable<ConfigurationDocument['projects']>[number];
type Application = NonNullable<Project['applications']>[number];

interface Place {
  readonly run: Run;
  readonly pointer: string;
  readonly path: string;
  readonly projectId: string;
}

function switchedOf({ run }: Place, pointer: string, path: string, id: string, present: string): Switched {
  const at = { path: { applicationId: id } };
  return {
    ...{ pointer, kind: 'application', path, present },
    activate: () => run.invoker.call('activateApplication', at),
    deactivate: () => run.invoker.call('deactivateApplication', at),
  };
}

async function addKeys(
  { run }: Place,
  pointer: string,
  path: string,
  applicationId: string,
  keys: NonNullable<Application['keys']>,
): Promise<void> {
  for (const [index, body] of keys.entries())
    await attempt(run, `${pointer}/keys/${index}`, async () => {
      await run.invoker.call('createApplicationKey', { path: { applicationId }, body });
      note(run, 'create', 'key', `${path} / ${body.id ?? 'a key'}`);
    });
}

async function create(
  place: Place,
  pointer: string,
  path: string,
  { state, keys = [], ...wanted }: Application,
): Promise<void> {
  const { run, projectId } = place;
  const made = await run.invoker.call('createApplication', { body: { projectId, ...wanted } });
  const { id: applicationId, clientId, clientSecret, authMethod } = made;
  note(run, 'create', 'application', path, fieldsOf(wanted));
  warn(run, path, made);
  await addKeys(place, pointer, path, applicationId, keys);
  run.objects.push({ path, kind: 'application', id: applicationId, clientId });
  await applyState(run, switchedOf(place, pointer, path, applicationId, 'active'), state);
  if (clientSecret !== null) run.secrets.push({ path, clientId, clientSecret });
  // Keys of its own stand in jwks or jwks_uri; otherwise one is made, since it could not prove who it is.
  const hasKeys = keys.length > 0 || (wanted.jwks ?? null) !== null || (wanted.jwksUri ?? null) !== null;
  if (authMethod !== 'private_key_jwt' || hasKeys) return;
  const { keyFile } = await run.invoker.call('createApplicationKey', { path: { applicationId }, body: {} });
  if (keyFile !== null) run.secrets.push({ path, clientId, keyFile: { ...keyFile } });
}

async function change(
  place: Place,
  pointer: string,
  path: string,
  id: string,
  wanted: Application,
): Promise<void> {
  const { run } = place;
  const present = await run.invoker.call('getApplication', { path: { applicationId: id } });
  run.objects.push({ path, kind: 'application', id, clientId: present.clientId });
  const { id: wantedId, clientId, state, secretHash: _, keys = [], ...settings } = wanted;
  if (isOtherId(run, pointer, path, { wanted: wantedId, present: id })) return;
  if (clientId !== undefined && clientId !== present.clientId)
    return complain(
      run,
      '',
      `${path} has the client id ${present.clientId}, which never changes; take clientId out or remove the application`,
    );
  await applyState(run, switchedOf(place, pointer, path, id, present.state), state);
  const known = await run.invoker.call('listApplicationKeys', { path: { applicationId: id } });
  await addKeys(place, pointer, path, id, missingKeys(keys, known.items));
  const differences = differenceOf(settings, present);
  if (differences.length === 0) return;
  const body = Object.fromEntries(differences.map(({ field, to }) => [field, to]));
  const changed = await run.invoker.call('updateApplication', { path: { applicationId: id }, body });
  note(run, 'change', 'application', path, differences);
  warn(run, path, changed);
}

/** Brings the applications of a project to what a file says. */
export async function applyApplications(place: Place, wanted: Project['applications']): Promise<void> {
  if (wanted === undefined) return;
  const { run, pointer, projectId } = place;
  const present = await run.invoker.all('listApplications', { query: { projectId } });
  for (const [index, application] of wanted.entries()) {
    const at = `${pointer}/applications/${index}`;
    if (wanted.findIndex(({ name }) => name === application.name) !== index) {
      complain(run, `${at}/name`, `${application.name} is there twice`);
      continue;
    }
    const path = `${place.path} / ${application.name}`;
    const known = findMeant(present, application);
    await attempt(run, at, () =>
      known === undefined
        ? create(place, at, path, application)
        : change(place, at, path, known.id, application),
    );
  }
  if (!run.prune) return;
  const isKept = ({ id, name }: (typeof present)[number]): boolean =>
    wanted.some((one) => one.name === name || one.id === id);
  for (const each of present.filter((one) => !isKept(one))) {
    await run.invoker.call('removeApplication', { path: { applicationId: each.id } });
    note(run, 'delete', 'application', `${place.path} / ${each.name}`);
  }
}
