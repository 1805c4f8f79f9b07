import type { Operations, ResponseOf } from '@latchkey/contract';
import {
  type ApplicationSettings,
  alignResponseTypes,
  applicationDefaults,
  checkCompliance,
  findSettingRefusals,
  type SettingRefusal,
  type SettingRules,
} from '@latchkey/protocol';
import type { ApplicationRecord, ApplicationSettings as Columns } from '@latchkey/store';
import type { Deps } from '../platform/deps.ts';
import { ApiError } from '../platform/errors.ts';
import type { InstanceContext } from '../platform/instances.ts';
import { isSystemProject } from './system-project.ts';

/** An application as the API shows it. */
export type Application = ResponseOf<Operations['getApplication']>;
type Summary = ResponseOf<Operations['listApplications']>['items'][number];
type Wanted = ResponseOf<Operations['checkApplication']>['settings'];

/** What an application is shown with: its instance, and which addresses the server refuses to call. */
export interface Surroundings {
  readonly instance: InstanceContext;
  readonly deps: Pick<Deps, 'outboundRules'>;
}

const settingNames = Object.keys(applicationDefaults('web'));
const jsonSettings: readonly string[] = ['jwks', 'tlsClientAuth'];

/** The settings in a row. */
export function settingsOf(record: ApplicationRecord): ApplicationSettings {
  const row: Readonly<Record<string, unknown>> = { ...record };
  // cast: the columns of the row have the names and types of the settings
  return Object.fromEntries(settingNames.map((name) => [name, row[name]])) as unknown as ApplicationSettings;
}

function identityOf(instance: InstanceContext, record: ApplicationRecord) {
  const { id, projectId, projectName, organizationId, clientId, name, type, state, createdAtMs } = record;
  return {
    ...{ id, projectId, projectName, organizationId, clientId, name, type },
    state: state === 'active' ? ('active' as const) : ('inactive' as const),
    isSystem: isSystemProject(instance, projectId),
    createdAt: new Date(createdAtMs).toISOString(),
  };
}

/** An application with every setting and what is unsafe about them. */
export function toApplication({ instance, deps }: Surroundings, record: ApplicationRecord): Application {
  const settings = settingsOf(record);
  const { isCompliant, problems } = checkCompliance(settings, deps.outboundRules.findProblem);
  return {
    ...toWanted(settings),
    ...identityOf(instance, record),
    compliance: { isCompliant, problems: [...problems] },
  };
}

/** An application as lists show it. */
export function toSummary({ instance, deps }: Surroundings, record: ApplicationRecord): Summary {
  const { authMethod } = record;
  const { isCompliant } = checkCompliance(settingsOf(record), deps.outboundRules.findProblem);
  return { ...identityOf(instance, record), authMethod, isCompliant };
}

/** Settings as the contract words them: the same names and values. */
export function toWanted(settings: ApplicationSettings): Wanted {
  // cast: the schema's enumerations are wider or the same, and every write has passed it; the router checks it again
  return settings as unknown as Wanted;
}

/** Settings somebody gives: any of them, by the contract's names. */
export type GivenSettings = { readonly [Name in keyof Wanted]?: Wanted[Name] | undefined };

/** Settings with those somebody gives in place of the ones before, and what follows from them. */
export function mergeSettings(before: ApplicationSettings, given: GivenSettings): ApplicationSettings {
  const known = Object.entries(given).filter(
    ([name, value]) => value !== undefined && settingNames.includes(name),
  );
  const merged: ApplicationSettings = { ...before, ...Object.fromEntries(known) };
  const isEncrypted = merged.idTokenEncryptedResponseAlg !== null;
  return {
    ...merged,
    responseTypes: given.responseTypes === undefined ? alignResponseTypes(merged) : merged.responseTypes,
    // OpenID Connect Dynamic Client Registration §2: the default when only the algorithm is given.
    idTokenEncryptedResponseEnc:
      isEncrypted && merged.idTokenEncryptedResponseEnc === null
        ? 'A128CBC-HS256'
        : !isEncrypted && given.idTokenEncryptedResponseEnc === undefined
          ? null
          : merged.idTokenEncryptedResponseEnc,
  };
}

/** Settings as columns: JSON as text, lists of their own. */
export function toSettingColumns(settings: Partial<ApplicationSettings>): Columns {
  const entries = Object.entries(settings).map(([name, value]) => [
    name,
    jsonSettings.includes(name) && value !== null ? JSON.stringify(value) : value,
  ]);
  return Object.fromEntries(entries) as Columns; // cast: the settings have the names and types of the columns, JSON aside
}

/** What settings of an instance's applications are held against. */
export function settingRules(instance: InstanceContext): SettingRules {
  const active = instance.signingKeys.filter(({ state }) => state === 'active');
  return {
    signingAlgorithms: [...new Set(active.map(({ algorithm }) => algorithm))],
    ownOrigins: [instance.origin],
  };
}

function pointerOf({ setting, index }: SettingRefusal): string {
  return index === undefined ? `/${setting}` : `/${setting}/${index}`;
}

/**
 * Throws `invalid-input` or `unsafe-setting` with the place of every setting that cannot be saved. What could not have
 * been saved before either is passed over: a key that was retired since must not stand in the way of another change.
 */
export function refuseSettings(
  instance: InstanceContext,
  after: ApplicationSettings,
  before?: ApplicationSettings,
): void {
  const rules = settingRules(instance);
  const wordsOf = (refusal: SettingRefusal): string => `${pointerOf(refusal)} ${refusal.detail}`;
  const known = before === undefined ? [] : findSettingRefusals(before, rules).map(wordsOf);
  const refusals = findSettingRefusals(after, rules).filter((refusal) => !known.includes(wordsOf(refusal)));
  const [first] = refusals;
  if (first === undefined) return;
  const isWrong = refusals.some(({ kind }) => kind === 'value');
  throw new ApiError(isWrong ? 'invalid-input' : 'unsafe-setting', `${first.setting}: ${first.detail}.`, {
    errors: refusals.map((refusal) => ({ pointer: pointerOf(refusal), detail: refusal.detail })),
  });
}
