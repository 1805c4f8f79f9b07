import { z } from 'zod';
import {
  accessTokenJwtType,
  givenId,
  id,
  isLegible,
  legibleDetail,
  line as text,
  timestamp,
} from './fields.ts';

/** Whether a user is a person or a program. */
export const userKind = z.enum(['human', 'machine']);

/** States a user may be in; what was removed is gone. */
export const userState = z.enum(['active', 'inactive', 'locked']);

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2000);

/** The name somebody signs in by, or a machine names itself by as client_id. */
export const loginName = text(200).meta({
  description: 'Unique in the instance whatever its case; a machine’s is also its client_id',
  example: 'erika@example.com',
});

/** The login name of a user whom the caller may not read. */
export const knownLoginName = z.string().max(200).optional().meta({
  description: 'The exact login name of the user; needed only for users you cannot read',
});

/** An e-mail address. */
export const email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address');

// Several lines, and nothing else that is not seen.
const lines = (maximum: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(maximum)
    .refine((value) => isLegible(value.replace(/\r?\n/g, ' ')), legibleDetail);

/** A postal address (OpenID Connect Core §5.1.1). */
export const address = z
  .strictObject({
    formatted: lines(1000),
    streetAddress: text(500),
    locality: text(200),
    region: text(200),
    postalCode: text(50),
    country: text(100),
  })
  .partial();

const storedAddress = z
  .object({
    formatted: z.string(),
    streetAddress: z.string(),
    locality: z.string(),
    region: z.string(),
    postalCode: z.string(),
    country: z.string(),
  })
  .partial();

/** What OpenID Connect tells of a person; null where nothing is known. */
export const userProfile = {
  givenName: text(200).nullable(),
  familyName: text(200).nullable(),
  middleName: text(200).nullable(),
  nickname: text(200).nullable(),
  gender: z.enum(['female', 'male', 'diverse']).nullable(),
  birthdate: z
    .string()
    .regex(/^\d{4}(-\d{2}-\d{2})?$/, 'must be YYYY-MM-DD, or YYYY')
    .nullable()
    .meta({ description: 'YYYY-MM-DD, the year 0000 when only the day is told, or YYYY' }),
  preferredLanguage: z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as en or de-CH')
    .nullable()
    .meta({ description: 'A language tag (BCP 47)' }),
  zoneinfo: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, 'must be a time zone such as Europe/Zurich')
    .nullable(),
  profileUrl: url.nullable(),
  pictureUrl: url.nullable(),
  website: url.nullable(),
  address: address.nullable(),
  phone: z
    .string()
    .trim()
    .max(50)
    .regex(/^\+?[0-9 ()./-]{3,}$/, 'must be a telephone number, best with its country code')
    .nullable(),
  isPhoneVerified: z.boolean(),
  email: email.nullable(),
  isEmailVerified: z.boolean().meta({ description: 'People can sign in by a verified address' }),
} as const;

/** What only machines have. */
export const machineSettings = {
  description: text(500).nullable().meta({ description: 'What a machine is for' }),
  accessTokenType: z
    .enum(['opaque', 'jwt'])
    .meta({ description: 'Tokens a machine gets for its secret or key' }),
  accessTokenSigningAlg: z.enum(['RS256', 'ES256', 'PS256', 'EdDSA']),
  accessTokenJwtType: accessTokenJwtType.nullable().meta({
    description: 'Header `typ` of JWT access tokens; null: as the instance has it',
  }),
} as const;

const displayName = text(200).meta({
  description:
    'How people see the user; when left out made of the given and the family name, or the login name',
});

/** A person or machine. */
export const user = z.object({
  id,
  organizationId: id,
  organizationName: z.string(),
  kind: userKind,
  state: userState,
  loginName: z.string(),
  displayName: z.string(),
  ...userProfile,
  givenName: z.string().nullable(),
  familyName: z.string().nullable(),
  middleName: z.string().nullable(),
  nickname: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  birthdate: z.string().nullable(),
  preferredLanguage: z.string().nullable(),
  zoneinfo: z.string().nullable(),
  profileUrl: z.string().nullable(),
  pictureUrl: z.string().nullable(),
  website: z.string().nullable(),
  address: storedAddress.nullable(),
  description: z.string().nullable(),
  accessTokenType: machineSettings.accessTokenType,
  accessTokenSigningAlg: z.string(),
  accessTokenJwtType: machineSettings.accessTokenJwtType,
  hasPassword: z.boolean(),
  isPasswordChangeRequired: z
    .boolean()
    .meta({ description: 'The next sign-in by password asks for a new one' }),
  createdAt: timestamp,
  updatedAt: timestamp,
});

/** A user as lists show them. */
export const userSummary = user.pick({
  id: true,
  organizationId: true,
  organizationName: true,
  kind: true,
  state: true,
  loginName: true,
  displayName: true,
  givenName: true,
  familyName: true,
  email: true,
  isEmailVerified: true,
  description: true,
  createdAt: true,
});

const settings = z.strictObject({ ...userProfile, ...machineSettings }).partial();

const password = z
  .string()
  .min(1)
  .max(4096)
  .meta({ description: 'Must meet the password policy of the organization' });

/** Whether somebody replaces a password they were given. */
export const changeRequired = z
  .boolean()
  .optional()
  .meta({ description: 'The first sign-in with the password asks for a new one' });

const newUserFields = settings.extend({
  kind: userKind,
  loginName,
  displayName: displayName.optional(),
});

const ofHumans = [
  'givenName',
  'familyName',
  'middleName',
  'nickname',
  'gender',
  'birthdate',
  'zoneinfo',
  'profileUrl',
  'pictureUrl',
  'website',
  'address',
  'phone',
  'isPhoneVerified',
  'email',
  'isEmailVerified',
  'password',
  'passwordHash',
] as const;
const ofMachines = [
  'description',
  'accessTokenType',
  'accessTokenSigningAlg',
  'accessTokenJwtType',
  'secretHash',
] as const;

/** Fields of a body that do not fit the kind of the user it is about. */
export function foreignUserFields(kind: 'human' | 'machine', body: object): readonly string[] {
  const foreign: readonly string[] = kind === 'human' ? ofMachines : ofHumans;
  return Object.entries(body)
    .filter(([name, value]) => foreign.includes(name) && value !== undefined && value !== null)
    .map(([name]) => name);
}

/** What a new user is made of. */
export const newUser = newUserFields.extend({
  id: givenId,
  organizationId: id.optional().meta({ description: 'Your own when left out' }),
  password: password.optional().meta({ description: 'People only; must meet the password policy' }),
  isPasswordChangeRequired: changeRequired,
});

/** A public key that a client keeps from another system. */
export const givenKey = z.strictObject({
  id: givenId,
  publicKey: z
    .union([z.string().min(1).max(20_000), z.record(z.string().max(100), z.unknown())])
    .meta({ description: 'PEM or JWK' }),
  expiresAt: timestamp.nullable().optional().meta({ description: 'Ends then; null or left out: never' }),
});

/** A user to import: with an id of before and a password hash of another system. */
export const importedUser = newUserFields.extend({
  id: givenId,
  state: userState.optional(),
  secretHash: z.string().min(1).max(1000).optional().meta({
    description:
      'Machines only: the hash of the client secret it had, in any form `passwordHash` may have; the secret goes on working',
  }),
  password: password.optional(),
  isPasswordChangeRequired: changeRequired,
  passwordHash: z.string().min(1).max(1000).optional().meta({
    description:
      'bcrypt, Argon2, scrypt, PBKDF2, Firebase, WordPress, phpass, md5-crypt, sha-crypt, Werkzeug or ASP.NET Identity, in the spellings of docs/management-api.md; replaced by Argon2id at the first sign-in',
  }),
});

/** Fields of a user to change; those left out stay, null clears. */
export const userChange = settings.extend({
  loginName: loginName.optional(),
  displayName: displayName.optional(),
});

/** A metadata value of a user. */
export const userMetadata = z.object({
  key: z.string(),
  value: z.string().meta({ description: 'Base64' }),
});

/** A key of metadata. */
export const metadataKey = text(200).meta({ example: 'crm-number' });

/** A metadata value as it is sent. */
export const metadataValue = z
  .base64('must be base64')
  .max(14_000)
  .meta({ description: 'Base64 of at most 10,000 bytes', example: 'MTIzNA==' });

/** A public key of a machine as lists show it. */
export const userKey = z.object({
  id: id.meta({ description: 'Also the `kid` of assertions' }),
  createdAt: timestamp,
  expiresAt: timestamp.nullable(),
});

/** A new key of a machine; with the file that holds its private half where it was made here. */
export const newUserKey = userKey.extend({
  keyFile: z
    .object({
      type: z.literal('serviceaccount'),
      keyId: id,
      key: z.string().meta({ description: 'The private key, PEM' }),
      expirationDate: timestamp.nullable(),
      userId: id,
    })
    .nullable()
    .meta({ description: 'Shown this once; null for an uploaded public key' }),
});

/** A secret of a machine as lists show it. */
export const userSecret = z.object({ id, createdAt: timestamp, expiresAt: timestamp.nullable() });

/** A secret of a machine, shown this once. */
export const newUserSecret = userSecret.extend({
  clientId: z.string().meta({ description: 'The login name of the machine' }),
  clientSecret: z.string().meta({ description: 'Shown this once; keep it where secrets are kept' }),
});

/** A personal access token as lists show it. */
export const personalAccessToken = z.object({
  id,
  scopes: z.array(z.string()),
  createdAt: timestamp,
  expiresAt: timestamp,
});

/** A personal access token, shown this once. */
export const newPersonalAccessToken = personalAccessToken.extend({
  token: z.string().meta({ description: 'Shown this once; keep it where secrets are kept' }),
});

/** What a person has let an application have. */
export const consent = z.object({
  applicationId: id,
  applicationName: z.string(),
  scopes: z.array(z.string()),
  createdAt: timestamp,
  updatedAt: timestamp,
});

/** What became of a user to import. */
export const importResult = z.object({
  index: z.number().int().meta({ description: 'Place in `users`' }),
  outcome: z.enum(['created', 'refused']),
  userId: id.nullable(),
  loginName: z.string(),
  code: z.string().nullable().meta({ description: 'Code of the problem, of those refused' }),
  detail: z.string().nullable(),
});
