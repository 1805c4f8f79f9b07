import { proofFields } from './proof-fields.ts';
import { type Application, people, type SettingField, type SettingGroup } from './setting-field.ts';
import { signInFields } from './sign-in-fields.ts';
import { tokenFields } from './token-fields.ts';

const signOut: readonly SettingField[] = [
  {
    name: 'backchannelLogoutUri',
    kind: 'text',
    isOptional: true,
    types: people,
    label: { en: 'Told by the server at', de: 'Vom Server benachrichtigt unter' },
    help: {
      en: 'Receives a signed logout token when a session ends.',
      de: 'Erhält ein signiertes Abmeldetoken, wenn eine Sitzung endet.',
    },
  },
  {
    name: 'isBackchannelSessionRequired',
    kind: 'flag',
    types: people,
    label: { en: 'Logout tokens name the session', de: 'Abmeldetokens nennen die Sitzung' },
  },
  {
    name: 'frontchannelLogoutUri',
    kind: 'text',
    isOptional: true,
    types: people,
    label: { en: 'Loaded in the browser', de: 'Im Browser geladen' },
  },
  {
    name: 'isFrontchannelSessionRequired',
    kind: 'flag',
    types: people,
    label: { en: 'Loaded with issuer and session', de: 'Mit Aussteller und Sitzung geladen' },
  },
];

const about: readonly SettingField[] = [
  { name: 'clientUri', kind: 'text', isOptional: true, label: { en: 'Home page', de: 'Startseite' } },
  { name: 'logoUri', kind: 'text', isOptional: true, label: { en: 'Logo', de: 'Logo' } },
  {
    name: 'policyUri',
    kind: 'text',
    isOptional: true,
    label: { en: 'Privacy policy', de: 'Datenschutzerklärung' },
  },
  {
    name: 'tosUri',
    kind: 'text',
    isOptional: true,
    label: { en: 'Terms of service', de: 'Nutzungsbedingungen' },
  },
  { name: 'contacts', kind: 'lines', label: { en: 'Contacts', de: 'Ansprechpartner' } },
];

/** Every setting by group, in the order of the form. */
export const settingGroups: readonly SettingGroup[] = [
  { key: 'signIn', fields: signInFields },
  { key: 'tokens', fields: tokenFields },
  { key: 'proofs', fields: proofFields },
  { key: 'signOut', fields: signOut },
  { key: 'about', fields: about },
];

/** The fields of a group that are for a kind of application. */
export function fieldsFor(group: SettingGroup, type: Application['type']): readonly SettingField[] {
  return group.fields.filter(({ types }) => types === undefined || types.includes(type));
}
