import { clientSigning, people, type SettingField } from './setting-field.ts';

/** Settings about signing in. */
export const signInFields: readonly SettingField[] = [
  {
    name: 'redirectUris',
    kind: 'lines',
    types: people,
    label: { en: 'Redirect URIs', de: 'Rückkehradressen' },
    help: {
      en: 'Where people come back to after signing in; compared byte for byte.',
      de: 'Wohin Menschen nach der Anmeldung zurückkehren; Zeichen für Zeichen verglichen.',
    },
  },
  {
    name: 'postLogoutRedirectUris',
    kind: 'lines',
    types: people,
    label: { en: 'Addresses after signing out', de: 'Adressen nach der Abmeldung' },
  },
  {
    name: 'additionalOrigins',
    kind: 'lines',
    types: ['user_agent', 'native'],
    label: { en: 'Additional origins', de: 'Weitere Ursprünge' },
    help: {
      en: 'Origins that may call the endpoints besides those of the redirect URIs.',
      de: 'Ursprünge, die die Endpunkte außer denen der Rückkehradressen aufrufen dürfen.',
    },
  },
  {
    name: 'authMethod',
    kind: 'choice',
    label: { en: 'How it proves who it is', de: 'Wie sie sich ausweist' },
    options: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
    ],
  },
  {
    name: 'grantTypes',
    kind: 'choices',
    label: { en: 'Grant types', de: 'Wege zum Token' },
    options: [
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:openid:params:grant-type:ciba',
      'client_credentials',
      'implicit',
    ],
  },
  {
    name: 'responseTypes',
    kind: 'choices',
    types: people,
    label: { en: 'Response types', de: 'Antwortarten' },
    options: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'],
  },
  {
    name: 'developmentMode',
    kind: 'flag',
    types: people,
    label: { en: 'Development mode', de: 'Entwicklungsmodus' },
    help: {
      en: 'Allows http and * in redirect URIs. Turn it off before real people use it.',
      de: 'Erlaubt http und * in Rückkehradressen. Schalte ihn aus, bevor echte Menschen sie nutzen.',
    },
  },
  {
    name: 'isThirdParty',
    kind: 'flag',
    types: people,
    label: { en: 'Somebody else’s application', de: 'Anwendung eines anderen' },
    help: {
      en: 'People are asked before it gets anything.',
      de: 'Menschen werden gefragt, bevor sie etwas bekommt.',
    },
  },
  {
    name: 'isManagementClient',
    kind: 'flag',
    isForInstanceOwners: true,
    label: { en: 'Access to the management API', de: 'Zugriff auf die Verwaltungsschnittstelle' },
    help: {
      en: 'Warning: the application can do everything its users may do as administrators of this instance. Only instance owners can change this, and from then on anything else about the application.',
      de: 'Achtung: Die Anwendung kann alles, was ihre Benutzer als Administratoren dieser Instanz dürfen. Nur Instanzinhaber können das ändern, und danach auch alles andere an der Anwendung.',
    },
  },
  {
    name: 'initiateLoginUri',
    kind: 'text',
    isOptional: true,
    types: people,
    label: { en: 'Address that begins a sign-in', de: 'Adresse, die eine Anmeldung beginnt' },
  },
  {
    name: 'defaultMaxAgeSeconds',
    kind: 'seconds',
    isOptional: true,
    types: people,
    label: { en: 'Sign-in at most so old, in seconds', de: 'Anmeldung höchstens so alt, in Sekunden' },
  },
  {
    name: 'isAuthTimeRequired',
    kind: 'flag',
    types: people,
    label: {
      en: 'Always tell when the person signed in',
      de: 'Immer sagen, wann sich die Person angemeldet hat',
    },
  },
  {
    name: 'defaultAcrValues',
    kind: 'lines',
    types: people,
    label: { en: 'Strength of sign-in asked for', de: 'Verlangte Stärke der Anmeldung' },
  },
  {
    name: 'cibaDeliveryMode',
    kind: 'choice',
    isOptional: true,
    types: ['web', 'native'],
    options: ['poll', 'ping'],
    label: { en: 'Backchannel sign-in: delivery', de: 'Anmeldung im Hintergrund: Zustellung' },
  },
  {
    name: 'cibaNotificationEndpoint',
    kind: 'text',
    isOptional: true,
    types: ['web', 'native'],
    label: {
      en: 'Backchannel sign-in: address told',
      de: 'Anmeldung im Hintergrund: benachrichtigte Adresse',
    },
  },
  {
    name: 'cibaRequestSigningAlg',
    kind: 'choice',
    isOptional: true,
    types: ['web', 'native'],
    options: clientSigning,
    label: {
      en: 'Backchannel sign-in: requests signed by',
      de: 'Anmeldung im Hintergrund: Anfragen signiert mit',
    },
  },
];
