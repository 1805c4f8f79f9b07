import { managerRoles } from '@latchkey/contract';
import { keptHash, keysOf, type Surroundings, saying } from './zitadel-applications.ts';
import type { ExportedOrganization, Leave } from './zitadel-export.ts';

type Fields = Readonly<Record<string, unknown>>;

const genders: Readonly<Record<string, string>> = {
  GENDER_FEMALE: 'female',
  GENDER_MALE: 'male',
  GENDER_DIVERSE: 'diverse',
};

/** The names users sign in by, each once in the whole export. */
export interface LoginNames {
  /** The login name of a user by id. */
  readonly of: ReadonlyMap<string, string>;
  /** Ids of users whose verified address somebody else signs in by. */
  readonly sharedEmails: ReadonlySet<string>;
}

/** The domain the login names of an organization end in; `undefined` where they are the user names themselves. */
function suffixOf({ domains, domainPolicy, iamPolicy }: ExportedOrganization): string | undefined {
  const policy = domainPolicy ?? iamPolicy;
  return policy?.userLoginMustBeDomain === true
    ? domains.find(({ isPrimary }) => isPrimary === true)?.domainName
    : undefined;
}

/** Whether a domain is one of the organization's, so that a name that ends in it is whole already. */
function endsInDomain(name: string, { domains }: ExportedOrganization): boolean {
  return domains.some(({ domainName }) => name.toLowerCase().endsWith(`@${domainName.toLowerCase()}`));
}

/**
 * Login names as they were: user names, with the domain of the organization where its policy says so. Machines keep the user
 * name, which is their client ID. Where two would be the same, the later gets its organization's domain.
 */
export function loginNamesOf(
  organizations: readonly ExportedOrganization[],
  nameOf: (organization: ExportedOrganization) => string,
  leave: Leave,
): LoginNames {
  const of = new Map<string, string>();
  const taken = new Set<string>();
  const sharedEmails = new Set<string>();
  const claim = (userId: string, wanted: string, fallback: string, where: string): void => {
    const isFree = !taken.has(wanted.toLowerCase());
    const name = isFree ? wanted : fallback;
    if (!isFree) leave(where, `the login name ${wanted}: another user has it already. It becomes ${name}.`);
    taken.add(name.toLowerCase());
    of.set(userId, name);
  };
  for (const exported of organizations) {
    const suffix = suffixOf(exported);
    const primary =
      exported.domains.find(({ isPrimary }) => isPrimary === true)?.domainName ?? exported.orgId;
    for (const { userId, user } of exported.humanUsers) {
      const { userName } = user;
      const isWhole = suffix === undefined || endsInDomain(userName, exported);
      const wanted = isWhole ? userName : `${userName}@${suffix}`;
      claim(userId, wanted, `${userName}@${primary}`, `${nameOf(exported)} / ${userName}`);
    }
    for (const { userId, user } of exported.machineUsers)
      claim(userId, user.userName, `${user.userName}@${primary}`, `${nameOf(exported)} / ${user.userName}`);
  }
  // A verified address is a name to sign in by, and means one user.
  for (const exported of organizations)
    for (const { userId, user } of exported.humanUsers) {
      const address = user.email?.email?.toLowerCase();
      if (address === undefined || user.email?.isEmailVerified !== true) continue;
      if (of.get(userId)?.toLowerCase() === address) continue;
      if (taken.has(address)) sharedEmails.add(userId);
      else taken.add(address);
    }
  return { of, sharedEmails };
}

function metadataOf(exported: ExportedOrganization, userId: string): Fields {
  const entries = exported.userMetadata.filter(({ id }) => id === userId);
  if (entries.length === 0) return {};
  return { metadata: Object.fromEntries(entries.map(({ key, value = '' }) => [key, { base64: value }])) };
}

function languageOf(tag: string | undefined): string | undefined {
  return tag !== undefined && tag !== 'und' && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag)
    ? tag
    : undefined;
}

/** A person in the form of configuration files. */
function person(
  exported: ExportedOrganization,
  { userId, user }: ExportedOrganization['humanUsers'][number],
  names: LoginNames,
  where: string,
  { leave }: Surroundings,
): Fields {
  const { profile = {}, email, phone, hashedPassword, passwordChangeRequired, otpCode } = user;
  const isEmailShared = names.sharedEmails.has(userId);
  if (isEmailShared)
    leave(where, `that ${email?.email ?? ''} is verified: another user signs in by it already.`);
  if (otpCode !== undefined && otpCode !== '') leave(where, 'its one-time code generator.');
  const renew = 'Set a password, or let the person ask for a new one.';
  const passwordHash = keptHash(hashedPassword?.value, `${where}, password`, leave, renew);
  const hasEmail = email?.email !== undefined && email.email !== '';
  return {
    id: userId,
    loginName: names.of.get(userId) ?? user.userName,
    ...saying({
      displayName: profile.displayName,
      givenName: profile.firstName,
      familyName: profile.lastName,
      nickname: profile.nickName,
      preferredLanguage: languageOf(profile.preferredLanguage),
      gender: genders[profile.gender ?? ''],
      email: email?.email,
      isEmailVerified: hasEmail && email.isEmailVerified === true && !isEmailShared,
      phone: phone?.phone,
      isPhoneVerified: phone?.isPhoneVerified,
      passwordHash,
      password: passwordHash === undefined ? user.password : undefined,
      isPasswordChangeRequired: passwordHash !== undefined && passwordChangeRequired === true,
    }),
    ...metadataOf(exported, userId),
  };
}

/** The people of an organization in the form of configuration files. */
export function peopleOf(
  exported: ExportedOrganization,
  name: string,
  names: LoginNames,
  around: Surroundings,
): readonly Fields[] {
  return exported.humanUsers.map((one) =>
    person(exported, one, names, `${name} / ${names.of.get(one.userId) ?? one.user.userName}`, around),
  );
}

/** The machines of an organization in the form of configuration files. */
export function machinesOf(
  exported: ExportedOrganization,
  name: string,
  names: LoginNames,
  around: Surroundings,
): readonly Fields[] {
  return exported.machineUsers.map(({ userId, user }) => {
    const loginName = names.of.get(userId) ?? user.userName;
    const where = `${name} / ${loginName}`;
    const keys = exported.machineKeys
      .filter((key) => key.userId === userId)
      .map(({ keyId, ...rest }) => ({ ...rest, id: keyId }));
    const hash = around.additions.secretHashes.get(userId);
    const secretHash = keptHash(hash, `${where}, secret`, around.leave, 'Create a new secret.');
    const accessTokenType = user.accessTokenType === 'ACCESS_TOKEN_TYPE_JWT' ? 'jwt' : 'opaque';
    return {
      id: userId,
      kind: 'machine',
      loginName,
      ...saying({ displayName: user.name, description: user.description, secretHash }),
      ...saying({ keys: keysOf(keys, where, around) }),
      accessTokenType,
      ...metadataOf(exported, userId),
    };
  });
}

/** Managers in the form of configuration files; roles that do not exist here are left out. */
export function managersOf(
  members: readonly { readonly userId: string; readonly roles?: readonly string[] | undefined }[],
  level: 'organization' | 'project',
  where: string,
  names: LoginNames,
  leave: Leave,
): readonly Fields[] {
  const known: Readonly<Record<string, { readonly level: string }>> = managerRoles;
  return members.flatMap(({ userId, roles = [] }) => {
    const user = names.of.get(userId);
    if (user === undefined) {
      leave(where, `manager ${userId}: the export does not hold that user.`);
      return [];
    }
    const kept = roles.filter((role) => known[role]?.level === level);
    for (const role of roles.filter((each) => !kept.includes(each)))
      leave(where, `manager role ${role} of ${user}: there is none like it.`);
    return kept.length === 0 ? [] : [{ user, roles: kept }];
  });
}
