import {
  activateWebKey,
  createWebKey,
  listWebKeys,
  retireWebKey,
  revokeWebKey,
  rewrapDataKeys,
  type WebKeyContext,
  type WebKeyOutcome,
} from '@latchkey/server';
import { z } from 'zod';
import {
  failed,
  firstInstance,
  noInstance,
  type OperatorAnswer,
  type OperatorDeps,
  operatorActor,
} from './operator-answer.ts';

const keyId = z.string().min(1).max(100);

/** Algorithms a key may be made for. */
export const keyAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** Commands about the signing keys. */
export const keyCommands = [
  z.strictObject({ command: z.literal('list-keys') }),
  z.strictObject({ command: z.literal('rewrap-data-keys') }),
  z.strictObject({
    command: z.literal('create-key'),
    algorithm: z.enum(keyAlgorithms),
    rsaBits: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).optional(),
  }),
  z.strictObject({
    command: z.literal('change-key'),
    verb: z.enum(['activate', 'retire', 'revoke']),
    keyId,
    haste: z.enum(['when-known', 'now']),
  }),
] as const;

type KeyCommand = z.infer<(typeof keyCommands)[number]>;

function describe(outcome: WebKeyOutcome): OperatorAnswer {
  switch (outcome.kind) {
    case 'published':
      return {
        kind: 'done',
        message: 'The key is published. Activate it when key sets kept by clients have aged out (a day).',
        output: outcome.keyId,
      };
    case 'signing':
      return { kind: 'done', message: 'The key signs now.', output: outcome.keyId };
    case 'withdrawn':
      return { kind: 'done', message: 'The key was withdrawn before it signed anything.' };
    case 'retired':
      return { kind: 'done', message: 'The next key signs now; this one stays published for two days.' };
    case 'revoked':
      return {
        kind: 'done',
        message:
          'The key is gone and every token it signed is dead. Clients that keep the old key set believe it until they fetch the set again.',
        ...(outcome.replacedBy === undefined ? {} : { output: outcome.replacedBy }),
      };
    case 'not-found':
      return failed('There is no such key. `latchkey keys list` shows those there are.');
    case 'next-exists':
      return failed(
        `The key ${outcome.keyId} of this algorithm is published already; activate or retire it first.`,
      );
    case 'no-successor':
      return failed('No key is published to take over. Create one, wait a day, and retire this one then.');
    case 'contended':
      return failed('The keys are being changed by somebody else; try again.');
    case 'wrong-state':
      return failed(`The key is ${outcome.state}, so this cannot be done with it.`);
    case 'too-young':
      return failed(
        `The next key is not published for long enough; it may sign from ${new Date(outcome.usableAtMs).toISOString()} on. With --now it signs at once, and clients that keep key sets may refuse its tokens for a while.`,
      );
  }
}

async function list(context: WebKeyContext): Promise<OperatorAnswer> {
  const keys = await listWebKeys(context);
  const lines = keys.map(({ keyId: id, algorithm, state, sinceMs }) =>
    [id, algorithm, state, new Date(sinceMs).toISOString()].join('  '),
  );
  return { kind: 'done', message: `${keys.length} keys are published.`, output: lines.join('\n') };
}

async function rewrap(deps: OperatorDeps): Promise<OperatorAnswer> {
  const count = await rewrapDataKeys(deps);
  const [first] = deps.masterKeys;
  return {
    kind: 'done',
    message: `${count} data keys are wrapped anew; all of them are wrapped with the master key ${first?.id} now. The others may be removed from the settings; keep them for as long as you keep backups made before.`,
  };
}

/** Carries out a command about the data keys of all instances, or the signing keys of the first. */
export async function runKeyCommand(deps: OperatorDeps, command: KeyCommand): Promise<OperatorAnswer> {
  if (command.command === 'rewrap-data-keys') return await rewrap(deps);
  const instance = await firstInstance(deps);
  if (instance === undefined) return noInstance;
  const context: WebKeyContext = { store: deps.store, clock: deps.clock, instance, actor: operatorActor };
  switch (command.command) {
    case 'list-keys':
      return await list(context);
    case 'create-key': {
      const { algorithm, rsaBits } = command;
      return describe(
        await createWebKey(context, { algorithm, ...(rsaBits === undefined ? {} : { rsaBits }) }),
      );
    }
    case 'change-key':
      switch (command.verb) {
        case 'activate':
          return describe(await activateWebKey(context, command.keyId, command.haste));
        case 'retire':
          return describe(await retireWebKey(context, command.keyId));
        case 'revoke':
          return describe(await revokeWebKey(context, command.keyId));
      }
  }
}
