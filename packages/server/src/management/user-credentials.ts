import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Operations, ResponseOf } from '@latchkey/contract';
import {
  expireClientSecrets,
  findSubject,
  insertPersonalAccessToken,
  insertUserKey,
  listClientSecrets,
  listPersonalAccessTokens,
  listUserKeys,
  removeClientSecret,
  removePersonalAccessToken,
  removeUserKey,
  type UserRecord,
} from '@latchkey/store';
import { makeSecret } from '../platform/client-secret.ts';
import { ApiError } from '../platform/errors.ts';
import { makePersonalAccessToken, usualPersonalScopes } from '../platform/personal-access-token.ts';
import { newId } from '../platform/random.ts';
import { notFound } from './admit.ts';
import { expiryOf, readPublicKey, refuseKey, toEntry } from './application-credentials.ts';
import type { CallOf, Handlers } from './call.ts';
import { chosenId } from './given-id.ts';
import { setUserPassword } from './user-passwords.ts';

const generate = promisify(generateKeyPair);
const maximumSecrets = 10;
const maximumKeys = 20;
const maximumTokens = 50;
const yearMs = 31_536_000_000;

/** The user of a change, as a machine. Throws `not-found` or `conflict`. */
function machineOf(user: UserRecord | undefined, userId: string): UserRecord {
  if (user === undefined) throw notFound('user', userId);
  if (user.kind !== 'machine')
    throw new ApiError(
      'conflict',
      'Only machines have secrets, keys and personal access tokens; people sign in.',
    );
  return user;
}

function refuseMore(count: number, maximum: number, what: string): void {
  if (count >= maximum)
    throw new ApiError('conflict', `The machine has ${count} ${what}; remove some of them first.`);
}

async function createUserSecret(
  call: CallOf<'createUserSecret'>,
): Promise<ResponseOf<Operations['createUserSecret']>> {
  const { instance, body, nowMs, deps, path } = call;
  const expiry = expiryOf(body.expiresAt, nowMs);
  return await call.change(async (change, user) => {
    const { id, loginName } = machineOf(user, path.userId);
    refuseMore(
      await expireClientSecrets(change, id, nowMs + body.overlapSeconds * 1000, 'user'),
      maximumSecrets,
      'secrets that work',
    );
    const secretId = newId(deps.clock.now());
    const secret = makeSecret(instance, secretId, 'client_secret_basic');
    await secret.store(change, id, { ...expiry, ownerKind: 'user' });
    const entry = { id: secretId, createdAtMs: nowMs, expiresAtMs: expiry.expiresAtMs ?? null };
    return { ...toEntry(entry), clientId: loginName, clientSecret: secret.text };
  });
}

async function makeKey(
  given: CallOf<'createUserKey'>['body']['publicKey'],
): Promise<{ readonly publicKeyPem: string; readonly privateKeyPem: string | undefined }> {
  if (given !== undefined) {
    const key = readPublicKey(given);
    // Assertions of machines are signed by RS256 (ZITADEL dialect, service accounts).
    if (key.asymmetricKeyType !== 'rsa') refuseKey('must be an RSA key, since machines sign by RS256');
    return {
      publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(),
      privateKeyPem: undefined,
    };
  }
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    // PKCS#1, which the dialect's clients read.
    privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  };
}

async function createUserKey(
  call: CallOf<'createUserKey'>,
): Promise<ResponseOf<Operations['createUserKey']>> {
  const { body, nowMs, path } = call;
  const expiry = expiryOf(body.expiresAt, nowMs);
  const { id: keyId, claim } = chosenId(call, body.id);
  const { publicKeyPem, privateKeyPem } = await makeKey(body.publicKey);
  return await call.change(async (change, user) => {
    const { id: userId } = machineOf(user, path.userId);
    const keys = await listUserKeys(change.trx, change.scope, userId);
    refuseMore(keys.length, maximumKeys, 'keys');
    await claim(change);
    await insertUserKey(change, { id: keyId, userId, publicKeyPem, ...expiry });
    const entry = toEntry({ id: keyId, createdAtMs: nowMs, expiresAtMs: expiry.expiresAtMs ?? null });
    const keyFile =
      privateKeyPem === undefined
        ? null
        : {
            type: 'serviceaccount' as const,
            keyId,
            key: privateKeyPem,
            expirationDate: entry.expiresAt,
            userId,
          };
    return { ...entry, keyFile };
  });
}

function toToken(token: {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}) {
  return {
    id: token.id,
    scopes: [...token.scopes],
    createdAt: new Date(token.createdAtMs).toISOString(),
    expiresAt: new Date(token.expiresAtMs).toISOString(),
  };
}

async function createPersonalAccessToken(
  call: CallOf<'createPersonalAccessToken'>,
): Promise<ResponseOf<Operations['createPersonalAccessToken']>> {
  const { body, nowMs, path, instance } = call;
  const { expiresAtMs = nowMs + yearMs } = expiryOf(body.expiresAt, nowMs + 1000);
  return await call.change(async (change, user) => {
    const { id: userId } = machineOf(user, path.userId);
    const subject = await findSubject(change.trx, change.scope, userId);
    if (subject === undefined) throw notFound('user', userId);
    const present = await listPersonalAccessTokens(change.trx, change.scope, userId);
    refuseMore(present.filter((each) => each.expiresAtMs > nowMs).length, maximumTokens, 'tokens');
    const wish = { scopes: body.scopes ?? usualPersonalScopes, expiresAtMs, nowMs: call.deps.clock.now() };
    const { token, ...row } = makePersonalAccessToken(instance, subject, wish);
    await insertPersonalAccessToken(change, { ...row, userId });
    return { ...toToken({ ...row, createdAtMs: nowMs }), token };
  });
}

/** Carries the operations about what users prove themselves by out. */
export const userCredentialHandlers: Handlers<
  | 'setUserPassword'
  | 'listUserSecrets'
  | 'createUserSecret'
  | 'removeUserSecret'
  | 'listUserKeys'
  | 'createUserKey'
  | 'removeUserKey'
  | 'listPersonalAccessTokens'
  | 'createPersonalAccessToken'
  | 'removePersonalAccessToken'
> = {
  setUserPassword,
  listUserSecrets: async ({ deps, instance, path, nowMs }) => {
    const rows = await listClientSecrets(deps.store.db, instance.scope, path.userId, nowMs);
    return { items: rows.map(toEntry) };
  },
  createUserSecret,
  removeUserSecret: async ({ change, path: { userId, secretId } }) => {
    await change(async (under) => {
      if ((await removeClientSecret(under, userId, secretId, 'user')) === 'not-found')
        throw notFound('secret', secretId);
    });
    return undefined;
  },
  listUserKeys: async ({ deps, instance, path }) => {
    const rows = await listUserKeys(deps.store.db, instance.scope, path.userId);
    return { items: rows.map(toEntry) };
  },
  createUserKey,
  removeUserKey: async ({ change, path: { userId, keyId } }) => {
    await change(async (under) => {
      if ((await removeUserKey(under, keyId, userId)) === 'not-found') throw notFound('key', keyId);
    });
    return undefined;
  },
  listPersonalAccessTokens: async ({ deps, instance, path }) => {
    const rows = await listPersonalAccessTokens(deps.store.db, instance.scope, path.userId);
    return { items: rows.map(toToken) };
  },
  createPersonalAccessToken,
  removePersonalAccessToken: async ({ change, path: { userId, tokenId } }) => {
    await change(async (under) => {
      if ((await removePersonalAccessToken(under, tokenId, userId)) === 'not-found')
        throw notFound('personal access token', tokenId);
    });
    return undefined;
  },
};
