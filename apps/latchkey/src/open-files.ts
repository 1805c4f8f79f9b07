import { readFileSync } from 'node:fs';
import { type Configuration, ConfigurationProblem } from './configuration.ts';

/**
 * How many files a process must be allowed to open. The embedded database opens a file for every table and index in use; over
 * PostgreSQL it is the modules, the threads and the connections.
 */
const leastOpenFiles = { embedded: 1024, postgres: 256 } as const;

/** How many files this process may open at once; `undefined` where the system does not say, or sets no limit. */
function openFileLimit(): number | undefined {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return found?.[1] === undefined ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}

/** Throws `ConfigurationProblem` when this process may open fewer files than it needs with the configured database. */
export function checkOpenFileLimit(
  { database }: Pick<Configuration, 'database'>,
  limit: number | undefined = openFileLimit(),
): void {
  const least = leastOpenFiles[database.kind];
  if (limit === undefined || limit >= least) return;
  const kind = database.kind === 'postgres' ? 'PostgreSQL' : 'the embedded database';
  throw new ConfigurationProblem(
    `This process may open ${limit} files; with ${kind} it needs at least ${least}. Raise the limit: \`ulimit -n 4096\`, or LimitNOFILE=4096 in a systemd unit.`,
  );
}
