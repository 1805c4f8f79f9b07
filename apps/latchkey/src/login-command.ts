import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@latchkey/contract/client';
import type { Command } from 'commander';
import { z } from 'zod';
import { openApiSession, type SessionOptions } from './api-session.ts';
import { CommandProblem } from './exit-codes.ts';
import { apiScope, cliClientId, discover, sendForm, type Tokens, tokensOf } from './oauth-client.ts';
import { changeProfiles, readProfiles } from './profiles.ts';

const begun = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string().optional(),
  expires_in: z.number(),
  interval: z.number().default(5),
});

const meanings: Readonly<Record<string, string>> = {
  access_denied: 'The login was denied in the browser. Run the command again and choose to allow it.',
  expired_token: 'The code is too old. Run the command again and enter the new code in time.',
  invalid_client: 'The server does not know the command line; is it a Latchkey of this version?',
  unauthorized_client: 'The application latchkey-cli is switched off; ask an owner to activate it.',
  invalid_grant: 'The code does not count any more. Run the command again.',
};

function refusal(error: string, description: string): CommandProblem {
  const meaning = meanings[error] ?? description;
  return new CommandProblem('notLoggedIn', `The login was refused (${error}). ${meaning}`);
}

/** Asks until somebody has decided in the browser (RFC 8628 §3.5). */
async function pollForTokens(endpoint: string, device: z.infer<typeof begun>): Promise<Tokens> {
  const endsAtMs = Date.now() + device.expires_in * 1000;
  let intervalSeconds = device.interval;
  while (Date.now() < endsAtMs) {
    await wait(intervalSeconds * 1000);
    const answer = await sendForm(endpoint, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
      client_id: cliClientId,
    });
    if (answer.kind === 'done') return tokensOf(answer.body);
    if (answer.error === 'slow_down') intervalSeconds += 5;
    else if (answer.error !== 'authorization_pending') throw refusal(answer.error, answer.description);
  }
  throw refusal('expired_token', '');
}

async function login(issuerText: string | undefined, options: { readonly profile?: string }): Promise<void> {
  const { current, profiles } = readProfiles();
  const known = profiles[options.profile ?? current ?? '']?.issuer;
  const issuer = (issuerText ?? known ?? process.env.LATCHKEY_ISSUER ?? 'http://localhost:8080').replace(
    /\/$/,
    '',
  );
  const { token_endpoint, device_authorization_endpoint: endpoint } = await discover(issuer);
  if (endpoint === undefined)
    throw new CommandProblem('unexpected', `${issuer} has no device sign-in; use LATCHKEY_TOKEN.`);
  const answer = await sendForm(endpoint, { client_id: cliClientId, scope: apiScope });
  if (answer.kind === 'refused') throw refusal(answer.error, answer.description);
  const device = begun.parse(answer.body);
  console.error(
    `Open ${device.verification_uri_complete ?? device.verification_uri}\nand compare the code: ${device.user_code}\nWaiting for you to sign in there …`,
  );
  const tokens = await pollForTokens(token_endpoint, device);
  const asMe: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${tokens.accessToken}`);
    return fetch(input, { ...init, headers });
  };
  const { data: me } = await createApiClient({ issuer, fetch: asMe }).call('getMe');
  const name = options.profile ?? new URL(issuer).host;
  await changeProfiles((all) => ({
    ...all,
    current: name,
    profiles: { ...all.profiles, [name]: { issuer, loginName: me.loginName, ...tokens } },
  }));
  console.log(`Logged in to ${issuer} as ${me.loginName} (profile ${name}).`);
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
    .action(login);
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
