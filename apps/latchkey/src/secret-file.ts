import { readFileSync, statSync } from 'node:fs';
import { ConfigurationProblem } from './configuration-problem.ts';

const groupRead = 0o040;
const anybodyElse = 0o077;

/** Who may read a file, and whose it is. */
export interface FileAccess {
  readonly mode: number;
  readonly uid: number;
}

/**
 * What is wrong with the access to a file that holds a secret; `undefined` when nothing is. It is the rule of PostgreSQL for
 * its key files: a file of our own is for us alone (0600), one of root may be read by a group (0640), as in containers.
 */
export function findAccessProblem({ mode, uid }: FileAccess, ownUid: number): string | undefined {
  if (uid !== ownUid && uid !== 0)
    return 'belongs to another user. Run: chown with the user of this process, then chmod 600';
  const excess = mode & anybodyElse & (uid === 0 ? ~groupRead : ~0);
  if (excess === 0) return undefined;
  return uid === ownUid
    ? 'can be read or changed by others. Run: chmod 600'
    : 'can be read or changed by others. Run: chmod 640 (or mount it with mode 0440)';
}

/**
 * Reads a file that holds a secret. Throws `ConfigurationProblem` when it cannot be read, or when others than this process
 * can. `setting` is the name the message speaks of.
 */
export function readSecretFile(setting: string, path: string): string {
  try {
    refuseLooseAccess(setting, path);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof ConfigurationProblem) throw cause;
    throw new ConfigurationProblem(`${setting} cannot be read: ${String(cause)}`, { cause });
  }
}

/** Throws `ConfigurationProblem` when others than this process can read a file. Systems without modes are left alone. */
export function refuseLooseAccess(setting: string, path: string): void {
  const ownUid = process.getuid?.();
  if (ownUid === undefined) return;
  const problem = findAccessProblem(statSync(path), ownUid);
  if (problem !== undefined)
    throw new ConfigurationProblem(`${setting}: the file ${path} ${problem} ${path}`);
}
