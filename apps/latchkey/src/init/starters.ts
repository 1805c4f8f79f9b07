import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CommandProblem } from '../exit-codes.ts';

/** What a starter's settings can be filled with. */
const settingValue = z.enum([
  'issuer',
  'origin',
  'clientId',
  'clientSecret',
  'projectId',
  'apiKeyFile',
  'randomSecret',
]);

const starter = z.object({
  name: z.string(),
  description: z.string(),
  /** `browser`: signs in from the page with PKCE; `server`: from a server, with a client secret. */
  application: z.enum(['browser', 'server']),
  /** The ports it is written with. Without `api` the page's server also is the API. */
  ports: z.object({ web: z.number().int(), api: z.number().int().optional() }),
  /** Paths below the origin. */
  redirectPath: z.string().default('/callback'),
  postLogoutPath: z.string().default('/'),
  backchannelLogoutPath: z.string().optional(),
  /** File → key → what it is set to. Files end in `.json` or have a line `KEY=` for each key. */
  settings: z.record(z.string(), z.record(z.string(), settingValue)),
  /** Path → text. */
  files: z.record(z.string(), z.string()),
});

/** An app to begin with, as bundled from `examples/starters`. */
export type Starter = z.infer<typeof starter>;

/** The values for the settings of a starter. */
export type SettingValues = Readonly<Record<z.infer<typeof settingValue>, string>>;

const bundled = new URL('../../dist/starters/starters.json', import.meta.url);

/** Every starter this command line comes with. Throws `CommandProblem` in a clone that is not built. */
export function readStarters(): readonly Starter[] {
  if (!existsSync(bundled))
    throw new CommandProblem('unexpected', 'The starters are not bundled yet. Run: npm run build');
  return z.array(starter).parse(JSON.parse(readFileSync(bundled, 'utf8')));
}

/** The starter with a name. Throws `CommandProblem` that lists them when there is none, or no name was given. */
export function findStarter(starters: readonly Starter[], name: string | undefined): Starter {
  const found = starters.find((each) => each.name === name);
  if (found !== undefined) return found;
  const list = starters.map((each) => `  ${each.name.padEnd(8)} ${each.description}`).join('\n');
  const complaint = name === undefined ? 'Choose a template' : `There is no template "${name}". Choose one`;
  throw new CommandProblem('usage', `${complaint} with --template:\n${list}`);
}

/** The starter with other ports, wherever it names its own. */
export function withPorts(of: Starter, ports: Starter['ports']): Starter {
  const changes = new Map([
    [String(of.ports.web), String(ports.web)],
    [String(of.ports.api), String(ports.api)],
  ]);
  const pattern = new RegExp(`(?<![\\d.])(?:${[...changes.keys()].join('|')})(?![\\d.])`, 'g');
  const replacePorts = (text: string) => text.replaceAll(pattern, (port) => changes.get(port) ?? port);
  const files = Object.entries(of.files).map(([path, text]) => [path, replacePorts(text)] as const);
  return { ...of, ports, files: Object.fromEntries(files) };
}

/** Whether a file gets a secret when its settings are filled in. */
export function holdsSecret(of: Starter, path: string): boolean {
  return Object.values(of.settings[path] ?? {}).some(
    (value) => value === 'clientSecret' || value === 'randomSecret',
  );
}

/** The files with the settings filled in. One that is not there begins as `.env.example`. */
export function fillSettings(of: Starter, values: SettingValues): Readonly<Record<string, string>> {
  const filled = { ...of.files };
  for (const [path, keys] of Object.entries(of.settings)) {
    const wanted = Object.entries(keys).map(([key, value]) => [key, values[value]] as const);
    filled[path] = path.endsWith('.json')
      ? `${JSON.stringify({ ...JSON.parse(filled[path] ?? '{}'), ...Object.fromEntries(wanted) }, null, 2)}\n`
      : wanted.reduce(setLine, filled[path] ?? filled['.env.example'] ?? '');
  }
  return filled;
}

function setLine(text: string, [key, value]: readonly [string, string]): string {
  const line = `${key}=${value}`;
  const pattern = new RegExp(`^${key}=.*$`, 'm');
  if (pattern.test(text)) return text.replace(pattern, () => line);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
}
