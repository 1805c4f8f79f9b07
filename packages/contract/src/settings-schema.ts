import { z } from 'zod';
import { accessTokenJwtType } from './fields.ts';

const seconds = (minimum: number, maximum: number, description: string) =>
  z.number().int().min(minimum).max(maximum).meta({ description });
const switchOf = (description: string) => z.boolean().meta({ description });
const tenYears = 315_360_000;

const lifetimeFields = {
  accessTokenSeconds: seconds(10, 86_400, 'How long an access token counts'),
  idTokenSeconds: seconds(10, 86_400, 'How long an ID token counts'),
  refreshIdleSeconds: seconds(60, tenYears, 'How long a refresh token counts without being used'),
  refreshAbsoluteSeconds: seconds(60, tenYears, 'How long refresh tokens of one sign-in count at most'),
  refreshGraceSeconds: seconds(0, 60, 'How long a used refresh token is still taken when an answer got lost'),
  sessionIdleSeconds: seconds(60, tenYears, 'How long a browser stays signed in without activity'),
  sessionAbsoluteSeconds: seconds(60, tenYears, 'How long a browser stays signed in at most'),
} as const;

const host = z.string().trim().toLowerCase().min(1).max(253);
const scheme = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z][a-z0-9+.-]{0,99}$/, 'must be the name of a scheme, without the colon');
const policyFields = {
  grantTypes: z
    .array(
      z.enum([
        'authorization_code',
        'implicit',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:openid:params:grant-type:ciba',
      ]),
    )
    .max(20)
    .meta({ description: 'Grant types they may register' }),
  responseTypes: z
    .array(
      z.enum(['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']),
    )
    .max(20)
    .meta({ description: 'Response types they may register' }),
  redirectHosts: z.array(host).max(200).nullable().meta({
    description: 'Hosts redirect URIs may lead to, `*.` in front standing for every subdomain; all when null',
  }),
  redirectSchemes: z
    .array(scheme)
    .max(200)
    .nullable()
    .meta({ description: 'Schemes native applications may redirect to; all when null' }),
  isHttpRedirectAllowed: switchOf('Whether http redirect URIs may lead to other machines'),
  maximumApplications: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .meta({ description: 'The most applications that may register themselves in a project' }),
  isThirdParty: switchOf('Whether people are asked for consent before such an application gets anything'),
  projectId: z
    .string()
    .regex(/^[0-9]{1,20}$/, 'must be an id: digits only')
    .nullable()
    .meta({ description: 'The project they go to; one of their own when null' }),
} as const;

const featureFields = {
  impersonation: switchOf('Whether managers with a role for it may act as other people (token exchange)'),
  selfRegistration: switchOf('Whether people may make accounts for themselves on the sign-in page'),
  dynamicRegistration: z.enum(['off', 'token', 'open']).meta({
    description:
      'Whether applications may register themselves: not at all, with an initial access token, or anybody',
  }),
  clientIdMetadata: switchOf('Whether an https address of a metadata document counts as a client id'),
  dpopNonceRequired: switchOf('Whether DPoP proofs need a nonce of this server'),
} as const;

const securityFields = {
  dangerousActionMaxAgeSeconds: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .refine((value) => value === 0 || value >= 60, 'must be 0 or at least 60')
    .meta({
      description:
        'How many seconds old the sign-in of a person may be for dangerous operations of the management API, 60 to 86400. 0 turns the check off: a stolen session can then create secrets and managers',
    }),
} as const;

const tokenFields = {
  accessTokenJwtType: accessTokenJwtType.meta({
    description:
      'Header `typ` of JWT access tokens of applications and machine users that do not decide it: `JWT` as in ZITADEL, or `at+jwt` (RFC 9068)',
  }),
} as const;

const passwordFields = {
  minimumLength: z
    .number()
    .int()
    .min(8)
    .max(64)
    .meta({ description: 'Characters a new password must have; 15 where it is the only proof' }),
} as const;

const lockoutFields = {
  freeAttempts: z
    .number()
    .int()
    .min(1)
    .max(20)
    .meta({ description: 'Wrong passwords after which the account begins to answer with growing delays' }),
  softLockAttempts: z
    .number()
    .int()
    .min(3)
    .max(100)
    .meta({ description: 'Wrong passwords in a row after which the account rests' }),
  softLockSeconds: seconds(30, 86_400, 'How long the account rests'),
  longestDelaySeconds: seconds(1, 3600, 'The longest delay before the account rests'),
} as const;

const httpsUrl = (description: string) =>
  z
    .url({ protocol: /^https$/, error: 'must be an https address' })
    .max(2000)
    .nullable()
    .meta({ description });

const loginFields = {
  allowLoginByEmail: switchOf('Whether a verified e-mail address will do instead of the login name'),
  allowRegistration: switchOf(
    'Whether people may register themselves into the organization; each organization decides for itself, and the first one is open once the instance allows self-registration',
  ),
  defaultRedirectUri: httpsUrl('Where people go who sign in without coming from an application'),
  helpUrl: httpsUrl('A page of help, linked below the sign-in'),
  termsUrl: httpsUrl('Your terms, linked below the sign-in'),
  privacyUrl: httpsUrl('Your privacy policy, linked below the sign-in'),
  allowedLanguages: z
    .array(z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/, 'must be a language tag such as en'))
    .min(1)
    .max(20)
    .nullable()
    .meta({
      description: 'Languages the sign-in may be shown in, the first of them by default; all when null',
    }),
} as const;

const color = (description: string) =>
  z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #0a7f5c')
    .nullable()
    .meta({ description });

/** The largest picture taken as a data: address, in bytes. */
export const maximumLogoBytes = 65_536;

const logo = (description: string) =>
  z
    .string()
    .trim()
    .max(Math.ceil(maximumLogoBytes / 3) * 4 + 40)
    .regex(
      /^(https:\/\/[^\s"'<>;,\\]{1,1900}|data:image\/(svg\+xml|png);base64,[A-Za-z0-9+/]+={0,2})$/,
      'must be an https address, or a data: address of an SVG or PNG in base64 of at most 64 kB',
    )
    .nullable()
    .meta({ description });

const brandingFields = {
  accentColorLight: color('Buttons and links on light pages; Latchkey’s own when null'),
  accentColorDark: color('Buttons and links on dark pages; Latchkey’s own when null'),
  backgroundColorLight: color('What light pages lie on; Latchkey’s own when null'),
  backgroundColorDark: color('What dark pages lie on; Latchkey’s own when null'),
  radiusPx: z
    .number()
    .int()
    .min(0)
    .max(16)
    .meta({ description: 'How round corners of controls are, in pixels' }),
  logoUrlLight: logo('The logo on light pages: an https or data: address of an SVG or PNG'),
  logoUrlDark: logo('The logo on dark pages; the one of light pages when null'),
  font: z
    .enum(['inter', 'system'])
    .meta({ description: '`inter` where the device has it, or the device’s own' }),
  themeMode: z
    .enum(['auto', 'light', 'dark'])
    .meta({ description: 'Whether pages follow the device, or are always light or dark' }),
  hideLatchkeyMark: switchOf('Whether the key before the name is left out'),
} as const;

const registrationPolicy = z.object(policyFields);

/** Lifetimes of tokens and sessions. */
export const lifetimeSettings = z.object(lifetimeFields);
/** What is switched on. */
export const featureSettings = z.object({ ...featureFields, registrationPolicy });
/** How the management API protects dangerous operations. */
export const securitySettings = z.object(securityFields);
/** What tokens are like. */
export const tokenSettings = z.object(tokenFields);
/** What new passwords must be like. */
export const passwordSettings = z.object(passwordFields);
/** What follows wrong passwords. */
export const lockoutSettings = z.object(lockoutFields);
/** How people sign in, and what the page links to. */
export const loginSettings = z.object(loginFields);
/** How the sign-in pages look. */
export const brandingSettings = z.object(brandingFields);

const overridable = {
  password: passwordSettings,
  lockout: lockoutSettings,
  login: loginSettings,
  branding: brandingSettings,
} as const;

/** The settings of an instance: what holds where an organization has not said otherwise. */
export const instanceSettings = z.object({
  lifetimes: lifetimeSettings,
  features: featureSettings,
  security: securitySettings,
  tokens: tokenSettings,
  ...overridable,
});

const orInstance = { description: 'null: as the instance has it' };

/** The settings of an organization: what it says itself, and what holds. */
export const organizationSettings = z.object({
  own: z.object({
    password: passwordSettings.nullable().meta(orInstance),
    lockout: lockoutSettings.nullable().meta(orInstance),
    login: loginSettings.nullable().meta(orInstance),
    branding: brandingSettings.nullable().meta(orInstance),
  }),
  effective: z.object(overridable),
});

const overridableChange = {
  password: z.strictObject(passwordFields).partial().nullable().optional(),
  lockout: z.strictObject(lockoutFields).partial().nullable().optional(),
  login: z.strictObject(loginFields).partial().nullable().optional(),
  branding: z.strictObject(brandingFields).partial().nullable().optional(),
} as const;

/** Settings of an instance to change; what is left out stays, null takes a group back to what Latchkey ships with. */
export const instanceSettingsChange = z.strictObject({
  lifetimes: z.strictObject(lifetimeFields).partial().optional(),
  features: z
    .strictObject({
      ...featureFields,
      registrationPolicy: z
        .strictObject(policyFields)
        .partial()
        .meta({ description: 'What applications that register themselves may be' }),
    })
    .partial()
    .optional(),
  security: z.strictObject(securityFields).partial().optional(),
  tokens: z.strictObject(tokenFields).partial().optional(),
  ...overridableChange,
});

/** Settings of an organization to change; what is left out stays, null takes the override of a group back. */
export const organizationSettingsChange = z.strictObject(overridableChange);

/** The settings an organization may have of its own. */
export type OverridableSettings = z.infer<typeof organizationSettings>['effective'];
/** The settings of an instance. */
export type InstanceSettingsBody = z.infer<typeof instanceSettings>;
