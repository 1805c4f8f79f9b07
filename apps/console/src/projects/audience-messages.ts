import { defineMessages } from '../i18n/text.ts';

/** Texts of the page that shows who can get tokens for a project. */
export const audienceMessages = defineMessages({
  en: {
    title: 'Who can get tokens for this project',
    intro:
      'Tokens for this project are accepted by its APIs. An application that is not listed here cannot request them.',
    ownTitle: 'Your own organization',
    ownText: 'All applications and machine users of {organization}, except third-party applications.',
    grantedTitle: 'Organizations the project is granted to',
    grantedText: 'Their applications and machine users can get tokens while the grant is active.',
    noGrants: 'No active grants',
    manageGrants: 'Manage grants',
    machineText: 'Machine users of other organizations can get tokens while they hold an authorization.',
    clientsTitle: 'Applications',
    clientsText: 'Applications of other organizations and third-party applications, by client ID.',
    clientId: 'Client ID',
    addClient: 'Allow application',
    noClients: 'No other applications',
    organizationsTitle: 'Organizations',
    organizationsText: 'All applications and machine users of these organizations.',
    organizationId: 'Organization ID',
    addOrganization: 'Allow organization',
    noOrganizations: 'No other organizations',
    remove: 'Remove',
    removeEntry: 'Remove {id}',
    removed: 'Removed. Tokens that were issued already stay valid until they expire.',
    saved: 'Saved',
    open: 'Open to third-party applications',
    openHelp:
      'Any third-party application, also one that registered itself, can get tokens with the consent of each user.',
  },
  de: {
    title: 'Wer Tokens für dieses Projekt bekommt',
    intro:
      'Tokens für dieses Projekt werden von seinen Schnittstellen akzeptiert. Wer hier nicht aufgeführt ist, kann keine anfordern.',
    ownTitle: 'Eigene Organisation',
    ownText: 'Alle Anwendungen und Maschinenbenutzer von {organization}, außer Anwendungen Dritter.',
    grantedTitle: 'Organisationen mit einer Freigabe',
    grantedText: 'Ihre Anwendungen und Maschinenbenutzer bekommen Tokens, solange die Freigabe aktiv ist.',
    noGrants: 'Keine aktiven Freigaben',
    manageGrants: 'Freigaben verwalten',
    machineText:
      'Maschinenbenutzer anderer Organisationen bekommen Tokens, solange sie eine Berechtigung haben.',
    clientsTitle: 'Anwendungen',
    clientsText: 'Anwendungen anderer Organisationen und Anwendungen Dritter, nach Client-ID.',
    clientId: 'Client-ID',
    addClient: 'Anwendung zulassen',
    noClients: 'Keine weiteren Anwendungen',
    organizationsTitle: 'Organisationen',
    organizationsText: 'Alle Anwendungen und Maschinenbenutzer dieser Organisationen.',
    organizationId: 'Organisations-ID',
    addOrganization: 'Organisation zulassen',
    noOrganizations: 'Keine weiteren Organisationen',
    remove: 'Entfernen',
    removeEntry: '{id} entfernen',
    removed: 'Entfernt. Bereits ausgestellte Tokens gelten, bis sie ablaufen.',
    saved: 'Gespeichert',
    open: 'Offen für Anwendungen Dritter',
    openHelp:
      'Jede Anwendung Dritter, auch eine selbst registrierte, bekommt Tokens, wenn der Benutzer zustimmt.',
  },
});
