import type { Command } from 'commander';
import { hasSession, openApiSession, type SessionOptions } from './api-session.ts';
import { type CredentialWish, carryOutByApi } from './credentials-by-api.ts';
import { createKeyFile } from './key-file.ts';
import { withLocalOptions } from './local-session.ts';
import { withSessionOptions } from './login-command.ts';
import type { OperatorAnswer, OperatorCommand } from './operator-commands.ts';

interface CredentialOptions extends SessionOptions {
  readonly local?: true;
  readonly config?: string;
  readonly folder: string;
  readonly user?: string;
}

/** How these commands reach the database beside them, and how they say what came of it. */
export interface OperatorAccess {
  readonly carryOut: (command: OperatorCommand, options: CredentialOptions) => Promise<OperatorAnswer>;
  readonly tell: (answer: OperatorAnswer) => void;
}

const dayCount = (text: string): number => Number(text);

/** By the login where there is one, beside the data folder with `--local` or `--config` and when nobody is logged in. */
function carrierOf(access: OperatorAccess, options: CredentialOptions) {
  const { issuer, profile, keyFile, local, config, user } = options;
  const chosen = {
    ...(issuer === undefined ? {} : { issuer }),
    ...(profile === undefined ? {} : { profile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
  const isLocal = local === true || config !== undefined || !hasSession(chosen);
  return async (wish: CredentialWish): Promise<OperatorAnswer> =>
    isLocal ? await access.carryOut(wish, options) : await carryOutByApi(openApiSession(chosen), wish, user);
}

/** `latchkey users create-token`, `create-key`, `credentials`, `remove-token`, `remove-key`. */
export function addUserCredentialCommands(users: Command, access: OperatorAccess): void {
  const add = (usage: string, description: string): Command =>
    withLocalOptions(withSessionOptions(users.command(usage).description(description)));
  add('create-token <name>', 'make a personal access token of a machine user; it is shown once')
    .option('--days <days>', 'how long it counts', dayCount, 90)
    .option('--scope <scopes>', 'scopes, parted by spaces')
    .action(async (name: string, options: CredentialOptions & { days: number; scope?: string }) => {
      const scopes = options.scope?.split(' ').filter((scope) => scope !== '');
      const wish = { command: 'create-user-token', name, days: options.days } as const;
      access.tell(await carrierOf(access, options)(scopes === undefined ? wish : { ...wish, scopes }));
    });
  add('create-key <name>', 'make a key of a machine user and write its key file')
    .requiredOption('--out <file>', 'where to write it; it must not be there yet')
    .option('--days <days>', 'how long it counts', dayCount, 365)
    .action(async (name: string, options: CredentialOptions & { days: number; out: string }) => {
      const wish = { name, days: options.days, path: options.out };
      access.tell(await createKeyFile(wish, carrierOf(access, options)));
    });
  add('credentials <name>', 'list the keys and tokens of a machine user').action(
    async (name: string, options: CredentialOptions) =>
      access.tell(await carrierOf(access, options)({ command: 'list-user-credentials', name })),
  );
  for (const kind of ['token', 'key'] as const)
    add(`remove-${kind} <id>`, `take a ${kind} of a machine user back, within a second`)
      .option('--user <name>', 'whose it is; needed when you are logged in')
      .action(async (id: string, options: CredentialOptions) =>
        access.tell(await carrierOf(access, options)({ command: 'remove-user-credential', kind, id })),
      );
}
