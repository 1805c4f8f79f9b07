import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Operations, ResponseOf } from '@latchkey/contract';
import { needsSecret } from '@latchkey/protocol';
import {
  type ApplicationRecord,
  type Change,
  type CredentialEntry,
  expireClientSecrets,
  insertApplicationKey,
  listApplicationKeys,
  listClientSecrets,
  lockApplication,
  removeApplicationKey,
  removeClientSecret,
} from '@latchkey/store';
import { isSoundKey } from '../platform/client-key.ts';
import { makeSecret } from '../platform/client-secret.ts';
import { ApiError } from '../platform/errors.ts';
import { newId } from '../platform/random.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { chosenId } from './given-id.ts';
import { refuseManagementClient } from './management-client.ts';
import { refuseSystemProject } from './system-project.ts';

const generate = promisify(generateKeyPair);
const maximumSecrets = 10;
const maximumKeys = 20;

/** A secret or key as the API shows it. */
export function toEntry({ id, createdAtMs, expiresAtMs }: CredentialEntry) {
  return {
    id,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
  };
}

/** When a new credential ends. Throws `invalid-input` for a time that is past. */
export function expiryOf(text: string | null | undefined, nowMs: number): { expiresAtMs?: number } {
  if (text === null || text === undefined) return {};
  const expiresAtMs = Date.parse(text);
  if (expiresAtMs <= nowMs)
    throw new ApiError('invalid-input', 'expiresAt is not in the future.', {
      errors: [{ pointer: '/expiresAt', detail: 'must be in the future' }],
    });
  return { expiresAtMs };
}

async function locked(
  { instance, path, caller }: Pick<CallOf<'getApplication'>, 'instance' | 'path' | 'caller'>,
  change: Change,
): Promise<ApplicationRecord> {
  const record = await lockApplication(change, path.applicationId);
  if (record === undefined) throw notFound('application', path.applicationId);
  refuseSystemProject(instance, record.projectId);
  refuseManagementClient(caller, record);
  return record;
}

async function createApplicationSecret(
  call: CallOf<'createApplicationSecret'>,
): Promise<ResponseOf<Operations['createApplicationSecret']>> {
  const { instance, body, nowMs, deps } = call;
  const expiry = expiryOf(body.expiresAt, nowMs);
  return await call.change(async (change) => {
    const { id, clientId, authMethod } = await locked(call, change);
    if (!needsSecret(authMethod))
      throw new ApiError(
        'conflict',
        `The application authenticates by ${authMethod}, not by a secret; change authMethod to client_secret_basic first.`,
      );
    const going = await expireClientSecrets(change, id, nowMs + body.overlapSeconds * 1000);
    if (going >= maximumSecrets)
      throw new ApiError('conflict', `${going} secrets still work; remove some of them first.`);
    const secretId = newId(deps.clock.now());
    const secret = makeSecret(instance, secretId, authMethod);
    await secret.store(change, id, expiry);
    const entry = { id: secretId, createdAtMs: nowMs, expiresAtMs: expiry.expiresAtMs ?? null };
    return { ...toEntry(entry), clientId, clientSecret: secret.text };
  });
}

/** Throws `invalid-input` at `publicKey`. */
export function refuseKey(detail: string): never {
  throw new ApiError('invalid-input', `publicKey: ${detail}.`, {
    errors: [{ pointer: '/publicKey', detail }],
  });
}

/** A public key as it was sent, PEM or JWK. Throws `invalid-input` for one that is private, weak or none. */
export function readPublicKey(given: string | Readonly<Record<string, unknown>>): KeyObject {
  const isPrivate = typeof given === 'string' ? /PRIVATE KEY/.test(given) : 'd' in given || 'k' in given;
  if (isPrivate) refuseKey('holds a private key; keep that to yourself and send the public half');
  try {
    const key =
      typeof given === 'string'
        ? createPublicKey(given)
        : createPublicKey({ key: { ...given }, format: 'jwk' });
    if (isSoundKey(key)) return key;
  } catch {
    refuseKey('is no public key in PEM or JWK form');
  }
  return refuseKey('is too weak or of a kind that cannot sign; use RSA from 2048 bits on, P-256 or Ed25519');
}

interface MadeKey {
  readonly publicKeyPem: string;
  readonly privateKeyPem: string | undefined;
}

/** Key files sign by RS256 unless the application names another algorithm. */
function refuseUnfit(record: ApplicationRecord, type: string | undefined): void {
  const algorithm = record.tokenEndpointAuthSigningAlg ?? 'RS256';
  const isRsaWanted = /^(RS|PS)/.test(algorithm) || record.securityProfile !== 'standard';
  const isAnyFit = record.securityProfile !== 'standard' && record.tokenEndpointAuthSigningAlg === null;
  if (isAnyFit || (type === 'rsa') === isRsaWanted) return;
  refuseKey(
    `does not fit the algorithm ${algorithm}; change tokenEndpointAuthSigningAlg or send another key`,
  );
}

async function makeKey(call: CallOf<'createApplicationKey'>): Promise<MadeKey & { readonly type: string }> {
  const { publicKey: given } = call.body;
  if (given !== undefined) {
    const key = readPublicKey(given);
    const publicKeyPem = key.export({ type: 'spki', format: 'pem' }).toString();
    return { publicKeyPem, privateKeyPem: undefined, type: key.asymmetricKeyType ?? '' };
  }
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    // PKCS#1, which the dialect's clients read.
    privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    type: 'rsa',
  };
}

async function createApplicationKey(
  call: CallOf<'createApplicationKey'>,
): Promise<ResponseOf<Operations['createApplicationKey']>> {
  const { body, nowMs } = call;
  const expiry = expiryOf(body.expiresAt, nowMs);
  const { id: keyId, claim } = chosenId(call, body.id);
  const { publicKeyPem, privateKeyPem, type } = await makeKey(call);
  return await call.change(async (change) => {
    const record = await locked(call, change);
    const { id: applicationId, clientId } = record;
    refuseUnfit(record, type);
    const present = await listApplicationKeys(change.trx, change.scope, applicationId, nowMs);
    if (present.length >= maximumKeys)
      throw new ApiError(
        'conflict',
        `The application has ${present.length} keys; remove some of them first.`,
      );
    await claim(change);
    await insertApplicationKey(change, { id: keyId, applicationId, publicKeyPem, ...expiry });
    const entry = { id: keyId, createdAtMs: nowMs, expiresAtMs: expiry.expiresAtMs ?? null };
    const keyFile =
      privateKeyPem === undefined
        ? null
        : { type: 'application' as const, keyId, key: privateKeyPem, appId: applicationId, clientId };
    return { ...toEntry(entry), keyFile };
  });
}

/** Carries the operations about secrets and keys of applications out. */
export const applicationCredentialHandlers: Handlers<
  | 'listApplicationSecrets'
  | 'createApplicationSecret'
  | 'removeApplicationSecret'
  | 'listApplicationKeys'
  | 'createApplicationKey'
  | 'removeApplicationKey'
> = {
  listApplicationSecrets: async ({ deps, instance, path, nowMs }) => {
    const rows = await listClientSecrets(deps.store.db, instance.scope, path.applicationId, nowMs);
    return { items: rows.map(toEntry) };
  },
  createApplicationSecret,
  removeApplicationSecret: async (call) => {
    const { secretId } = call.path;
    await call.change(async (change) => {
      const { id } = await locked(call, change);
      if ((await removeClientSecret(change, id, secretId)) === 'not-found')
        throw notFound('secret', secretId);
    });
    return undefined;
  },
  listApplicationKeys: async ({ deps, instance, path, nowMs }) => {
    const rows = await listApplicationKeys(deps.store.db, instance.scope, path.applicationId, nowMs);
    return { items: rows.map(toEntry) };
  },
  createApplicationKey,
  removeApplicationKey: async (call) => {
    const { keyId } = call.path;
    await call.change(async (change) => {
      const { id } = await locked(call, change);
      if ((await removeApplicationKey(change, id, keyId)) === 'not-found') throw notFound('key', keyId);
    });
    return undefined;
  },
};
