import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigurationProblem } from './configuration.ts';
import { originText } from './instance-commands.ts';
import { type OperatorCommand, operatorCommand } from './operator-commands.ts';

interface OperatorOptions {
  readonly config?: string;
  readonly folder: string;
}

interface SwitchOptions {
  readonly instance: string;
  readonly selfRegistration?: 'on' | 'off';
  readonly impersonation?: 'on' | 'off';
  readonly dpopNonces?: 'on' | 'off';
}

/** Carries a command out and tells what came of it. */
type RunOperator = (command: OperatorCommand, options: OperatorOptions) => Promise<void>;

function originArgument(text: string): string {
  const parsed = originText.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Give scheme, host and port in lower case, such as https://id.example.com.');
}

function readPolicy(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigurationProblem(`${path} cannot be read as JSON; see docs/registration.md.`, { cause });
  }
}

function withPlaces(command: Command): Command {
  return command
    .option('--config <file>', 'JSON file with settings')
    .option('--folder <folder>', 'folder of the demo', '.latchkey');
}

/** `latchkey instances`: several issuers in one server. */
export function addInstanceCommands(program: Command, run: RunOperator): void {
  const group = program.command('instances').description('issuers of their own in one server');
  withPlaces(group.command('list').description('show the instances: id, name, addresses')).action(
    (options: OperatorOptions) => run({ command: 'list-instances' }, options),
  );
  withPlaces(
    group
      .command('create')
      .description('make an instance; running servers answer for it at once')
      .requiredOption('--origin <url>', 'its address, such as https://id.example.com', originArgument)
      .requiredOption('--name <name>', 'what it is called')
      .requiredOption('--admin <name>', 'login name of its first administrator'),
  ).action(
    ({ origin, name, admin, ...options }: OperatorOptions & Record<'origin' | 'name' | 'admin', string>) =>
      run({ command: 'create-instance', origin, name, admin }, options),
  );
  withPlaces(
    group
      .command('add-domain <origin>')
      .description('let an instance answer at a further address, which is an issuer too')
      .requiredOption('--instance <url>', 'an address it answers at now', originArgument),
  ).action((origin: string, { instance, ...options }: OperatorOptions & { instance: string }) =>
    run({ command: 'add-domain', instance, origin: originArgument(origin) }, options),
  );
  const onOff = (name: string, what: string): Option =>
    new Option(`${name} <state>`, what).choices(['on', 'off']);
  withPlaces(
    group
      .command('set')
      .description('switch on or off what an instance offers')
      .requiredOption('--instance <url>', 'an address it answers at', originArgument)
      .addOption(onOff('--self-registration', 'people may make accounts for themselves'))
      .addOption(onOff('--impersonation', 'managers with an impersonator role may act as others'))
      .addOption(onOff('--dpop-nonces', 'every DPoP proof must carry a nonce of the server')),
  ).action(({ config, folder, ...wish }: OperatorOptions & SwitchOptions) =>
    run({ command: 'set-instance', ...wish }, { folder, ...(config === undefined ? {} : { config }) }),
  );
}

/** `latchkey registration`: applications that register themselves. */
export function addRegistrationCommands(program: Command, run: RunOperator): void {
  const group = program.command('registration').description('applications that register themselves');
  withPlaces(
    group
      .command('set')
      .description('say who may register')
      .addOption(new Option('--mode <mode>', 'who may register').choices(['off', 'token', 'open']))
      .addOption(new Option('--documents <state>', 'client id metadata documents').choices(['on', 'off']))
      .option('--policy <file>', 'JSON file with what may be registered'),
  ).action((options: OperatorOptions & { mode?: string; documents?: string; policy?: string }) => {
    const { mode, documents, policy, config, folder } = options;
    const parsed = operatorCommand.safeParse({
      command: 'set-registration',
      ...(mode === undefined ? {} : { mode }),
      ...(documents === undefined ? {} : { documents }),
      ...(policy === undefined ? {} : { policy: readPolicy(policy) }),
    });
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new ConfigurationProblem(
        `${policy ?? 'The wish'}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}; see docs/registration.md.`,
      );
    }
    return run(parsed.data, { folder, ...(config === undefined ? {} : { config }) });
  });
  withPlaces(
    group
      .command('create-token')
      .description('make an initial access token; it is shown once')
      .option('--uses <count>', 'how many applications it registers', Number, 1)
      .option('--days <days>', 'how long it counts', Number, 7),
  ).action(({ uses, days, ...options }: OperatorOptions & { uses: number; days: number }) =>
    run({ command: 'create-registration-token', uses, days }, options),
  );
}
