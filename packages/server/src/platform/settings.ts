import {
  brandingSettings,
  lockoutSettings,
  loginSettings,
  type OverridableSettings,
  passwordSettings,
} from '@latchkey/contract';
import { defaultPasswordPolicy, type LockoutPolicy, type PasswordPolicy } from '@latchkey/identity';
import {
  findOrganizationByDomain,
  findSettings,
  type Scope,
  type SettingsRows,
  type Store,
  type StoredSettings,
} from '@latchkey/store';
import type { z } from 'zod';
import { createFactCache } from './cached-facts.ts';
import type { LiveState } from './live-state.ts';

/** The settings that hold for somebody: those of their organization where it has its own, else those of the instance. */
export interface EffectiveSettings extends OverridableSettings {
  /** `password` as the check of a new password takes it. */
  readonly passwordPolicy: PasswordPolicy;
  /** `lockout` as the check of a password takes it. */
  readonly lockoutPolicy: LockoutPolicy;
  /** What the organization is called; absent for the instance itself. */
  readonly organizationName?: string;
}

/** Reads settings, from memory as far as the log allows. */
export interface SettingsReader {
  /**
   * The settings for people of an organization, or of the instance itself (`undefined`: nobody knows yet whose person it
   * is). An organization there is none of has the settings of the instance. From memory; other nodes hear of changes by the
   * log. Rejects when the database is away.
   */
  readonly of: (scope: Scope, organizationId: string | undefined) => Promise<EffectiveSettings>;
  /** The settings of the instance as this process last read them, for pages that cannot wait; `undefined` when it never has. */
  readonly known: (scope: Scope) => EffectiveSettings | undefined;
  /** The id of the active organization a request names, by id or primary domain; `undefined` when it names none. */
  readonly wantedOrganization: (
    scope: Scope,
    wanted: { readonly organizationId?: string; readonly organizationDomain?: string },
  ) => Promise<string | undefined>;
}

/** What Latchkey ships with. */
export function shippedSettings(lockout: LockoutPolicy): OverridableSettings {
  return {
    password: { minimumLength: defaultPasswordPolicy.minimumLength },
    lockout: {
      freeAttempts: lockout.freeAttempts,
      softLockAttempts: lockout.softLockAttempts,
      softLockSeconds: Math.ceil(lockout.softLockMs / 1000),
      longestDelaySeconds: Math.ceil(lockout.longestDelayMs / 1000),
    },
    login: {
      allowLoginByEmail: true,
      allowRegistration: false,
      defaultRedirectUri: null,
      helpUrl: null,
      termsUrl: null,
      privacyUrl: null,
      allowedLanguages: null,
    },
    branding: {
      accentColorLight: null,
      accentColorDark: null,
      backgroundColorLight: null,
      backgroundColorDark: null,
      radiusPx: 8,
      logoUrlLight: null,
      logoUrlDark: null,
      font: 'system',
      themeMode: 'auto',
      hideLatchkeyMark: false,
    },
  };
}

/** A stored group over what held before it. What another version wrote and this one cannot read is as if it were not there. */
function groupOver<T extends object>(schema: z.ZodType<T>, stored: unknown, below: T): T {
  if (typeof stored !== 'object' || stored === null) return below;
  const read = schema.safeParse({ ...below, ...stored });
  return read.success ? read.data : below;
}

function groupsOver(stored: StoredSettings, below: OverridableSettings): OverridableSettings {
  return {
    password: groupOver(passwordSettings, stored.password, below.password),
    lockout: groupOver(lockoutSettings, stored.lockout, below.lockout),
    login: groupOver(loginSettings, stored.login, below.login),
    branding: groupOver(brandingSettings, stored.branding, below.branding),
  };
}

/** The settings of the instance and, over them, of the organization, from what is stored. */
export function settleSettings(
  rows: SettingsRows,
  lockout: LockoutPolicy,
): { readonly instance: OverridableSettings; readonly effective: OverridableSettings } {
  const shipped = shippedSettings(lockout);
  const withLength = { ...shipped, password: { minimumLength: rows.passwordMinimumLength } };
  const instance = groupsOver(rows.instance, withLength);
  return { instance, effective: groupsOver(rows.organization, instance) };
}

function toEffective(rows: SettingsRows, lockout: LockoutPolicy): EffectiveSettings {
  const { effective } = settleSettings(rows, lockout);
  const { freeAttempts, softLockAttempts, softLockSeconds, longestDelaySeconds } = effective.lockout;
  // Nobody has changed it: as exact as it came.
  const isShipped = rows.instance.lockout === undefined && rows.organization.lockout === undefined;
  return {
    ...effective,
    passwordPolicy: { ...defaultPasswordPolicy, ...effective.password },
    lockoutPolicy: isShipped
      ? lockout
      : {
          freeAttempts,
          softLockAttempts,
          softLockMs: softLockSeconds * 1000,
          longestDelayMs: longestDelaySeconds * 1000,
        },
    ...(rows.organizationName === undefined ? {} : { organizationName: rows.organizationName }),
  };
}

/** The settings as they stand in a transaction under way. Rejects when the instance has none. */
export async function settingsIn(
  db: Store['db'],
  scope: Scope,
  organizationId: string | undefined,
  lockout: LockoutPolicy,
): Promise<EffectiveSettings> {
  const rows = await findSettings(db, scope, organizationId);
  if (rows === undefined) throw new Error('the instance has no settings');
  return toEffective(rows, lockout);
}

// No organization has this id.
const ofInstance = 'instance';

/** The reader of one process. `lockout` holds where nobody has changed it. */
export function createSettingsReader(store: Store, live: LiveState, lockout: LockoutPolicy): SettingsReader {
  const lastRead = new Map<string, EffectiveSettings>();
  const settings = createFactCache<EffectiveSettings>({
    maximum: 2000,
    find: async (scope, id) => {
      const rows = await findSettings(store.db, scope, id === ofInstance ? undefined : id);
      if (rows === undefined) return undefined;
      const effective = toEffective(rows, lockout);
      if (id === ofInstance) lastRead.set(scope.instanceId, effective);
      return effective;
    },
  });
  // Whoever needs them and cannot have them hears of it when they ask.
  const readAgain = (instanceId: string): void =>
    void settings.load({ instanceId }, ofInstance).catch(() => undefined);
  const domains = createFactCache<string>({
    maximum: 2000,
    find: (scope, domain) => findOrganizationByDomain(store.db, scope, domain),
  });
  live.onEvent(({ instanceId, objectKind }) => {
    if (objectKind !== 'instance' && objectKind !== 'organization') return;
    settings.dropAll();
    domains.dropAll();
    if (objectKind === 'instance') readAgain(instanceId);
  });
  return {
    of: async (scope, organizationId) => {
      const found = await settings.load(scope, organizationId ?? ofInstance);
      if (found === undefined) throw new Error('the instance has no settings');
      return found;
    },
    known: (scope) => {
      const found = lastRead.get(scope.instanceId);
      if (found === undefined) readAgain(scope.instanceId);
      return found;
    },
    wantedOrganization: async (scope, { organizationId, organizationDomain }) =>
      organizationId ??
      (organizationDomain === undefined ? undefined : await domains.load(scope, organizationDomain)),
  };
}
