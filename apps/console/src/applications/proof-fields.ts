import { clientSigning, people, type SettingField } from './setting-field.ts';

/** Settings about proofs and keys. */
export const proofFields: readonly SettingField[] = [
  {
    name: 'securityProfile',
    kind: 'choice',
    options: ['standard', 'fapi2', 'fapi2_message_signing'],
    label: { en: 'Security profile', de: 'Sicherheitsprofil' },
  },
  {
    name: 'isPkceRequired',
    kind: 'flag',
    types: ['web'],
    label: { en: 'Authorization codes need PKCE', de: 'Autorisierungscodes brauchen PKCE' },
    help: {
      en: 'Most libraries send it by themselves. Browsers, devices and FAPI 2.0 always need it.',
      de: 'Die meisten Bibliotheken senden es von sich aus. Browser, Geräte und FAPI 2.0 brauchen es immer.',
    },
  },
  {
    name: 'isParRequired',
    kind: 'flag',
    types: people,
    label: {
      en: 'Authorization requests must be pushed',
      de: 'Autorisierungsanfragen müssen hinterlegt werden',
    },
  },
  {
    name: 'isSignedRequestRequired',
    kind: 'flag',
    types: people,
    label: { en: 'Authorization requests must be signed', de: 'Autorisierungsanfragen müssen signiert sein' },
  },
  {
    name: 'requestObjectSigningAlg',
    kind: 'choice',
    isOptional: true,
    options: clientSigning,
    types: people,
    label: { en: 'Requests signed only by', de: 'Anfragen nur signiert mit' },
  },
  {
    name: 'requestUris',
    kind: 'lines',
    types: people,
    label: { en: 'Addresses of request objects', de: 'Adressen von Anfrageobjekten' },
  },
  {
    name: 'jwks',
    kind: 'json',
    isOptional: true,
    label: { en: 'Public keys (JWK Set)', de: 'Öffentliche Schlüssel (JWK Set)' },
  },
  {
    name: 'jwksUri',
    kind: 'text',
    isOptional: true,
    label: { en: 'Address of its public keys', de: 'Adresse ihrer öffentlichen Schlüssel' },
  },
  {
    name: 'tokenEndpointAuthSigningAlg',
    kind: 'choice',
    isOptional: true,
    options: [...clientSigning, 'HS256', 'HS384', 'HS512'],
    label: { en: 'Assertions signed only by', de: 'Ausweise nur signiert mit' },
  },
  {
    name: 'tlsClientAuth',
    kind: 'json',
    isOptional: true,
    label: { en: 'Name in its certificate', de: 'Name in ihrem Zertifikat' },
    help: {
      en: 'One member, such as {"tls_client_auth_san_dns": "app.example.com"}.',
      de: 'Ein Eintrag, etwa {"tls_client_auth_san_dns": "app.example.com"}.',
    },
  },
  {
    name: 'isDpopRequired',
    kind: 'flag',
    types: people,
    label: { en: 'Tokens bound to a key (DPoP)', de: 'Tokens an einen Schlüssel gebunden (DPoP)' },
  },
  {
    name: 'isCertificateBound',
    kind: 'flag',
    types: people,
    label: { en: 'Tokens bound to its certificate', de: 'Tokens an ihr Zertifikat gebunden' },
  },
];
