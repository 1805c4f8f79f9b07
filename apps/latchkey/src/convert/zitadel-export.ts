import { z } from 'zod';

/** Something that was not carried over, and what to do about it. */
export interface LeftOut {
  /** Where it is: the organization, and the object within it. */
  readonly where: string;
  readonly what: string;
}

/** Collects what was not carried over. */
export type Leave = (where: string, what: string) => void;

const text = z.string().optional();
const texts = z.array(z.string()).optional();
const flag = z.boolean().optional();
const id = z.string().min(1);

const oidcApp = z.looseObject({
  appId: id,
  app: z.looseObject({
    projectId: id,
    name: z.string(),
    redirectUris: texts,
    responseTypes: texts,
    grantTypes: texts,
    appType: text,
    authMethodType: text,
    postLogoutRedirectUris: texts,
    devMode: flag,
    accessTokenType: text,
    accessTokenRoleAssertion: flag,
    idTokenRoleAssertion: flag,
    idTokenUserinfoAssertion: flag,
    clockSkew: text,
    additionalOrigins: texts,
    backChannelLogoutUri: text,
  }),
});
const apiApp = z.looseObject({
  appId: id,
  app: z.looseObject({ projectId: id, name: z.string(), authMethodType: text }),
});
const appKey = z.looseObject({
  id,
  appId: id,
  clientId: text,
  expirationDate: text,
  publicKey: text,
});
const machineKey = z.looseObject({ keyId: id, userId: id, expirationDate: text, publicKey: text });
const humanUser = z.looseObject({
  userId: id,
  user: z.looseObject({
    userName: z.string(),
    profile: z
      .looseObject({
        firstName: text,
        lastName: text,
        nickName: text,
        displayName: text,
        preferredLanguage: text,
        gender: text,
      })
      .optional(),
    email: z.looseObject({ email: text, isEmailVerified: flag }).optional(),
    phone: z.looseObject({ phone: text, isPhoneVerified: flag }).nullish(),
    password: text,
    hashedPassword: z.looseObject({ value: text }).nullish(),
    passwordChangeRequired: flag,
    otpCode: text,
  }),
});
const machineUser = z.looseObject({
  userId: id,
  user: z.looseObject({ userName: z.string(), name: text, description: text, accessTokenType: text }),
});
const members = z.array(z.looseObject({ userId: id, roles: texts })).default([]);

const organization = z.looseObject({
  orgId: id,
  org: z.looseObject({ name: z.string() }).optional(),
  domainPolicy: z.looseObject({ userLoginMustBeDomain: flag }).nullish(),
  iamPolicy: z.looseObject({ userLoginMustBeDomain: flag }).nullish(),
  domains: z.array(z.looseObject({ domainName: z.string(), isPrimary: flag, isVerified: flag })).default([]),
  projects: z
    .array(
      z.looseObject({
        projectId: id,
        project: z.looseObject({
          name: z.string(),
          projectRoleAssertion: flag,
          projectRoleCheck: flag,
          hasProjectCheck: flag,
        }),
      }),
    )
    .default([]),
  projectRoles: z
    .array(z.looseObject({ projectId: id, roleKey: z.string(), displayName: text, group: text }))
    .default([]),
  oidcApps: z.array(oidcApp).default([]),
  apiApps: z.array(apiApp).default([]),
  appKeys: z.array(appKey).default([]),
  humanUsers: z.array(humanUser).default([]),
  machineUsers: z.array(machineUser).default([]),
  machineKeys: z.array(machineKey).default([]),
  projectGrants: z
    .array(
      z.looseObject({
        grantId: id,
        projectGrant: z.looseObject({ projectId: id, grantedOrgId: id, roleKeys: texts }),
      }),
    )
    .default([]),
  userGrants: z.array(z.looseObject({ userId: id, projectId: id, roleKeys: texts })).default([]),
  orgMembers: members,
  projectMembers: z.array(z.looseObject({ projectId: id, userId: id, roles: texts })).default([]),
  userMetadata: z.array(z.looseObject({ id, key: z.string(), value: text })).default([]),
});

/** An organization of an export, with all it holds. */
export type ExportedOrganization = z.infer<typeof organization>;
/** An OIDC application of an export. */
export type ExportedOidcApp = z.infer<typeof oidcApp>;
/** An API application of an export. */
export type ExportedApiApp = z.infer<typeof apiApp>;

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** JSON of ZITADEL with all names of members in camel case: its APIs write them so, its database and its files do not. */
export function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [camel(name), inCamelCase(each)]));
}

/** Reads what `POST /admin/v1/export` answers. Throws `ZodError` where it is not in that form. */
export function readExport(json: unknown): readonly ExportedOrganization[] {
  return z.looseObject({ orgs: z.array(organization) }).parse(inCamelCase(json)).orgs;
}

const handled = Object.keys(organization.shape);
const policies = /Policy$/;

/** Names the parts of an organization that nothing here is made of. */
export function leaveOtherParts(where: string, exported: ExportedOrganization, leave: Leave): void {
  for (const [name, value] of Object.entries(exported)) {
    if (handled.includes(name) || value === null || value === undefined) continue;
    if (Array.isArray(value)) {
      if (value.length > 0) leave(where, `${value.length} ${name}: there is nothing to make them of.`);
    } else if (policies.test(name))
      leave(where, `${name}: set what you need of it under \`settings\` of the organization.`);
    else if (typeof value === 'object' && Object.keys(value).length > 0)
      leave(where, `${name}: there is nothing to make it of.`);
  }
}

/** What the export lacks: client ids of applications, and hashed secrets of applications and machines. */
export interface Additions {
  readonly clientIds: ReadonlyMap<string, string>;
  readonly secretHashes: ReadonlyMap<string, string>;
}

const encrypted = z.looseObject({ algorithm: z.string().optional(), crypted: z.string() });

// Newer versions keep the hash as text, older ones as a structure with the bytes of it in base64.
function hashIn(value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (!value.startsWith('{')) return value === '' ? undefined : value;
    const parsed: unknown = JSON.parse(value);
    return hashIn(inCamelCase(parsed));
  }
  const lower =
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name.toLowerCase(), each]))
      : value;
  const read = encrypted.safeParse(lower);
  return read.success ? Buffer.from(read.data.crypted, 'base64').toString('utf8') : undefined;
}

const appRow = z.looseObject({ appId: id, clientId: id });
const apiAnswer = z.looseObject({
  id,
  oidcConfig: z.looseObject({ clientId: id }).optional(),
  apiConfig: z.looseObject({ clientId: id }).optional(),
});
const machineRow = z.looseObject({ userId: id });

function rowsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(rowsOf);
  const listed = z.looseObject({ result: z.array(z.unknown()) }).safeParse(value);
  return listed.success ? listed.data.result : [value];
}

/**
 * Reads client ids and hashed secrets from rows of ZITADEL's tables of applications and machines, and from answers of its
 * `apps/_search`. Resolves to how many entries were of neither form, too.
 */
export function readAdditions(values: readonly unknown[]): Additions & { readonly unknown: number } {
  const clientIds = new Map<string, string>();
  const secretHashes = new Map<string, string>();
  let unknown = 0;
  for (const row of values.flatMap((value) => rowsOf(inCamelCase(value)))) {
    const app = appRow.safeParse(row);
    const answer = apiAnswer.safeParse(row);
    const machine = machineRow.safeParse(row);
    if (app.success) {
      clientIds.set(app.data.appId, app.data.clientId);
      const hash = hashIn(app.data.clientSecret);
      if (hash !== undefined) secretHashes.set(app.data.appId, hash);
    } else if (answer.success) {
      const clientId = answer.data.oidcConfig?.clientId ?? answer.data.apiConfig?.clientId;
      if (clientId === undefined) unknown += 1;
      else clientIds.set(answer.data.id, clientId);
    } else if (machine.success) {
      const hash = hashIn(machine.data.secret);
      if (hash !== undefined) secretHashes.set(machine.data.userId, hash);
    } else unknown += 1;
  }
  return { clientIds, secretHashes, unknown };
}
