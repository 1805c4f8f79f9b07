import type { ConfigurationDocument } from '@latchkey/contract';
import { differenceOf, fieldsOf } from './difference.ts';
import { attempt, complain, note, type Run } from './run.ts';

type Project = NonNullable<ConfigurationDocument['projects']>[number];
type Application = NonNullable<Project['applications']>[number];

interface Place {
  readonly run: Run;
  readonly pointer: string;
  readonly path: string;
  readonly projectId: string;
}

async function create({ run, projectId }: Place, path: string, wanted: Application): Promise<void> {
  const made = await run.invoker.call('createApplication', { body: { projectId, ...wanted } });
  const { id: applicationId, clientId, clientSecret, authMethod } = made;
  note(run, 'create', 'application', path, fieldsOf(wanted));
  run.objects.push({ path, kind: 'application', id: applicationId, clientId });
  if (clientSecret !== null) run.secrets.push({ path, clientId, clientSecret });
  // Keys of its own stand in jwks or jwks_uri; otherwise one is made, since it could not prove who it is.
  const hasKeys = (wanted.jwks ?? null) !== null || (wanted.jwksUri ?? null) !== null;
  if (authMethod !== 'private_key_jwt' || hasKeys) return;
  const { keyFile } = await run.invoker.call('createApplicationKey', { path: { applicationId }, body: {} });
  if (keyFile !== null) run.secrets.push({ path, clientId, keyFile: { ...keyFile } });
}

async function change({ run }: Place, path: string, id: string, wanted: Application): Promise<void> {
  const present = await run.invoker.call('getApplication', { path: { applicationId: id } });
  run.objects.push({ path, kind: 'application', id, clientId: present.clientId });
  const { clientId, ...settings } = wanted;
  if (clientId !== undefined && clientId !== present.clientId)
    return complain(
      run,
      '',
      `${path} has the client id ${present.clientId}, which never changes; take clientId out or remove the application`,
    );
  const differences = differenceOf(settings, present);
  if (differences.length === 0) return;
  const body = Object.fromEntries(differences.map(({ field, to }) => [field, to]));
  await run.invoker.call('updateApplication', { path: { applicationId: id }, body });
  note(run, 'change', 'application', path, differences);
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
    const known = present.find(({ name }) => name === application.name);
    await attempt(run, at, () =>
      known === undefined ? create(place, path, application) : change(place, path, known.id, application),
    );
  }
  if (!run.prune) return;
  for (const each of present.filter(({ name }) => !wanted.some((one) => one.name === name))) {
    await run.invoker.call('removeApplication', { path: { applicationId: each.id } });
    note(run, 'delete', 'application', `${place.path} / ${each.name}`);
  }
}
