import {
  type BodyOf,
  type InstanceSettingsBody,
  instanceSettings,
  type Operations,
  type OverridableSettings,
  organizationSettings,
} from '@latchkey/contract';
import { parseRegistrationPolicy } from '@latchkey/protocol';
import {
  type Change,
  findSettings,
  findSettingsColumns,
  findTarget,
  type InstanceSettings,
  lockInstanceSettings,
  lockOrganizationSettings,
  type SettingsColumns,
  type SettingsDifference,
  type SettingsKind,
  type SettingsRows,
  type SettingsWrites,
  type StoredSettings,
  saveInstanceSettings,
  saveOrganizationSettings,
} from '@latchkey/store';
import type { Deps } from '../platform/deps.ts';
import { settleSettings, shippedSettings } from '../platform/settings.ts';
import { notFound } from './admit.ts';
import type { Handlers } from './call.ts';
import { refuseFindings, type SettingsFinding, settingsFindings } from './settings-safety.ts';

type InstanceBody = BodyOf<Operations['updateInstanceSettings']>;
type OrganizationBody = BodyOf<Operations['updateOrganizationSettings']>;
type OrganizationAnswer = {
  readonly own: { readonly [Kind in SettingsKind]: OverridableSettings[Kind] | null };
  readonly effective: OverridableSettings;
};

const kinds = ['password', 'lockout', 'login', 'branding'] as const satisfies readonly SettingsKind[];

function featuresOf(columns: SettingsColumns): InstanceSettingsBody['features'] {
  const policy = parseRegistrationPolicy(columns.registrationPolicy);
  return {
    impersonation: columns.isImpersonationEnabled,
    selfRegistration: columns.isSelfRegistrationEnabled,
    dynamicRegistration: columns.dynamicRegistration,
    clientIdMetadata: columns.isClientIdMetadataEnabled,
    dpopNonceRequired: columns.isDpopNonceRequired,
    registrationPolicy: {
      grantTypes: [...policy.grantTypes],
      responseTypes: [...policy.responseTypes],
      redirectHosts: policy.redirectHosts === undefined ? null : [...policy.redirectHosts],
      redirectSchemes: policy.redirectSchemes === undefined ? null : [...policy.redirectSchemes],
      isHttpRedirectAllowed: policy.isHttpRedirectAllowed,
      maximumApplications: policy.maximumApplications,
      isThirdParty: policy.isThirdParty,
      projectId: policy.projectId ?? null,
    },
  };
}

function lifetimesOf(columns: SettingsColumns): InstanceSettingsBody['lifetimes'] {
  return {
    accessTokenSeconds: columns.accessTokenLifetimeSeconds,
    idTokenSeconds: columns.idTokenLifetimeSeconds,
    refreshIdleSeconds: columns.refreshIdleSeconds,
    refreshAbsoluteSeconds: columns.refreshAbsoluteSeconds,
    refreshGraceSeconds: columns.refreshGraceSeconds,
    sessionIdleSeconds: columns.sessionIdleSeconds,
    sessionAbsoluteSeconds: columns.sessionAbsoluteSeconds,
  };
}

/** The settings of an instance as they are shown. */
export function toInstanceSettings(
  columns: SettingsColumns,
  stored: StoredSettings,
  deps: Pick<Deps, 'lockout'>,
): InstanceSettingsBody {
  const rows: SettingsRows = {
    passwordMinimumLength: columns.passwordMinimumLength,
    instance: stored,
    organization: {},
    organizationName: undefined,
  };
  const { instance } = settleSettings(rows, deps.lockout);
  const { dangerousActionMaxAgeSeconds } = columns;
  return {
    lifetimes: lifetimesOf(columns),
    features: featuresOf(columns),
    security: { dangerousActionMaxAgeSeconds },
    tokens: { accessTokenJwtType: columns.accessTokenJwtType },
    ...instance,
  };
}

/** The settings of an organization as they are shown. */
export function toOrganizationSettings(rows: SettingsRows, deps: Pick<Deps, 'lockout'>): OrganizationAnswer {
  const { effective } = settleSettings(rows, deps.lockout);
  const { organization } = rows;
  return {
    own: {
      password: organization.password === undefined ? null : effective.password,
      lockout: organization.lockout === undefined ? null : effective.lockout,
      login: organization.login === undefined ? null : effective.login,
      branding: organization.branding === undefined ? null : effective.branding,
    },
    effective,
  };
}

/** A group with the fields of a change in place of its own. */
function over<T extends object>(group: T, change: { readonly [Name in keyof T]?: T[Name] | undefined }): T {
  const told = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...group, ...told };
}

/** The overridable groups that a change names, as they will be; `below` stands where one is taken back. */
function changedGroups(
  body: OrganizationBody,
  now: OverridableSettings,
  below: OverridableSettings,
): Partial<OverridableSettings> {
  const { password, lockout, login, branding } = body;
  return {
    ...(password === undefined
      ? {}
      : { password: password === null ? below.password : over(now.password, password) }),
    ...(lockout === undefined
      ? {}
      : { lockout: lockout === null ? below.lockout : over(now.lockout, lockout) }),
    ...(login === undefined ? {} : { login: login === null ? below.login : over(now.login, login) }),
    ...(branding === undefined
      ? {}
      : { branding: branding === null ? below.branding : over(now.branding, branding) }),
  };
}

// A picture says nothing in a log and would fill it.
function forLog(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('data:') ? `${value.slice(0, 32)}…` : value;
}

/** The fields in which two states of settings differ, by `group.field`; `undefined` when they do not. */
export function settingsDifference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): SettingsDifference | undefined {
  const from: Record<string, unknown> = {};
  const to: Record<string, unknown> = {};
  for (const group of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old: Readonly<Record<string, unknown>> = { ...Object(before[group]) };
    const next: Readonly<Record<string, unknown>> = { ...Object(after[group]) };
    for (const field of new Set([...Object.keys(old), ...Object.keys(next)])) {
      if (JSON.stringify(old[field]) === JSON.stringify(next[field])) continue;
      from[`${group}.${field}`] = forLog(old[field] ?? null);
      to[`${group}.${field}`] = forLog(next[field] ?? null);
    }
  }
  return Object.keys(to).length === 0 ? undefined : { from, to };
}

function writesOf(body: OrganizationBody, groups: Partial<OverridableSettings>): SettingsWrites {
  return Object.fromEntries(
    kinds.flatMap((kind) =>
      body[kind] === undefined ? [] : [[kind, body[kind] === null ? null : groups[kind]]],
    ),
  );
}

function columnsOf(after: InstanceSettingsBody): InstanceSettings {
  const { lifetimes, features, security, tokens, password } = after;
  const { redirectHosts, redirectSchemes, projectId, ...policy } = features.registrationPolicy;
  return {
    accessTokenLifetimeSeconds: lifetimes.accessTokenSeconds,
    accessTokenJwtType: tokens.accessTokenJwtType,
    idTokenLifetimeSeconds: lifetimes.idTokenSeconds,
    refreshIdleSeconds: lifetimes.refreshIdleSeconds,
    refreshAbsoluteSeconds: lifetimes.refreshAbsoluteSeconds,
    refreshGraceSeconds: lifetimes.refreshGraceSeconds,
    sessionIdleSeconds: lifetimes.sessionIdleSeconds,
    sessionAbsoluteSeconds: lifetimes.sessionAbsoluteSeconds,
    passwordMinimumLength: password.minimumLength,
    isImpersonationEnabled: features.impersonation,
    isSelfRegistrationEnabled: features.selfRegistration,
    dynamicRegistration: features.dynamicRegistration,
    isClientIdMetadataEnabled: features.clientIdMetadata,
    isDpopNonceRequired: features.dpopNonceRequired,
    dangerousActionMaxAgeSeconds: security.dangerousActionMaxAgeSeconds,
    registrationPolicy: JSON.stringify({
      ...policy,
      ...(redirectHosts === null ? {} : { redirectHosts }),
      ...(redirectSchemes === null ? {} : { redirectSchemes }),
      ...(projectId === null ? {} : { projectId }),
    }),
  };
}

/** The instance does not open organizations: each of them decides for itself. */
function openRegistrationFindings({ login }: InstanceSettingsBody): readonly SettingsFinding[] {
  if (!login.allowRegistration) return [];
  const detail =
    'login.allowRegistration is a setting of each organization; only false is accepted for the instance.';
  return [{ code: 'unsafe-setting', pointer: '/login/allowRegistration', detail }];
}

async function projectFindings(
  change: Change,
  after: InstanceSettingsBody,
  before: InstanceSettingsBody,
): Promise<readonly SettingsFinding[]> {
  const { projectId } = after.features.registrationPolicy;
  if (projectId === null || projectId === before.features.registrationPolicy.projectId) return [];
  const found = await findTarget(change.trx, change.scope, projectId);
  // Applications of the project of the management API could be used as Latchkey itself.
  if (found?.isManagement === false) return [];
  return [
    {
      code: 'invalid-input',
      pointer: '/features/registrationPolicy/projectId',
      detail: 'is no active project of this instance, or the one of the management API',
    },
  ];
}

/**
 * Changes settings of the instance within a change that is under way. Throws `invalid-input` or `unsafe-setting`, each with
 * every finding. `check` is shown the present settings, locked, before anything is changed.
 */
export async function changeInstanceSettings(
  change: Change,
  body: InstanceBody,
  deps: Pick<Deps, 'lockout'>,
  check: (present: InstanceSettingsBody) => void = () => undefined,
): Promise<InstanceSettingsBody> {
  const { row, stored } = await lockInstanceSettings(change);
  const before = toInstanceSettings(row, stored, deps);
  check(before);
  const { lifetimes, features, security, tokens, ...overridable } = body;
  const groups = changedGroups(overridable, before, shippedSettings(deps.lockout));
  const after: InstanceSettingsBody = {
    ...before,
    ...groups,
    lifetimes: over(before.lifetimes, lifetimes ?? {}),
    features: over(before.features, {
      ...features,
      registrationPolicy: over(before.features.registrationPolicy, features?.registrationPolicy ?? {}),
    }),
    security: over(before.security, security ?? {}),
    tokens: over(before.tokens, tokens ?? {}),
  };
  const touched = { ...groups, ...(lifetimes === undefined ? {} : { lifetimes: after.lifetimes }) };
  refuseFindings([
    ...settingsFindings(touched),
    ...openRegistrationFindings(after),
    ...(await projectFindings(change, after, before)),
  ]);
  const difference = settingsDifference(before, after);
  if (difference !== undefined) {
    // The length of passwords is a column of the instance.
    const { password: _, ...writes } = writesOf(overridable, groups);
    await saveInstanceSettings(change, { columns: columnsOf(after), groups: writes, difference });
  }
  return after;
}

/** Changes overrides of an organization within a change that is under way; as `changeInstanceSettings`. Throws `not-found`. */
export async function changeOrganizationSettings(
  change: Change,
  input: { readonly organizationId: string; readonly body: OrganizationBody },
  deps: Pick<Deps, 'lockout'>,
  check: (present: OrganizationAnswer) => void = () => undefined,
): Promise<OrganizationAnswer> {
  const { organizationId, body } = input;
  const rows = await lockOrganizationSettings(change, organizationId);
  if (rows === undefined) throw notFound('organization', organizationId);
  const before = toOrganizationSettings(rows, deps);
  check(before);
  const { instance, effective } = settleSettings(rows, deps.lockout);
  const groups = changedGroups(body, effective, instance);
  refuseFindings(settingsFindings(groups));
  const own = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      body[kind] === undefined ? before.own[kind] : body[kind] === null ? null : groups[kind],
    ]),
  );
  const difference = settingsDifference(before.own, own);
  if (difference !== undefined)
    await saveOrganizationSettings(change, { organizationId, groups: writesOf(body, groups), difference });
  const after = await findSettings(change.trx, change.scope, organizationId);
  if (after === undefined) throw notFound('organization', organizationId);
  return toOrganizationSettings(after, deps);
}

/** Carries the operations of this chapter out. */
export const settingsHandlers: Handlers<
  'getInstanceSettings' | 'updateInstanceSettings' | 'getOrganizationSettings' | 'updateOrganizationSettings'
> = {
  getInstanceSettings: async ({ deps, instance }) => {
    const { db } = deps.store;
    const columns = await findSettingsColumns(db, instance.scope);
    const rows = await findSettings(db, instance.scope, undefined);
    if (columns === undefined || rows === undefined) throw notFound('instance', instance.id);
    return toInstanceSettings(columns, rows.instance, deps);
  },
  updateInstanceSettings: async ({ deps, body, change, checkVersion }) =>
    await change((work) =>
      changeInstanceSettings(work, body, deps, (present) => checkVersion(instanceSettings, present)),
    ),
  getOrganizationSettings: async ({ deps, instance, path }) => {
    const rows = await findSettings(deps.store.db, instance.scope, path.organizationId);
    if (rows === undefined) throw notFound('organization', path.organizationId);
    return toOrganizationSettings(rows, deps);
  },
  updateOrganizationSettings: async ({ deps, body, path, change, checkVersion }) =>
    await change((work) =>
      changeOrganizationSettings(work, { organizationId: path.organizationId, body }, deps, (present) =>
        checkVersion(organizationSettings, present),
      ),
    ),
};
