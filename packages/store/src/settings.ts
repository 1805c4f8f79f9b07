import type { Kysely } from 'kysely';
import type { Change } from './change.ts';
import type { InstanceSettings } from './instances.ts';
import type { Scope } from './scope.ts';
import type { InstanceRow, Tables } from './tables.ts';

/** Groups of settings an organization may have of its own. */
export type SettingsKind = 'password' | 'lockout' | 'login' | 'branding';

/** Settings as they are stored, by kind; a kind that is missing was never changed. Shapes are for the reader to judge. */
export type StoredSettings = Readonly<Partial<Record<SettingsKind, unknown>>>;

/** What is stored about settings where an organization is concerned. */
export interface SettingsRows {
  readonly passwordMinimumLength: number;
  readonly instance: StoredSettings;
  /** Empty when nobody's, or for the instance itself. */
  readonly organization: StoredSettings;
  /** What the organization is called, if there is one. */
  readonly organizationName: string | undefined;
}

// The row with the defaults of the instance.
const ofInstance = '';

/** Reads the settings that concern an organization; without an id those of the instance alone. */
export async function findSettings(
  db: Kysely<Tables>,
  scope: Scope,
  organizationId: string | undefined,
): Promise<SettingsRows | undefined> {
  const { instanceId } = scope;
  const instance = await db
    .selectFrom('instances')
    .select('passwordMinimumLength')
    .where('id', '=', instanceId)
    .executeTakeFirst();
  if (instance === undefined) return undefined;
  const rows = await db
    .selectFrom('settings')
    .select(['organizationId', 'kind', 'value'])
    .where('instanceId', '=', instanceId)
    .where('organizationId', 'in', organizationId === undefined ? [ofInstance] : [ofInstance, organizationId])
    .execute();
  const organization =
    organizationId === undefined
      ? undefined
      : await db
          .selectFrom('organizations')
          .select('name')
          .where('instanceId', '=', instanceId)
          .where('id', '=', organizationId)
          .executeTakeFirst();
  const storedOf = (owner: string): StoredSettings =>
    Object.fromEntries(
      rows.filter((row) => row.organizationId === owner).map(({ kind, value }) => [kind, value]),
    );
  return {
    passwordMinimumLength: instance.passwordMinimumLength,
    instance: storedOf(ofInstance),
    organization: organizationId === undefined ? {} : storedOf(organizationId),
    organizationName: organization?.name,
  };
}

/** The instance with its settings, locked until the change ends. */
export async function lockInstanceSettings(
  change: Change,
): Promise<{ readonly row: SettingsColumns; readonly stored: StoredSettings }> {
  const { instanceId } = change.scope;
  const row = await change.trx
    .selectFrom('instances')
    .select(settingsColumns)
    .where('id', '=', instanceId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const found = await findSettings(change.trx, change.scope, undefined);
  return { row, stored: found?.instance ?? {} };
}

const settingsColumns = [
  'accessTokenLifetimeSeconds',
  'accessTokenJwtType',
  'idTokenLifetimeSeconds',
  'refreshIdleSeconds',
  'refreshAbsoluteSeconds',
  'refreshGraceSeconds',
  'sessionIdleSeconds',
  'sessionAbsoluteSeconds',
  'passwordMinimumLength',
  'isImpersonationEnabled',
  'isSelfRegistrationEnabled',
  'dynamicRegistration',
  'registrationPolicy',
  'isClientIdMetadataEnabled',
  'isDpopNonceRequired',
  'dangerousActionMaxAgeSeconds',
] as const satisfies readonly (keyof InstanceRow)[];

/** Settings that are columns of the instance. */
export interface SettingsColumns {
  readonly accessTokenLifetimeSeconds: number;
  readonly accessTokenJwtType: 'at+jwt' | 'JWT';
  readonly idTokenLifetimeSeconds: number;
  readonly refreshIdleSeconds: number;
  readonly refreshAbsoluteSeconds: number;
  readonly refreshGraceSeconds: number;
  readonly sessionIdleSeconds: number;
  readonly sessionAbsoluteSeconds: number;
  readonly passwordMinimumLength: number;
  readonly isImpersonationEnabled: boolean;
  readonly isSelfRegistrationEnabled: boolean;
  readonly dynamicRegistration: 'off' | 'token' | 'open';
  readonly registrationPolicy: unknown;
  readonly isClientIdMetadataEnabled: boolean;
  readonly isDpopNonceRequired: boolean;
  readonly dangerousActionMaxAgeSeconds: number;
}

/** The settings columns of the scope's instance. */
export async function findSettingsColumns(
  db: Kysely<Tables>,
  scope: Scope,
): Promise<SettingsColumns | undefined> {
  return await db
    .selectFrom('instances')
    .select(settingsColumns)
    .where('id', '=', scope.instanceId)
    .executeTakeFirst();
}

/** The settings that concern an organization, which stays locked until the change ends. */
export async function lockOrganizationSettings(
  change: Change,
  organizationId: string,
): Promise<SettingsRows | undefined> {
  const locked = await change.trx
    .selectFrom('organizations')
    .select('id')
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', organizationId)
    .where('state', '<>', 'removed')
    .forUpdate()
    .executeTakeFirst();
  return locked === undefined ? undefined : await findSettings(change.trx, change.scope, organizationId);
}

/** What a change does to groups of settings: a value takes the place of the stored one, null removes it. */
export type SettingsWrites = Readonly<
  Partial<Record<SettingsKind, Readonly<Record<string, unknown>> | null>>
>;

async function writeGroups(change: Change, organizationId: string, writes: SettingsWrites): Promise<void> {
  const { instanceId } = change.scope;
  for (const [kind, value] of Object.entries(writes)) {
    if (value === null) {
      await change.trx
        .deleteFrom('settings')
        .where('instanceId', '=', instanceId)
        .where('organizationId', '=', organizationId)
        .where('kind', '=', kind)
        .execute();
      continue;
    }
    const row = { value: JSON.stringify(value), updatedAtMs: change.nowMs };
    await change.trx
      .insertInto('settings')
      .values({ instanceId, organizationId, kind, ...row })
      .onConflict((conflict) => conflict.columns(['instanceId', 'organizationId', 'kind']).doUpdateSet(row))
      .execute();
  }
}

/** What changed, by field, for the log. */
export interface SettingsDifference {
  readonly from: Readonly<Record<string, unknown>>;
  readonly to: Readonly<Record<string, unknown>>;
}

/** Saves settings of the instance; every node reads them anew. */
export async function saveInstanceSettings(
  change: Change,
  input: {
    readonly columns: InstanceSettings;
    readonly groups: SettingsWrites;
    readonly difference: SettingsDifference;
  },
): Promise<void> {
  const { instanceId } = change.scope;
  if (Object.keys(input.columns).length > 0)
    await change.trx.updateTable('instances').set(input.columns).where('id', '=', instanceId).execute();
  await writeGroups(change, ofInstance, input.groups);
  await change.record({
    type: 'instance.settings.changed',
    objectKind: 'instance',
    objectId: instanceId,
    detail: { ...input.difference },
    reach: 'waking',
  });
}

/** Saves overrides of an organization, or takes them back; every node reads them anew. */
export async function saveOrganizationSettings(
  change: Change,
  input: {
    readonly organizationId: string;
    readonly groups: SettingsWrites;
    readonly difference: SettingsDifference;
  },
): Promise<void> {
  await writeGroups(change, input.organizationId, input.groups);
  await change.record({
    type: 'organization.settings.changed',
    objectKind: 'organization',
    objectId: input.organizationId,
    organizationId: input.organizationId,
    detail: { ...input.difference },
    reach: 'waking',
  });
}

/** The id of an active organization by its primary domain, in lower case. */
export async function findOrganizationByDomain(
  db: Kysely<Tables>,
  scope: Scope,
  domain: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('organizations')
    .select('id')
    .where('instanceId', '=', scope.instanceId)
    .where((eb) => eb(eb.fn<string>('lower', ['primaryDomain']), '=', domain))
    .where('state', '=', 'active')
    .executeTakeFirst();
  return row?.id;
}
