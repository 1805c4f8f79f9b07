import { apiRoutes, type OperationId } from '@latchkey/contract';
import { type ApiAnswer, ApiProblem, callApi, type PlainCall } from '@latchkey/contract/client';
import { logInByDevice } from './device-login.ts';
import { CommandProblem } from './exit-codes.ts';
import { cliClientId, discover, sendForm, tokensForKeyFile, tokensOf } from './oauth-client.ts';
import { changeProfiles, type Profile, profilesPath, readProfiles } from './profiles.ts';

/** What a command is told about whom it calls as. */
export interface SessionOptions {
  readonly issuer?: string;
  readonly profile?: string;
  readonly keyFile?: string;
}

/** A way to call the management API. */
export interface ApiSession {
  readonly issuer: string;
  /** Calls an operation. Rejects with `ApiProblem` when it is refused, and as `fetch` does when nobody answers. */
  readonly call: (id: OperationId, input?: PlainCall) => Promise<ApiAnswer<unknown>>;
}

const refreshAheadMs = 30_000;

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** Whether a command has somebody to call the API as; otherwise commands work beside the data folder. */
export function hasSession(options: SessionOptions): boolean {
  if (isSet(process.env.LATCHKEY_TOKEN) || Object.values(options).some(isSet)) return true;
  return readProfiles().current !== undefined;
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}

/** The login a command means: by name, by issuer, or the current one. Throws `CommandProblem` when there is none. */
function findProfile({ profile, issuer }: SessionOptions): {
  readonly name: string;
  readonly profile: Profile;
} {
  const { current, profiles } = readProfiles();
  const isMeant = ([, { issuer: at }]: readonly [string, Profile]): boolean =>
    at === withoutSlash(issuer ?? at);
  const name =
    profile ??
    [...Object.entries(profiles)]
      .sort(([left], [right]) => Number(right === current) - Number(left === current))
      .find((entry) => isMeant(entry) && (issuer !== undefined || entry[0] === current))?.[0];
  const found = name === undefined ? undefined : profiles[name];
  if (name === undefined || found === undefined || !isMeant([name, found]))
    throw new CommandProblem(
      'notLoggedIn',
      `You are not logged in${profile === undefined ? '' : ` as ${profile}`}. Use: latchkey login ${issuer ?? found?.issuer ?? 'https://id.example.com'}`,
    );
  return { name, profile: found };
}

async function refreshed(name: string, profile: Profile): Promise<Profile> {
  const ended = new CommandProblem(
    'notLoggedIn',
    `The login has ended. Use: latchkey login ${profile.issuer} --profile ${name}`,
  );
  if (profile.refreshToken === undefined) throw ended;
  const { token_endpoint } = await discover(profile.issuer);
  const answer = await sendForm(token_endpoint, {
    grant_type: 'refresh_token',
    refresh_token: profile.refreshToken,
    client_id: cliClientId,
  });
  if (answer.kind === 'refused') throw ended;
  return { ...profile, ...tokensOf(answer.body) };
}

function isFresh({ expiresAtMs }: Profile): boolean {
  return expiresAtMs - refreshAheadMs > Date.now();
}

/** A live access token of a login. Commands that run side by side wait for each other, so that a refresh token is spent once. */
async function liveToken(name: string): Promise<string> {
  const known = readProfiles().profiles[name];
  if (known !== undefined && isFresh(known)) return known.accessToken;
  const { profiles } = await changeProfiles(async (all) => {
    const profile = all.profiles[name];
    if (profile === undefined || isFresh(profile)) return all;
    return { ...all, profiles: { ...all.profiles, [name]: await refreshed(name, profile) } };
  }, profilesPath());
  const profile = profiles[name];
  if (profile === undefined) throw new CommandProblem('notLoggedIn', 'You were logged out meanwhile.');
  return profile.accessToken;
}

function knownIssuer(options: SessionOptions): string {
  const { issuer = process.env.LATCHKEY_ISSUER } = options;
  if (isSet(issuer)) return withoutSlash(issuer);
  const { current, profiles } = readProfiles();
  const found = profiles[options.profile ?? current ?? '']?.issuer;
  if (found !== undefined) return found;
  throw new CommandProblem('usage', 'Say which server: --issuer https://id.example.com, or LATCHKEY_ISSUER.');
}

function tokenSource(options: SessionOptions): {
  readonly issuer: string;
  readonly token: () => Promise<string>;
  /** The login that a person can renew; machines and tokens from outside have none. */
  readonly login?: string;
} {
  const { keyFile } = options;
  if (keyFile !== undefined) {
    const issuer = knownIssuer(options);
    const once = tokensForKeyFile(issuer, keyFile);
    // Whoever asks for the token is told.
    once.catch(() => undefined);
    return { issuer, token: async () => (await once).accessToken };
  }
  const given = process.env.LATCHKEY_TOKEN;
  if (isSet(given) && options.profile === undefined)
    return { issuer: knownIssuer(options), token: async () => given };
  const { name, profile } = findProfile(options);
  return { issuer: profile.issuer, token: () => liveToken(name), login: name };
}

function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Leads a person through another sign-in where an operation requires a recent one (RFC 9470), and keeps its tokens. Throws
 * the refusal with what to do where nobody can be asked.
 */
async function signInAgain(issuer: string, login: string | undefined, refusal: ApiProblem): Promise<void> {
  const profile = login === undefined ? undefined : readProfiles().profiles[login];
  if (login === undefined || profile === undefined) throw refusal;
  const command = `latchkey login ${issuer} --profile ${login} --fresh`;
  if (!isInteractive())
    throw new ApiProblem({ ...refusal.problem, next: `Run: ${command}\nThen run this command again.` });
  console.error(`${refusal.problem.title}. Sign in again; the command then goes on.`);
  const { tokens, loginName } = await logInByDevice(issuer, { maxAgeSeconds: 0 });
  if (loginName !== profile.loginName)
    throw new CommandProblem(
      'notLoggedIn',
      `You signed in as ${loginName}, but this login is of ${profile.loginName}. The command was not carried out.`,
    );
  await changeProfiles((all) => ({
    ...all,
    profiles: { ...all.profiles, [login]: { issuer, loginName, ...tokens } },
  }));
  console.error(`Signed in again as ${loginName}.`);
}

/**
 * Opens the management API as whom the command says: `--key-file`, `LATCHKEY_TOKEN`, or a login that was kept. Throws
 * `CommandProblem` when there is nobody to call as.
 */
export function openApiSession(options: SessionOptions): ApiSession {
  const { issuer, token, login } = tokenSource(options);
  const fetchAs: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await token()}`);
    return await fetch(input, { ...init, headers, redirect: 'error' });
  };
  const call: ApiSession['call'] = (id, input = {}) =>
    callApi({ issuer, fetch: fetchAs }, apiRoutes[id], input);
  return {
    issuer,
    call: async (id, input) => {
      try {
        return await call(id, input);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.problem.code !== 'fresh-sign-in-required') throw error;
        await signInAgain(issuer, login, error);
      }
      // Once: a server that still refuses is not asked a third time.
      return await call(id, input);
    },
  };
}
