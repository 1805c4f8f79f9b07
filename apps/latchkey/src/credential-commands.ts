import { createPublicKey } from 'node:crypto';
import { issuePersonalAccessToken, newId, usualPersonalScopes } from '@latchkey/server';
import { findMachineClient, insertUserKey } from '@latchkey/store';
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
  z.strictObject({ command: z.literal('add-user-key'), name, days, publicKeyPem: z.string().max(4000) }),
] as const;

type CredentialCommand = z.infer<(typeof credentialCommands)[number]>;

const dayMs = 86_400_000;

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
  const { store, clock } = deps;
  const nowMs = clock.now();
  const found = (await findUserId(command.name)) ?? command.name;
  const machine = await findMachineClient(store.db, instance.scope, found);
  if (machine === undefined)
    return failed(`There is no machine user ${command.name}. Give the login name; people sign in instead.`);
  const { userId } = machine;
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
