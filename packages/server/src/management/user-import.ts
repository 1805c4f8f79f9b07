import { type BodyOf, foreignUserFields, type Operations, type ResponseOf } from '@latchkey/contract';
import {
  type Change,
  claimGivenId,
  insertUserOnce,
  type NewUser,
  releaseGivenId,
  type UserRecord,
} from '@latchkey/store';
import { keepSecretHash, type MadeSecret } from '../platform/client-secret.ts';
import { ApiError } from '../platform/errors.ts';
import { readPasswordHash } from '../platform/password-formats.ts';
import { newId } from '../platform/random.ts';
import type { CallOf } from './call.ts';
import { refuseChoiceOfId, refuseTakenId } from './given-id.ts';
import { hashNewPassword } from './user-passwords.ts';
import { refuseForeignDomain, toUserFields, usualDisplayName } from './user-representation.ts';

type Imported = BodyOf<Operations['importUsers']>['users'][number];
type Result = ResponseOf<Operations['importUsers']>['items'][number];
interface Prepared {
  readonly user: NewUser & { readonly state?: UserRecord['state'] };
  /** Whether the id is one the caller chose. */
  readonly isIdGiven: boolean;
  readonly secret: Pick<MadeSecret, 'store'> | undefined;
}

function refuse(code: 'invalid-input' | 'already-exists', detail: string): never {
  throw new ApiError(code, detail);
}

async function passwordHashOf(call: CallOf<'importUsers'>, sent: Imported): Promise<string | undefined> {
  const { password, passwordHash, loginName, givenName, familyName } = sent;
  if (passwordHash !== undefined) {
    if (password !== undefined) refuse('invalid-input', 'password and passwordHash: send one of them.');
    const reading = readPasswordHash(passwordHash);
    if (reading.kind === 'refused') refuse('invalid-input', `passwordHash ${reading.reason}.`);
    return passwordHash;
  }
  if (password === undefined) return undefined;
  const owner = { organizationId: call.place.id, loginName, givenName, familyName };
  return await hashNewPassword(call, owner, password);
}

/** What a user of an import becomes. Throws `ApiError`. */
async function prepare(call: CallOf<'importUsers'>, sent: Imported): Promise<Prepared> {
  const {
    id,
    kind,
    state,
    secretHash,
    password: _,
    passwordHash: __,
    isPasswordChangeRequired = false,
    ...fields
  } = sent;
  const [foreign] = foreignUserFields(kind, sent);
  if (foreign !== undefined) refuse('invalid-input', `${foreign} does not fit a ${kind} user.`);
  if (id !== undefined) refuseChoiceOfId(call, 'id');
  const { clock } = call.deps;
  const secret = secretHash === undefined ? undefined : keepSecretHash(newId(clock.now()), secretHash);
  const hash = await passwordHashOf(call, sent);
  const { address, ...stored } = toUserFields(kind, fields);
  const { loginName, loginNameCanonical = loginName } = { ...stored, loginName: sent.loginName };
  const user = {
    ...stored,
    ...(address === undefined || address === null ? {} : { address: JSON.stringify(address) }),
    id: id ?? newId(clock.now()),
    organizationId: call.place.id,
    kind,
    loginName,
    loginNameCanonical,
    displayName: sent.displayName ?? usualDisplayName(sent, loginName),
    ...(hash === undefined ? {} : { passwordHash: hash, isPasswordChangeRequired }),
    ...(state === undefined ? {} : { state }),
  };
  return { user, secret, isIdGiven: id !== undefined };
}

async function insert(change: Change, { user, isIdGiven, secret }: Prepared): Promise<void> {
  await refuseForeignDomain(change, user.organizationId, {
    loginName: user.loginName,
    verifiedEmail: user.isEmailVerified === true ? user.email : undefined,
  });
  if (isIdGiven && (await claimGivenId(change, user.id)) === 'taken') refuseTakenId(user.id, 'id');
  const outcome = await insertUserOnce(change, user);
  // Others of the import go on, so what was claimed for this one is given back.
  if (isIdGiven && outcome !== 'inserted') await releaseGivenId(change, user.id);
  switch (outcome) {
    case 'inserted':
      await secret?.store(change, user.id, { ownerKind: 'user' });
      return;
    case 'login-name':
      refuse('already-exists', `Another user signs in as ${user.loginName} already.`);
      break;
    case 'email':
      refuse(
        'already-exists',
        `Another user signs in as ${user.email} already; import the address as not verified.`,
      );
      break;
    case 'id':
      refuse('already-exists', `The ID ${user.id} is taken.`);
  }
}

/** The outcome of some work on one user: what it threw is theirs alone. */
async function attempt<T>(work: () => Promise<T>): Promise<T | ApiError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** Makes users of another system, each by itself. */
export async function importUsers(
  call: CallOf<'importUsers'>,
): Promise<ResponseOf<Operations['importUsers']>> {
  const { body } = call;
  const prepared: (Prepared | ApiError)[] = [];
  for (const sent of body.users) prepared.push(await attempt(() => prepare(call, sent)));
  const items = await call.change(async (change) => {
    const results: Result[] = [];
    for (const [index, user] of prepared.entries()) {
      const loginName = body.users[index]?.loginName ?? '';
      const refused = user instanceof ApiError ? user : await attempt(() => insert(change, user));
      results.push(
        refused instanceof ApiError
          ? {
              index,
              outcome: 'refused',
              userId: null,
              loginName,
              code: refused.code,
              detail: refused.message,
            }
          : {
              index,
              outcome: 'created',
              userId: user instanceof ApiError ? null : user.user.id,
              loginName,
              code: null,
              detail: null,
            },
      );
    }
    return results;
  });
  const created = items.filter(({ outcome }) => outcome === 'created').length;
  return { created, refused: items.length - created, items };
}
