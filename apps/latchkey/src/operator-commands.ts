import { canonicalLoginName } from '@latchkey/identity';
import { loadInstances } from '@latchkey/server';
import {
  findClient,
  findLoginAccount,
  findMachineClient,
  listInstances,
  type SettableState,
  type StatefulKind,
  type Store,
  updateState,
} from '@latchkey/store';
import { z } from 'zod';
import { credentialCommands, runCredentialCommand } from './credential-commands.ts';
import { instanceCommands, runInstanceCommand } from './instance-commands.ts';
import { keyCommands, runKeyCommand } from './key-commands.ts';
import type { OperatorAnswer, OperatorDeps } from './operator-answer.ts';
import { registrationCommands, runRegistrationCommand } from './registration-commands.ts';
import { restoredCommands, runRestoredCommand } from './restored-command.ts';
import { rotateKeys } from './rotate-keys.ts';

export type { OperatorAnswer, OperatorDeps } from './operator-answer.ts';

/** What an operator may ask of a server from its own machine. */
export const operatorCommand = z.discriminatedUnion('command', [
  z.strictObject({
    command: z.literal('set-state'),
    kind: z.enum(['user', 'application', 'project', 'organization']),
    name: z.string().min(1).max(200),
    state: z.enum(['active', 'inactive', 'locked', 'removed']),
  }),
  z.strictObject({ command: z.literal('rotate-keys') }),
  z.strictObject({ command: z.literal('copy-files') }),
  ...restoredCommands,
  ...keyCommands,
  ...credentialCommands,
  ...instanceCommands,
  ...registrationCommands,
]);

/** An operator's wish. */
export type OperatorCommand = z.infer<typeof operatorCommand>;

async function findId(
  store: Store,
  instanceId: string,
  kind: StatefulKind,
  name: string,
): Promise<string | undefined> {
  const scope = { instanceId };
  switch (kind) {
    case 'user': {
      const canonical = canonicalLoginName(name) ?? name;
      return (
        (await findLoginAccount(store.db, scope, canonical))?.id ??
        (await findMachineClient(store.db, scope, canonical))?.userId ??
        name
      );
    }
    case 'application':
      return (await findClient(store.db, scope, name))?.application.id ?? name;
    default:
      return name;
  }
}

/** The id of a user by login name; `undefined` before there is an instance. */
async function findUserId(store: Store, name: string): Promise<string | undefined> {
  const [instance] = await listInstances(store.db);
  return instance === undefined ? undefined : await findId(store, instance.settings.id, 'user', name);
}

async function setState(
  deps: OperatorDeps,
  kind: StatefulKind,
  name: string,
  state: SettableState,
): Promise<OperatorAnswer> {
  const { store, clock } = deps;
  const [instance] = await listInstances(store.db);
  if (instance === undefined)
    return { kind: 'failed', message: 'The database has no instance yet; start the server once.' };
  if (state === 'locked' && kind !== 'user')
    return { kind: 'failed', message: `A ${kind} cannot be locked; deactivate it.` };
  const instanceId = instance.settings.id;
  const id = (await findId(store, instanceId, kind, name)) ?? name;
  const context = {
    scope: { instanceId },
    actor: { kind: 'operator', id: 'command-line' } as const,
    nowMs: clock.now(),
  };
  const outcome = await store.change(context, (change) => updateState(change, kind, id, state));
  switch (outcome) {
    case 'changed':
      return { kind: 'done', message: `The ${kind} ${name} is ${state} now.` };
    case 'unchanged':
      return { kind: 'done', message: `The ${kind} ${name} was ${state} already.` };
    case 'not-found':
      return {
        kind: 'failed',
        message: `There is no ${kind} ${name}. ${kind === 'user' ? 'Give the login name.' : kind === 'application' ? 'Give the client_id.' : 'Give the id.'}`,
      };
  }
}

/** Copies the files of an embedded database for a backup; the output is the folder, which whoever asked removes. */
async function copyFiles({ store }: OperatorDeps): Promise<OperatorAnswer> {
  const folder = await store.engine.copyFiles?.();
  return folder === undefined
    ? { kind: 'failed', message: 'Only an embedded database is copied as files.' }
    : { kind: 'done', message: 'The files are copied.', output: folder };
}

/** Carries an operator's command out. */
export async function runOperatorCommand(
  deps: OperatorDeps,
  command: OperatorCommand,
): Promise<OperatorAnswer> {
  switch (command.command) {
    case 'set-state':
      return await setState(deps, command.kind, command.name, command.state);
    case 'rotate-keys':
      return await rotateKeys(deps, (await loadInstances(deps.store, deps.masterKeys)).all());
    case 'copy-files':
      return await copyFiles(deps);
    case 'restored':
      return await runRestoredCommand(deps, command.mode);
    case 'list-keys':
    case 'rewrap-data-keys':
    case 'create-key':
    case 'change-key':
      return await runKeyCommand(deps, command);
    case 'list-instances':
    case 'create-instance':
    case 'add-domain':
    case 'set-instance':
      return await runInstanceCommand(deps, command);
    case 'set-registration':
    case 'create-registration-token':
      return await runRegistrationCommand(deps, command);
    case 'create-user-token':
    case 'add-user-key':
    case 'list-user-credentials':
    case 'remove-user-credential':
      return await runCredentialCommand(deps, command, (name) => findUserId(deps.store, name));
  }
}
