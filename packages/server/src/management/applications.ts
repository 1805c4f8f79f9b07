import { application as applicationSchema } from '@latchkey/contract';
import {
  type ApplicationSettings,
  applicationDefaults,
  checkCompliance,
  findSettingRefusals,
  isTightened,
  needsSecret,
} from '@latchkey/protocol';
import {
  type ApplicationRecord,
  type Change,
  findApplicationRecord,
  findTakenPart,
  insertApplication,
  listApplicationRecords,
  lockApplication,
  lockProject,
  removeClientSecrets,
  type SettingDifference,
  saveApplicationSettings,
  updateState,
} from '@latchkey/store';
import { keepSecretHash, type MadeSecret, makeSecret } from '../platform/client-secret.ts';
import { ApiError } from '../platform/errors.ts';
import { newId } from '../platform/random.ts';
import { notFound } from './admit.ts';
import { applicationCredentialHandlers } from './application-credentials.ts';
import { listApplicationDeliveries } from './application-deliveries.ts';
import {
  type Application,
  mergeSettings,
  refuseSettings,
  settingRules,
  settingsOf,
  toApplication,
  toSettingColumns,
  toSummary,
  toWanted,
} from './application-representation.ts';
import type { CallOf, Handlers } from './call.ts';
import { type ChosenId, chosenId, refuseChoiceOfId } from './given-id.ts';
import { pageAnswer } from './list-answer.ts';
import { refuseManagementClient, refuseSelfRegistered } from './management-client.ts';
import { refuseSystemProject } from './system-project.ts';

async function refuseTaken(change: Change, wanted: Parameters<typeof findTakenPart>[1]): Promise<void> {
  const taken = await findTakenPart(change, wanted);
  switch (taken?.part) {
    case undefined:
      return;
    case 'name':
      throw new ApiError('already-exists', `The project has an application named ${wanted.name} already.`, {
        errors: [{ pointer: '/name', detail: 'is taken; choose another name' }],
      });
    case 'clientId':
      throw new ApiError('already-exists', `The client id ${wanted.clientId} is taken.`, {
        errors: [{ pointer: '/clientId', detail: 'is taken; choose another, or leave it out' }],
      });
    case 'resourceUri':
      throw new ApiError('conflict', `Another application is named by the resource ${taken.uri} already.`, {
        errors: [{ pointer: '/resourceUris', detail: `${taken.uri} is another application’s` }],
      });
  }
}

// What anybody may choose. Numbers could be the id of a project, by which tokens name their audience.
const freeClientId = /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9._-]{2,99}$/;

/** The client id of a new application, and how it is taken. Throws `ApiError` for one that may not be chosen. */
function clientIdFor(call: CallOf<'createApplication'>): ChosenId {
  const { clientId, id } = call.body;
  if (clientId === undefined) return chosenId(call, undefined);
  if (/^[0-9]+$/.test(clientId))
    // The id of the application itself is claimed with it.
    return clientId === id ? { id, claim: async () => undefined } : chosenId(call, clientId, 'clientId');
  if (!freeClientId.test(clientId)) refuseChoiceOfId(call, 'clientId');
  if (/^(latchkey|zitadel)/i.test(clientId))
    throw new ApiError('invalid-input', 'Client ids that begin with latchkey or zitadel are for Latchkey.', {
      errors: [{ pointer: '/clientId', detail: 'cannot begin with latchkey or zitadel' }],
    });
  // `findTakenPart` looks for it among client ids and login names.
  return { id: clientId, claim: async () => undefined };
}

/** How the secret of a new application is kept; `undefined` where it has none. Throws `invalid-input`. */
function secretFor(
  { instance, deps, body }: CallOf<'createApplication'>,
  authMethod: ApplicationSettings['authMethod'],
): (Pick<MadeSecret, 'store'> & { readonly text: string | null }) | undefined {
  const id = newId(deps.clock.now());
  if (body.secretHash === undefined)
    return needsSecret(authMethod) ? makeSecret(instance, id, authMethod) : undefined;
  if (authMethod !== 'client_secret_basic' && authMethod !== 'client_secret_post')
    throw new ApiError('invalid-input', `secretHash does not fit authMethod ${authMethod}.`, {
      errors: [
        { pointer: '/secretHash', detail: 'needs authMethod client_secret_basic or client_secret_post' },
      ],
    });
  return { text: null, ...keepSecretHash(id, body.secretHash) };
}

async function createApplication(
  call: CallOf<'createApplication'>,
): Promise<Application & { clientSecret: string | null }> {
  const { instance, body, place } = call;
  const { projectId, name } = body;
  refuseSystemProject(instance, projectId);
  const settings = mergeSettings(applicationDefaults(body.type), body);
  refuseSettings(instance, settings);
  refuseManagementClient(call.caller, settings);
  const { id, claim } = chosenId(call, body.id);
  const { id: clientId, claim: claimClientId } = clientIdFor(call);
  const secret = secretFor(call, settings.authMethod);
  const record = await call.change(async (change) => {
    await claim(change);
    await claimClientId(change);
    if ((await lockProject(change, projectId)) === undefined) throw notFound('project', projectId);
    await refuseTaken(change, {
      id,
      projectId,
      name,
      resourceUris: settings.resourceUris,
      ...(body.clientId === undefined ? {} : { clientId }),
    });
    const { organizationId } = place;
    const { type, authMethod } = settings;
    const columns = toSettingColumns(settings);
    await insertApplication(change, {
      ...columns,
      ...{ id, clientId, projectId, organizationId, name, type, authMethod },
    });
    await secret?.store(change, id);
    return await findApplicationRecord(change.trx, change.scope, id);
  });
  if (record === undefined) throw notFound('application', id);
  return { ...toApplication(call, record), clientSecret: secret?.text ?? null };
}

/** Locks an application for a change. Throws `not-found`, and `conflict` for Latchkey's own. */
async function lockedApplication(
  call: Pick<CallOf<'getApplication'>, 'instance' | 'path'>,
  change: Change,
): Promise<ApplicationRecord> {
  const { applicationId } = call.path;
  const record = await lockApplication(change, applicationId);
  if (record === undefined) throw notFound('application', applicationId);
  refuseSystemProject(call.instance, record.projectId);
  return record;
}

function differenceOf(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): SettingDifference | undefined {
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (names.length === 0) return undefined;
  const only = (of: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(names.map((name) => [name, of[name]]));
  return { from: only(before), to: only(after) };
}

/** Whether secrets made for one method are nothing to the other. */
function losesSecrets(before: ApplicationSettings, after: ApplicationSettings): boolean {
  const signs = (settings: ApplicationSettings): boolean => settings.authMethod === 'client_secret_jwt';
  return needsSecret(before.authMethod) && (!needsSecret(after.authMethod) || signs(before) !== signs(after));
}

async function changeApplication(call: CallOf<'updateApplication'>): Promise<Application> {
  const { instance, body, path } = call;
  const record = await call.change(async (change) => {
    const row = await lockedApplication(call, change);
    call.checkVersion(applicationSchema, toApplication(call, row));
    const before = settingsOf(row);
    const after = mergeSettings(before, body);
    refuseSettings(instance, after, before);
    refuseManagementClient(call.caller, before, after);
    if (after.isManagementClient) refuseSelfRegistered(row);
    const { id, projectId, name: oldName } = row;
    const { name = oldName } = body;
    const difference = differenceOf({ ...before, name: oldName }, { ...after, name });
    if (difference === undefined) return row;
    await refuseTaken(change, {
      ...{ id, projectId },
      ...(name === oldName ? {} : { name }),
      resourceUris: after.resourceUris.filter((uri) => !before.resourceUris.includes(uri)),
    });
    // cast: the names of settings that differ, with their new values
    const columns = toSettingColumns(difference.to as Partial<ApplicationSettings>);
    await saveApplicationSettings(change, row, columns, {
      difference,
      reach: isTightened(before, after) ? 'ends-tokens' : 'keeps-tokens',
    });
    if (losesSecrets(before, after)) await removeClientSecrets(change, id);
    return await findApplicationRecord(change.trx, change.scope, id);
  });
  if (record === undefined) throw notFound('application', path.applicationId);
  return toApplication(call, record);
}

async function setApplicationState(
  call: CallOf<'activateApplication'> | CallOf<'deactivateApplication'>,
  state: 'active' | 'inactive',
): Promise<Application> {
  const { path } = call;
  const record = await call.change(async (change) => {
    const row = await lockedApplication(call, change);
    if (state === 'active') refuseManagementClient(call.caller, row);
    await updateState(change, 'application', path.applicationId, state);
    return await findApplicationRecord(change.trx, change.scope, path.applicationId);
  });
  if (record === undefined) throw notFound('application', path.applicationId);
  return toApplication(call, record);
}

/** Carries the operations about applications out. */
export const applicationHandlers: Handlers<
  | 'listApplications'
  | 'createApplication'
  | 'checkApplication'
  | 'getApplication'
  | 'listApplicationDeliveries'
  | 'updateApplication'
  | 'activateApplication'
  | 'deactivateApplication'
  | 'removeApplication'
  | keyof typeof applicationCredentialHandlers
> = {
  listApplications: async (call) => {
    const { deps, instance, reach, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listApplicationRecords(deps.store.db, instance.scope, { ...query, reach }, page);
    return pageAnswer(rows, query.limit, {
      item: (row) => toSummary(call, row),
      position: (row) => [row.sortKey, row.id],
      cursorAfter: call.cursorAfter,
    });
  },
  createApplication,
  checkApplication: async ({ deps, instance, body }) => {
    const settings = mergeSettings(applicationDefaults(body.type), body);
    const refusals = findSettingRefusals(settings, settingRules(instance));
    const { isCompliant, problems } = checkCompliance(settings, deps.outboundRules.findProblem);
    return {
      isAccepted: refusals.length === 0,
      refusals: refusals.map(({ setting, index, detail }) => ({
        setting,
        detail,
        ...(index === undefined ? {} : { index }),
      })),
      compliance: { isCompliant, problems: [...problems] },
      settings: toWanted(settings),
    };
  },
  getApplication: async (call) => {
    const { deps, instance, path } = call;
    const record = await findApplicationRecord(deps.store.db, instance.scope, path.applicationId);
    if (record === undefined) throw notFound('application', path.applicationId);
    return toApplication(call, record);
  },
  listApplicationDeliveries,
  updateApplication: changeApplication,
  activateApplication: (call) => setApplicationState(call, 'active'),
  deactivateApplication: (call) => setApplicationState(call, 'inactive'),
  removeApplication: async (call) => {
    await call.change(async (change) => {
      await lockedApplication(call, change);
      await updateState(change, 'application', call.path.applicationId, 'removed');
    });
    return undefined;
  },
  ...applicationCredentialHandlers,
};
