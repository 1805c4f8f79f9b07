import { isAddress } from '@latchkey/protocol';
import { createInstance, createPasswordPool, DomainTaken } from '@latchkey/server';
import { insertDomain, listInstances, updateInstanceSettings } from '@latchkey/store';
import { z } from 'zod';
import { failed, type OperatorAnswer, type OperatorDeps, operatorActor } from './operator-answer.ts';

/** An issuer as it must be given: scheme, host and port, nothing else. */
export const originText = z
  .string()
  .max(300)
  .refine(
    (text) => isAddress(text, 'issuer'),
    'must be scheme, host and port in lower case, such as https://id.example.com; http is for localhost',
  );

/** Commands about the instances of a database. */
export const instanceCommands = [
  z.strictObject({ command: z.literal('list-instances') }),
  z.strictObject({
    command: z.literal('create-instance'),
    origin: originText,
    name: z.string().min(1).max(200),
    admin: z.string().min(1).max(200),
  }),
  z.strictObject({ command: z.literal('add-domain'), instance: originText, origin: originText }),
  z.strictObject({
    command: z.literal('set-instance'),
    instance: originText,
    selfRegistration: z.enum(['on', 'off']).optional(),
    impersonation: z.enum(['on', 'off']).optional(),
    dpopNonces: z.enum(['on', 'off']).optional(),
  }),
] as const;

type InstanceCommand = z.infer<(typeof instanceCommands)[number]>;
type NewInstance = Extract<InstanceCommand, { command: 'create-instance' }>;

async function list({ store }: OperatorDeps): Promise<OperatorAnswer> {
  const instances = await listInstances(store.db);
  const lines = instances.map(({ settings, domains }) => {
    const first = [...domains].sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
    return [settings.id, settings.name, ...first.map((domain) => domain.origin)].join('  ');
  });
  return { kind: 'done', message: `There are ${instances.length} instances.`, output: lines.join('\n') };
}

async function create(deps: OperatorDeps, command: NewInstance): Promise<OperatorAnswer> {
  const passwords = createPasswordPool({ threads: 1 });
  try {
    const { created } = await createInstance({
      ...deps,
      passwords,
      origin: command.origin,
      instanceName: command.name,
      administrator: { loginName: command.admin },
    });
    return {
      kind: 'done',
      message: `The instance answers at ${command.origin}. The password of ${command.admin} is shown this once only; keep it.`,
      ...(created?.generatedPassword === undefined ? {} : { output: created.generatedPassword }),
    };
  } catch (error) {
    if (error instanceof DomainTaken) return failed(`No instance was made: ${error.message}.`);
    throw error;
  } finally {
    await passwords.close();
  }
}

/** What a change of the instance at an address needs; `undefined` when none answers there. */
async function changeAt({ store, clock }: OperatorDeps, address: string) {
  const found = (await listInstances(store.db)).find(({ domains }) =>
    domains.some(({ origin }) => origin === address),
  );
  return found === undefined
    ? undefined
    : { scope: { instanceId: found.settings.id }, actor: operatorActor, nowMs: clock.now() };
}

function nobodyAt(address: string): OperatorAnswer {
  return failed(`No instance answers at ${address}. \`latchkey instances list\` shows them.`);
}

async function setInstance(
  deps: OperatorDeps,
  command: Extract<InstanceCommand, { command: 'set-instance' }>,
): Promise<OperatorAnswer> {
  const context = await changeAt(deps, command.instance);
  if (context === undefined) return nobodyAt(command.instance);
  const { selfRegistration, impersonation, dpopNonces } = command;
  if (selfRegistration === undefined && impersonation === undefined && dpopNonces === undefined)
    return failed(
      'Say what to switch: --self-registration, --impersonation or --dpop-nonces, with on or off.',
    );
  const outcome = await deps.store.change(context, (change) =>
    updateInstanceSettings(change, {
      ...(selfRegistration === undefined ? {} : { isSelfRegistrationEnabled: selfRegistration === 'on' }),
      ...(impersonation === undefined ? {} : { isImpersonationEnabled: impersonation === 'on' }),
      ...(dpopNonces === undefined ? {} : { isDpopNonceRequired: dpopNonces === 'on' }),
    }),
  );
  const message =
    outcome === 'changed'
      ? 'The settings of the instance are changed.'
      : 'Nothing was changed: the instance has these settings already.';
  return { kind: 'done', message };
}

async function addDomain(
  deps: OperatorDeps,
  command: { readonly instance: string; readonly origin: string },
): Promise<OperatorAnswer> {
  const { store } = deps;
  const context = await changeAt(deps, command.instance);
  if (context === undefined) return nobodyAt(command.instance);
  const outcome = await store.change(context, (change) => insertDomain(change, command.origin));
  return outcome === 'added'
    ? { kind: 'done', message: `The instance answers at ${command.origin} too.` }
    : failed(`The host of ${command.origin} belongs to an instance already.`);
}

/** Carries out a command about the instances. */
export async function runInstanceCommand(
  deps: OperatorDeps,
  command: InstanceCommand,
): Promise<OperatorAnswer> {
  switch (command.command) {
    case 'list-instances':
      return await list(deps);
    case 'create-instance':
      return await create(deps, command);
    case 'add-domain':
      return await addDomain(deps, command);
    case 'set-instance':
      return await setInstance(deps, command);
  }
}
