import type { BodyInputOf, Operations, ProblemBody } from '@latchkey/contract/client';
import type {
  FormGroup,
  GroupValues,
  InstanceSettings,
  OrganizationSettings,
  OverridableGroup,
} from './setting-fields.ts';

/** Whose settings are shown. */
export type SettingsScope =
  | { readonly kind: 'instance' }
  | { readonly kind: 'organization'; readonly id: string };

/** Settings as the pages show them, whoever they are of. */
export interface SettingsState {
  readonly groups: OrganizationSettings['effective'] &
    Partial<Pick<InstanceSettings, 'lifetimes' | 'features' | 'security' | 'tokens'>>;
  /** Which groups are the organization's own; of the instance all are. */
  readonly own: Readonly<Record<OverridableGroup, boolean>>;
}

/** What is sent to change settings. */
export type SettingsBody = BodyInputOf<Operations['updateInstanceSettings']>;

/** The settings of the instance for the pages. */
export function ofInstance(settings: InstanceSettings): SettingsState {
  return { groups: settings, own: { password: true, lockout: true, login: true, branding: true } };
}

/** The settings of an organization for the pages. */
export function ofOrganization({ own, effective }: OrganizationSettings): SettingsState {
  return {
    groups: effective,
    own: {
      password: own.password !== null,
      lockout: own.lockout !== null,
      login: own.login !== null,
      branding: own.branding !== null,
    },
  };
}

/** The values of a form's group; `undefined` where there are none of it. */
export function valuesOf({ groups }: SettingsState, group: FormGroup): GroupValues | undefined {
  switch (group) {
    case 'registration':
      return groups.features?.registrationPolicy;
    case 'features': {
      if (groups.features === undefined) return undefined;
      const { registrationPolicy: _, ...switches } = groups.features;
      return switches;
    }
    default:
      return groups[group];
  }
}

/** The body that changes fields of a group. */
export function bodyOf(group: FormGroup, changes: GroupValues): SettingsBody {
  return group === 'registration' ? { features: { registrationPolicy: changes } } : { [group]: changes };
}

/** What the API said about the fields of a group, by name. */
export function errorsOf(
  problem: ProblemBody | undefined,
  group: FormGroup | 'branding',
): Readonly<Record<string, string>> {
  const prefix = group === 'registration' ? '/features/registrationPolicy/' : `/${group}/`;
  const own = (problem?.errors ?? []).filter(({ pointer }) => pointer.startsWith(prefix));
  return Object.fromEntries(
    own.map(({ pointer, detail }) => [pointer.slice(prefix.length).split('/')[0] ?? '', detail]),
  );
}
