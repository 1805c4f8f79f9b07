import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { CommandProblem } from './exit-codes.ts';

const profile = z.object({
  issuer: z.string(),
  loginName: z.string(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAtMs: z.number(),
});
const profilesFile = z.object({
  version: z.literal(1),
  current: z.string().optional(),
  profiles: z.record(z.string(), profile),
});

/** A login that is kept. */
export type Profile = z.infer<typeof profile>;

/** All logins that are kept; `current` is the one commands use when they are told nothing else. */
export type Profiles = z.infer<typeof profilesFile>;

const staleLockMs = 30_000;
const longestWaitMs = 40_000;

/** Where logins are kept: `$XDG_CONFIG_HOME/latchkey/profiles.json`. */
export function profilesPath(env: NodeJS.ProcessEnv = process.env): string {
  const home = env.XDG_CONFIG_HOME;
  return join(
    home === undefined || home === '' ? join(homedir(), '.config') : home,
    'latchkey',
    'profiles.json',
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Reads the logins; none when there is no file. Throws `CommandProblem` when it cannot be read. */
export function readProfiles(path = profilesPath()): Profiles {
  try {
    return profilesFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if (isMissing(cause)) return { version: 1, profiles: {} };
    throw new CommandProblem('unexpected', `${path} cannot be read. Delete it and log in again.`, { cause });
  }
}

function writeProfiles(path: string, profiles: Profiles): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function takeLock(path: string): 'taken' | 'busy' {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return 'taken';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  try {
    // Its holder was ended in the middle: nothing takes this long.
    if (Date.now() - statSync(path).mtimeMs > staleLockMs) rmSync(path, { force: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return 'busy';
}

/**
 * Changes the logins while no other command does: `work` gets them as they are now and answers what is to be kept.
 * Resolves to what was kept. Nothing is written when `work` fails.
 */
export async function changeProfiles(
  work: (profiles: Profiles) => Profiles | Promise<Profiles>,
  path = profilesPath(),
): Promise<Profiles> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = `${path}.lock`;
  const givesUpAtMs = Date.now() + longestWaitMs;
  while (takeLock(lock) === 'busy') {
    if (Date.now() > givesUpAtMs)
      throw new CommandProblem('unexpected', `Another command holds ${lock}. Try again, or delete it.`);
    await wait(50);
  }
  try {
    const changed = await work(readProfiles(path));
    writeProfiles(path, changed);
    return changed;
  } finally {
    rmSync(lock, { force: true });
  }
}
