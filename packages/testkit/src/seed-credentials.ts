import {
  type InstanceContext,
  issuePersonalAccessToken,
  loadInstances,
  newId,
  usualPersonalScopes,
} from '@latchkey/server';
import { insertManager, insertUserKey } from '@latchkey/store';
import { type AssertionOptions, createKeyPair, signAssertion } from './key-file.ts';
import { changeAsOperator, type SeedTarget } from './seed.ts';
import type { TestServer } from './start-test-server.ts';

/** A key file of a machine user as the dialect's clients read it (ZITADEL dialect, service accounts). */
export interface UserKeyFile {
  readonly type: 'serviceaccount';
  readonly keyId: string;
  /** PEM, PKCS#1. */
  readonly key: string;
  readonly expirationDate: string;
  readonly userId: string;
}

const yearMs = 31_536_000_000;

/** Adds a key to a machine user and gives it back as the file its owner keeps. `publicKeyPem` puts another key in place. */
export async function seedUserKey(
  target: SeedTarget,
  userId: string,
  options: { readonly expiresAtMs?: number; readonly publicKeyPem?: string } = {},
): Promise<UserKeyFile> {
  const pair = await createKeyPair();
  const keyId = newId(target.clock.now());
  const { publicKeyPem = pair.publicKeyPem, expiresAtMs = target.clock.now() + yearMs } = options;
  await changeAsOperator(target, (change) =>
    insertUserKey(change, { id: keyId, userId, publicKeyPem, expiresAtMs }),
  );
  return {
    type: 'serviceaccount',
    keyId,
    key: pair.privateKeyPem,
    expirationDate: new Date(expiresAtMs).toISOString(),
    userId,
  };
}

/** Signs an authorization-grant assertion with a key file (RFC 7523 §2.1), RS256. */
export function signUserAssertion(keyFile: UserKeyFile, options: AssertionOptions): string {
  const { keyId, key, userId } = keyFile;
  return signAssertion({ type: 'application', appId: '', keyId, key, clientId: userId }, options);
}

/** The instance of a server of this process, with its sealer. Throws when it cannot be opened. */
export async function openInstance(
  server: Pick<TestServer, 'store' | 'masterKeys' | 'instanceId'>,
): Promise<InstanceContext> {
  const instances = await loadInstances(server.store, server.masterKeys);
  const instance = instances.all().find(({ id }) => id === server.instanceId);
  if (instance === undefined) throw new Error('the instance of the server is not in its database');
  return instance;
}

/** Makes a personal access token of a machine user. */
export async function seedPersonalAccessToken(
  server: TestServer,
  userId: string,
  options: { readonly scopes?: readonly string[]; readonly lifetimeMs?: number } = {},
): Promise<{ readonly id: string; readonly token: string }> {
  const { scopes = usualPersonalScopes, lifetimeMs = yearMs } = options;
  const outcome = await issuePersonalAccessToken(server, await openInstance(server), {
    actor: { kind: 'operator', id: 'testkit' },
    userId,
    scopes,
    expiresAtMs: server.clock.now() + lifetimeMs,
  });
  if (outcome.kind !== 'issued') throw new Error(`no personal access token: ${outcome.kind}`);
  return outcome;
}

/** Makes a user a manager with some roles of the dialect. */
export async function seedManager(target: SeedTarget, userId: string, ...roles: string[]): Promise<void> {
  await changeAsOperator(target, (change) => insertManager(change, userId, roles));
}
