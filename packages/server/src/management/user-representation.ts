import { type BodyOf, foreignUserFields, type Operations, type ResponseOf } from '@latchkey/contract';
import { canonicalLoginName, parseEmailAddress } from '@latchkey/identity';
import { parseAddress } from '@latchkey/protocol';
import type { Change, TakenUserPart, UserFields, UserRecord } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { isInForeignDomain } from '../platform/foreign-domain.ts';

/** A user as the API shows them. */
export type UserAnswer = ResponseOf<Operations['getUser']>;

type AddressFields = NonNullable<UserAnswer['address']>;

// OpenID Connect Core §5.1.1: the members of the claim.
const addressNames = {
  formatted: 'formatted',
  streetAddress: 'street_address',
  locality: 'locality',
  region: 'region',
  postalCode: 'postal_code',
  country: 'country',
} as const satisfies Record<keyof AddressFields, string>;

function toAddress(stored: UserRecord['address']): UserAnswer['address'] {
  if (stored === null) return null;
  const known = Object.entries(addressNames).flatMap(([name, claim]) => {
    const value = stored[claim];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(known);
}

function fromAddress(address: AddressFields | null): Readonly<Record<string, string>> | null {
  if (address === null) return null;
  const entries = Object.entries(addressNames).flatMap(([name, claim]) => {
    const value = address[name as keyof AddressFields]; // cast: the names are those of the address
    return value === undefined ? [] : [[claim, value] as const];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** A user as the API shows them. */
export function toUser(record: UserRecord): UserAnswer {
  const { createdAtMs, updatedAtMs, address, ...rest } = record;
  return {
    ...rest,
    address: toAddress(address),
    createdAt: new Date(createdAtMs).toISOString(),
    updatedAt: new Date(updatedAtMs).toISOString(),
  };
}

/** Refuses a field. */
export function refuseField(name: string, detail: string): never {
  const pointer = `/${name}`;
  throw new ApiError('invalid-input', `${name} ${detail}.`, { errors: [{ pointer, detail }] });
}

/**
 * Throws `conflict` for a login name or a verified e-mail address in a domain that another organization has verified.
 * Leave out what does not change.
 */
export async function refuseForeignDomain(
  change: Change,
  organizationId: string,
  names: { readonly loginName?: string | undefined; readonly verifiedEmail?: string | null | undefined },
): Promise<void> {
  const { loginName, verifiedEmail } = names;
  for (const [field, name] of [
    ['loginName', loginName],
    ['email', verifiedEmail],
  ] as const) {
    if (typeof name !== 'string') continue;
    if (!(await isInForeignDomain(change.trx, change.scope, organizationId, name))) continue;
    const detail = `is in a domain that another organization has verified; ${field === 'email' ? 'leave it unverified' : 'choose another'}`;
    throw new ApiError('conflict', `${name} ${detail}.`, { errors: [{ pointer: `/${field}`, detail }] });
  }
}

/** Refuses a part of a user that is another's. */
export function refuseTaken(part: TakenUserPart, sent: Pick<Sent, 'loginName' | 'email'>): never {
  switch (part) {
    case 'login-name':
      throw new ApiError('already-exists', `Another user signs in as ${sent.loginName ?? 'this'} already.`, {
        errors: [{ pointer: '/loginName', detail: 'is taken; choose another' }],
      });
    case 'email':
      throw new ApiError('already-exists', `Another user signs in as ${sent.email ?? 'this'} already.`, {
        errors: [{ pointer: '/email', detail: 'belongs to another user; leave it unverified' }],
      });
    case 'id':
      throw new ApiError('already-exists', 'The user ID is taken.', {
        errors: [{ pointer: '/id', detail: 'is taken; choose another' }],
      });
  }
}

function loginNameFields(loginName: string): UserFields {
  const loginNameCanonical = canonicalLoginName(loginName);
  return {
    loginName,
    loginNameCanonical: loginNameCanonical ?? refuseField('loginName', 'holds characters nobody can type'),
  };
}

function emailFields(email: string | null): UserFields {
  if (email === null) return { email, emailCanonical: null, isEmailVerified: false };
  const read =
    parseEmailAddress(email) ?? refuseField('email', 'must be an e-mail address such as ada@example.com');
  return { email: read.address, emailCanonical: read.canonical };
}

type Sent = BodyOf<Operations['updateUser']>;
type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that are there. */
export function present<T extends object>(from: T): Present<T> {
  // cast: exactly the undefined ones were taken out
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined)) as Present<T>;
}

/** Refuses addresses of pages and pictures that could not stand in a token as they were given. */
function refuseAddresses(sent: Sent): void {
  for (const name of ['profileUrl', 'pictureUrl', 'website'] as const) {
    const address = sent[name];
    const read = typeof address === 'string' ? parseAddress(address, 'development') : undefined;
    if (read?.kind === 'refused') refuseField(name, read.detail);
  }
}

/** What was sent of a user, as it is stored. Throws `invalid-input` for fields that do not fit the kind. */
export function toUserFields(kind: 'human' | 'machine', sent: Sent): UserFields {
  const [foreign] = foreignUserFields(kind, sent);
  if (foreign !== undefined)
    refuseField(foreign, `is nothing a ${kind === 'human' ? 'person' : 'machine'} has; leave it out`);
  refuseAddresses(sent);
  const { address, loginName, email, ...rest } = present(sent);
  return {
    ...rest,
    ...(address === undefined ? {} : { address: fromAddress(address) }),
    ...(loginName === undefined ? {} : loginNameFields(loginName)),
    ...(email === undefined ? {} : emailFields(email)),
    ...(sent.phone === null ? { isPhoneVerified: false } : {}),
  };
}

/** How people see a user who was given no display name. */
export function usualDisplayName(sent: Pick<Sent, 'givenName' | 'familyName'>, loginName: string): string {
  const names = [sent.givenName, sent.familyName].filter((each) => each !== undefined && each !== null);
  return names.length === 0 ? loginName : names.join(' ');
}
