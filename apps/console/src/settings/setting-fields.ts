import type { Operations, ResponseOf } from '@latchkey/contract/client';
import type { SettingsMessage } from './messages.ts';

/** The settings of an instance, as the API shows them. */
export type InstanceSettings = ResponseOf<Operations['getInstanceSettings']>;
/** The settings of an organization, as the API shows them. */
export type OrganizationSettings = ResponseOf<Operations['getOrganizationSettings']>;
/** Groups an organization may have of its own. */
export type OverridableGroup = keyof OrganizationSettings['effective'];
/** The look of sign-in pages. */
export type Branding = InstanceSettings['branding'];

/** Groups of settings that have a form; `registration` is the policy within the features. */
export type FormGroup =
  | 'login'
  | 'password'
  | 'lockout'
  | 'lifetimes'
  | 'tokens'
  | 'security'
  | 'features'
  | 'registration';

/** How a setting is filled in. */
export type SettingInput =
  | { readonly kind: 'switch' }
  | { readonly kind: 'number'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'duration'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'address' }
  | { readonly kind: 'text' }
  | { readonly kind: 'lines' }
  | {
      readonly kind: 'choice';
      readonly options: readonly { readonly value: string; readonly text: SettingsMessage }[];
    }
  | { readonly kind: 'several'; readonly options: readonly SeveralOption[]; readonly empty: 'null' | 'list' };

/** An option of which several may be chosen: a name people read, or the value itself where it is one. */
export interface SeveralOption {
  readonly value: string;
  readonly text?: SettingsMessage;
}

/** A setting and how it is filled in; its name is the key of its label, and with `Help` that of the line below. */
export interface SettingField {
  readonly name: SettingsMessage;
  readonly input: SettingInput;
  /** Set where only organizations have the setting. */
  readonly scope?: 'organization';
}

const tenYears = 315_360_000;
const duration = (name: SettingsMessage, minimum: number, maximum: number): SettingField => ({
  name,
  input: { kind: 'duration', minimum, maximum },
});
const number = (name: SettingsMessage, minimum: number, maximum: number): SettingField => ({
  name,
  input: { kind: 'number', minimum, maximum },
});
const plain = (kind: 'switch' | 'address' | 'text' | 'lines', ...names: SettingsMessage[]): SettingField[] =>
  names.map((name) => ({ name, input: { kind } }));
const values = (...all: string[]): readonly SeveralOption[] => all.map((value) => ({ value }));

/** The fields of each group, in the order they are shown. */
export const settingFields: Readonly<Record<FormGroup, readonly SettingField[]>> = {
  login: [
    ...plain('switch', 'allowLoginByEmail'),
    { name: 'allowRegistration', input: { kind: 'switch' }, scope: 'organization' },
    ...plain('address', 'defaultRedirectUri', 'helpUrl', 'termsUrl', 'privacyUrl'),
    {
      name: 'allowedLanguages',
      input: {
        kind: 'several',
        empty: 'null',
        options: [
          { value: 'en', text: 'languageEn' },
          { value: 'de', text: 'languageDe' },
        ],
      },
    },
  ],
  password: [number('minimumLength', 8, 64)],
  lockout: [
    number('freeAttempts', 1, 20),
    duration('longestDelaySeconds', 1, 3600),
    number('softLockAttempts', 3, 100),
    duration('softLockSeconds', 30, 86_400),
  ],
  lifetimes: [
    duration('accessTokenSeconds', 10, 86_400),
    duration('idTokenSeconds', 10, 86_400),
    duration('refreshIdleSeconds', 60, tenYears),
    duration('refreshAbsoluteSeconds', 60, tenYears),
    duration('refreshGraceSeconds', 0, 60),
    duration('sessionIdleSeconds', 60, tenYears),
    duration('sessionAbsoluteSeconds', 60, tenYears),
  ],
  tokens: [
    {
      name: 'accessTokenJwtType',
      input: {
        kind: 'choice',
        options: [
          { value: 'JWT', text: 'jwtTypeJwt' },
          { value: 'at+jwt', text: 'jwtTypeAtJwt' },
        ],
      },
    },
  ],
  security: [duration('dangerousActionMaxAgeSeconds', 0, 86_400)],
  features: [
    ...plain('switch', 'selfRegistration', 'impersonation', 'clientIdMetadata', 'dpopNonceRequired'),
    {
      name: 'dynamicRegistration',
      input: {
        kind: 'choice',
        options: [
          { value: 'off', text: 'registrationOff' },
          { value: 'token', text: 'registrationToken' },
          { value: 'open', text: 'registrationOpen' },
        ],
      },
    },
  ],
  registration: [
    {
      name: 'grantTypes',
      input: {
        kind: 'several',
        empty: 'list',
        options: values(
          'authorization_code',
          'refresh_token',
          'client_credentials',
          'urn:ietf:params:oauth:grant-type:device_code',
          'urn:ietf:params:oauth:grant-type:token-exchange',
          'urn:ietf:params:oauth:grant-type:jwt-bearer',
          'urn:openid:params:grant-type:ciba',
          'implicit',
        ),
      },
    },
    {
      name: 'responseTypes',
      input: {
        kind: 'several',
        empty: 'list',
        options: values(
          'code',
          'id_token',
          'id_token token',
          'code id_token',
          'code token',
          'code id_token token',
        ),
      },
    },
    ...plain('lines', 'redirectHosts', 'redirectSchemes'),
    ...plain('switch', 'isThirdParty', 'isHttpRedirectAllowed'),
    number('maximumApplications', 0, 1_000_000),
    ...plain('text', 'projectId'),
  ],
};

/** The values of a group by name. */
export type GroupValues = Readonly<Record<string, unknown>>;

/** The fields of a draft that differ from what is saved. */
export function changedFields(saved: GroupValues, draft: GroupValues): GroupValues {
  return Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => JSON.stringify(saved[name]) !== JSON.stringify(value)),
  );
}
