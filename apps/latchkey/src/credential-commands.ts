import { createPublicKey } from 'node:crypto';
import { issuePersonalAccessToken, newId, usualPersonalScopes } from '@latchkey/server';
import {
  findMachineClient,
  insertUserKey,
  listPersonalAccessTokens,
  listUserKeys,
  removePersonalAccessToken,
  removeUserKey,
  type Scope,
} from '@latchkey/store';
import { z } from 'zod';
import {
  failed,
  firstInstance,
  noInstance,
  type OperatorAnswer,
  type OperatorDeps,
  operatorActor,
} from './operator-answer.ts';

const name = z.string().min(1).max(200);
const days = z.number().int().min(1).max(3650);

/** Commands about the credentials of machine users. */
export const credentialCommands = [
  z.strictObject({
    command: z.literal('create-user-token'),
    name,
    days,
    scopes: z.array(z.string().max(500)).max(50).optional(),
  }),
  z.strictObject({ command: z.literal('list-user-credentials'), name }),
  z.strictObject({
    command: z.literal('remove-user-credential'),
    kind: z.enum(['token', 'key']),
    id: z.string().min(1).max(100),
  }),
  z.strictObject({ command: z.literal('add-user-key'), name, days, publicKeyPem: z.string().max(4000) }),
] as const;

type CredentialCommand = z.infer<(typeof credentialCommands)[number]>;

const dayMs = 86_400_000;

function dateOf(timeMs: number | null): string {
  return timeMs === null ? 'for good' : new Date(timeMs).toISOString();
}

async function listCredentials(
  { store }: OperatorDeps,
  scope: Scope,
  userId: string,
): Promise<OperatorAnswer> {
  const tokens = await listPersonalAccessTokens(store.db, scope, userId);
  const keys = await listUserKeys(store.db, scope, userId);
  const lines = [
    ...keys.map((key) => `key    ${key.id}  until ${dateOf(key.expiresAtMs)}`),
    ...tokens.map(
      (token) => `token  ${token.id}  until ${dateOf(token.expiresAtMs)}  ${token.scopes.join(' ')}`,
    ),
  ];
  return { kind: 'done', message: `${keys.length} keys, ${tokens.length} tokens.`, output: lines.join('\n') };
}

async function removeCredential(
  { store, clock }: OperatorDeps,
  scope: Scope,
  kind: 'token' | 'key',
  id: string,
): Promise<OperatorAnswer> {
  const outcome = await store.change({ scope, actor: operatorActor, nowMs: clock.now() }, (change) =>
    kind === 'token' ? removePersonalAccessToken(change, id) : removeUserKey(change, id),
  );
  return outcome === 'removed'
    ? { kind: 'done', message: `The ${kind} ${id} is worth nothing any more.` }
    : failed(`There is no ${kind} ${id}. \`latchkey users credentials NAME\` shows those there are.`);
}

function isUsableKey(pem: string): boolean {
  try {
    return createPublicKey(pem).type === 'public';
  } catch {
    return false;
  }
}

/**
 * Carries out a command about the credentials of a machine user. `findUserId` looks a login name up. The private half of a
 * key is made by whoever asks and never comes here.
 */
export async function runCredentialCommand(
  deps: OperatorDeps,
  command: CredentialCommand,
  findUserId: (name: string) => Promise<string | undefined>,
): Promise<OperatorAnswer> {
  const instance = await firstInstance(deps);
  if (instance === undefined) return noInstance;
  if (command.command === 'remove-user-credential')
    return await removeCredential(deps, instance.scope, command.kind, command.id);
  const { store, clock } = deps;
  const nowMs = clock.now();
  const found = (await findUserId(command.name)) ?? command.name;
  const machine = await findMachineClient(store.db, instance.scope, found);
  if (machine === undefined)
    return failed(`There is no machine user ${command.name}. Give the login name; people sign in instead.`);
  const { userId } = machine;
  if (command.command === 'list-user-credentials') return await listCredentials(deps, instance.scope, userId);
  const expiresAtMs = nowMs + command.days * dayMs;
  if (command.command === 'add-user-key') {
    if (!isUsableKey(command.publicKeyPem)) return failed('The public key is not PEM.');
    const keyId = newId(nowMs);
    await store.change({ scope: instance.scope, actor: operatorActor, nowMs }, (change) =>
      insertUserKey(change, { id: keyId, userId, publicKeyPem: command.publicKeyPem, expiresAtMs }),
    );
    const expirationDate = new Date(expiresAtMs).toISOString();
    const output = JSON.stringify({ keyId, userId, expirationDate });
    return {
      kind: 'done',
      message: `The key ${keyId} of ${command.name} counts until ${expirationDate}.`,
      output,
    };
  }
  const outcome = await issuePersonalAccessToken(deps, instance, {
    actor: operatorActor,
    userId,
    scopes: command.scopes ?? usualPersonalScopes,
    expiresAtMs,
  });
  if (outcome.kind !== 'issued')
    return failed(`There is no machine user ${command.name} to make a token for.`);
  return {
    kind: 'done',
    message: `The token ${outcome.id} of ${command.name} counts until ${new Date(expiresAtMs).toISOString()}. It is shown this once only; keep it.`,
    output: outcome.token,
  };
}
