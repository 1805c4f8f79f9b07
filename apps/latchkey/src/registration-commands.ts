import { findRegistrationHome, keepRegistrationHome, newId, newSecret, sha256Hex } from '@latchkey/server';
import { insertInitialAccessToken, updateInstanceSettings } from '@latchkey/store';
import { z } from 'zod';
import {
  firstInstance,
  noInstance,
  type OperatorAnswer,
  type OperatorDeps,
  operatorActor,
} from './operator-answer.ts';

/** What an operator may let applications register; see docs/registration.md. */
const registrationPolicy = z.strictObject({
  grantTypes: z.array(z.string()).max(20).optional(),
  responseTypes: z.array(z.string()).max(20).optional(),
  redirectHosts: z.array(z.string()).max(200).optional(),
  redirectSchemes: z.array(z.string()).max(200).optional(),
  isHttpRedirectAllowed: z.boolean().optional(),
  maximumApplications: z.number().int().min(0).optional(),
  isThirdParty: z.boolean().optional(),
  projectId: z.string().optional(),
});

/** Commands about applications that register themselves. */
export const registrationCommands = [
  z.strictObject({
    command: z.literal('set-registration'),
    mode: z.enum(['off', 'token', 'open']).optional(),
    documents: z.enum(['on', 'off']).optional(),
    policy: registrationPolicy.optional(),
  }),
  z.strictObject({
    command: z.literal('create-registration-token'),
    uses: z.number().int().min(1).max(10_000),
    days: z.number().min(0.01).max(366),
  }),
] as const;

type RegistrationCommand = z.infer<(typeof registrationCommands)[number]>;

/** Carries out a command about registration at the first instance. */
export async function runRegistrationCommand(
  deps: OperatorDeps,
  command: RegistrationCommand,
): Promise<OperatorAnswer> {
  const instance = await firstInstance(deps);
  if (instance === undefined) return noInstance;
  const { store, clock } = deps;
  const context = { scope: instance.scope, actor: operatorActor, nowMs: clock.now() };
  if (command.command === 'set-registration') {
    const { mode, documents, policy } = command;
    const outcome = await store.change(context, (change) =>
      updateInstanceSettings(change, {
        ...(mode === undefined ? {} : { dynamicRegistration: mode }),
        ...(documents === undefined ? {} : { isClientIdMetadataEnabled: documents === 'on' }),
        ...(policy === undefined ? {} : { registrationPolicy: JSON.stringify(policy) }),
      }),
    );
    const message =
      outcome === 'changed'
        ? 'The settings of registration are changed.'
        : 'Nothing was changed: registration has these settings already.';
    return { kind: 'done', message };
  }
  const token = newSecret('lk_iat_');
  const home = await findRegistrationHome(store, instance);
  await store.change(context, async (change) => {
    await keepRegistrationHome(change, home);
    await insertInitialAccessToken(change, {
      id: newId(clock.now()),
      sha256: sha256Hex(token),
      projectId: home.id,
      usesLeft: command.uses,
      expiresAtMs: clock.now() + Math.round(command.days * 86_400_000),
    });
  });
  return { kind: 'done', message: 'The token is shown this once only; keep it.', output: token };
}
