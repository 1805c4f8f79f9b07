import type { Command } from 'commander';
import { z } from 'zod';
import { openApiSession, type SessionOptions } from './api-session.ts';
import { logInByDevice } from './device-login.ts';
import { CommandProblem } from './exit-codes.ts';
import { cliClientId, discover, sendForm } from './oauth-client.ts';
import { changeProfiles, readProfiles } from './profiles.ts';

/** Logs in by a browser and keeps the login as the current one. Throws `CommandProblem` when it was denied. */
export async function logIn(
  issuerText: string | undefined,
  options: { readonly profile?: string; readonly fresh?: true },
): Promise<void> {
  const { current, profiles } = readProfiles();
  const known = profiles[options.profile ?? current ?? '']?.issuer;
  const issuer = (issuerText ?? known ?? process.env.LATCHKEY_ISSUER ?? 'http://localhost:8080').replace(
    /\/$/,
    '',
  );
  const { tokens, loginName } = await logInByDevice(
    issuer,
    options.fresh === true ? { maxAgeSeconds: 0 } : {},
  );
  const name = options.profile ?? new URL(issuer).host;
  await changeProfiles((all) => ({
    ...all,
    current: name,
    profiles: { ...all.profiles, [name]: { issuer, loginName, ...tokens } },
  }));
  console.log(`Logged in to ${issuer} as ${loginName} (profile ${name}).`);
}

async function logout(options: { readonly profile?: string }): Promise<void> {
  const { current, profiles } = readProfiles();
  const name = options.profile ?? current;
  const profile = name === undefined ? undefined : profiles[name];
  if (name === undefined || profile === undefined)
    throw new CommandProblem('notLoggedIn', 'There is no such login; see: latchkey profiles');
  await changeProfiles((all) => {
    const { [name]: _, ...others } = all.profiles;
    const { current: before, ...rest } = all;
    const next = before === name ? Object.keys(others)[0] : before;
    return { ...rest, profiles: others, ...(next === undefined ? {} : { current: next }) };
  });
  const revoked = await revoke(profile.issuer, profile.refreshToken ?? profile.accessToken);
  console.log(`Logged out of ${profile.issuer}.${revoked}`);
}

/** Takes the token back; a server that is away must not keep somebody from logging out here. */
async function revoke(issuer: string, token: string): Promise<string> {
  try {
    const { revocation_endpoint: endpoint } = await discover(issuer);
    if (endpoint !== undefined) await sendForm(endpoint, { token, client_id: cliClientId });
    return '';
  } catch {
    return ' The server could not be told; end the session there.';
  }
}

async function whoami(options: SessionOptions & { readonly json?: true }): Promise<void> {
  const session = openApiSession(options);
  const { data } = await session.call('getMe');
  if (options.json) {
    console.log(JSON.stringify(data, null, 2));
    return;
  }
  const me = z
    .object({
      loginName: z.string(),
      userId: z.string(),
      organizationName: z.string(),
      memberships: z.array(
        z.object({ objectKind: z.string(), objectName: z.string().optional(), roles: z.array(z.string()) }),
      ),
    })
    .parse(data);
  console.log(`${me.loginName} (${me.userId}) of ${me.organizationName} at ${session.issuer}`);
  for (const { objectKind, objectName = '', roles } of me.memberships)
    console.log(`${objectKind} ${objectName}: ${roles.join(', ')}`);
}

function listProfiles(options: { readonly json?: true }): void {
  const { current, profiles } = readProfiles();
  const rows = Object.entries(profiles).map(([name, { issuer, loginName }]) => ({
    name,
    issuer,
    loginName,
    isCurrent: name === current,
  }));
  if (options.json) console.log(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) console.log('Nobody is logged in. Use: latchkey login https://id.example.com');
  else
    for (const { name, issuer, loginName, isCurrent } of rows)
      console.log(`${isCurrent ? '*' : ' '} ${name}  ${issuer}  ${loginName}`);
}

async function useProfile(name: string): Promise<void> {
  await changeProfiles((all) => {
    if (all.profiles[name] === undefined)
      throw new CommandProblem('notFound', `There is no profile ${name}; see: latchkey profiles`);
    return { ...all, current: name };
  });
  console.log(`Commands now use the profile ${name}.`);
}

/** Options of every command that calls the API. */
export function withSessionOptions(command: Command): Command {
  return command
    .option('--issuer <url>', 'which server: its issuer')
    .option('--profile <name>', 'which login, of those that `latchkey profiles` lists')
    .option('--key-file <file>', 'call as a machine by its key file')
    .option('--json', 'answer as JSON');
}

/** `latchkey login`, `logout`, `whoami` and `profiles`. */
export function addLoginCommands(program: Command): void {
  program
    .command('login [issuer]')
    .description('log in by a browser, which may run on another device')
    .option('--profile <name>', 'what to call this login; the host when left out')
    .option('--fresh', 'sign in again in the browser, even if you are signed in there')
    .action(logIn);
  program
    .command('logout')
    .description('forget a login and end it at the server')
    .option('--profile <name>', 'which login; the current one when left out')
    .action(logout);
  withSessionOptions(program.command('whoami').description('show whom commands call as')).action(whoami);
  const profiles = program
    .command('profiles')
    .description('list the logins that are kept')
    .option('--json', 'answer as JSON')
    .action(listProfiles);
  profiles.command('use <name>').description('let commands use another login').action(useProfile);
}
