import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';

/** Where the data lives. */
export type DatabaseConfiguration =
  | { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number }
  | { readonly kind: 'embedded'; readonly dataDir: string };

function rangesOf(text: string): readonly string[] {
  const ranges = text.split(',').map((range) => range.trim());
  return ranges.filter((range) => range !== '');
}

function isListOfRanges(text: string): boolean {
  return rangesOf(text).every((range) => {
    const [address = '', prefix = '0', ...rest] = range.split('/');
    const widest = isIP(address) === 6 ? 128 : 32;
    return isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= widest && rest.length === 0;
  });
}

const settings = z.strictObject({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on.'),
  LATCHKEY_HOST: z.string().min(1).optional().describe('Address to listen on; all of them without.'),
  LATCHKEY_ISSUER: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Public address: scheme, host and port, without a path. Also the issuer. Default: http://localhost:PORT.',
    ),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional()
    .describe(
      'PostgreSQL 15 or newer; several hosts separated by commas fail over. Without it the embedded database is used.',
    ),
  LATCHKEY_DATA_DIR: z.string().min(1).default('.latchkey/data').describe('Folder of the embedded database.'),
  LATCHKEY_DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(10)
    .describe('Connections to PostgreSQL at most.'),
  LATCHKEY_MASTER_KEYS: z
    .string()
    .min(1)
    .optional()
    .describe('Master keys as id:base64 of 32 bytes, separated by commas; the first encrypts, all decrypt.'),
  LATCHKEY_MASTER_KEYS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('A file that holds what LATCHKEY_MASTER_KEYS would.'),
  LATCHKEY_INSTANCE_NAME: z
    .string()
    .min(1)
    .max(100)
    .default('Latchkey')
    .describe('Name of the instance and first organization, shown on the sign-in pages.'),
  LATCHKEY_ADMIN_LOGIN_NAME: z
    .string()
    .min(1)
    .max(200)
    .default('admin')
    .describe('Login name of the first administrator.'),
  LATCHKEY_ADMIN_PASSWORD: z
    .string()
    .min(15)
    .max(1000)
    .optional()
    .describe('Password of the first administrator; generated and printed once without it.'),
  LATCHKEY_TRUSTED_PROXIES: z
    .string()
    .refine(isListOfRanges, 'must hold addresses or CIDR ranges such as 10.0.0.0/8, separated by commas')
    .optional()
    .describe('Addresses or CIDR ranges, separated by commas, whose X-Forwarded-For is believed.'),
  LATCHKEY_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('What is logged.'),
  LATCHKEY_DRAIN_DELAY_SECONDS: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(5)
    .describe('How long requests are still taken after SIGTERM while /readyz already says 503.'),
  LATCHKEY_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(300)
    .default(20)
    .describe('How long open requests may take to finish after SIGTERM.'),
  LATCHKEY_ARGON2_MEMORY_KIB: z.coerce
    .number()
    .int()
    .min(19_456)
    .max(65_536)
    .default(19_456)
    .describe('Memory of a password hash in KiB.'),
  LATCHKEY_ARGON2_PASSES: z.coerce
    .number()
    .int()
    .min(2)
    .max(3)
    .default(2)
    .describe('Passes of a password hash.'),
});

/** The names of all settings, with what they mean. */
export const settingDescriptions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(settings.shape).map(([name, schema]) => [name, schema.description ?? '']),
);

function describeDefault(name: string): string {
  const known: Record<string, unknown> = settings.partial().parse({});
  const value = known[name];
  return value === undefined ? '' : `\`${String(value)}\``;
}

/** The text of docs/configuration.md. */
export function configurationReference(): string {
  const rows = Object.entries(settingDescriptions).map(
    ([name, text]) => `| \`${name}\` | ${describeDefault(name)} | ${text} |`,
  );
  return [
    '# Configuration',
    '',
    'Settings come from the environment, or from a JSON file of the same names given by `--config FILE` or `LATCHKEY_CONFIG`; the',
    'environment wins. A wrong or unknown setting stops the start with a message that names it. `latchkey serve` refuses to run',
    'without a master key, and with a plain-http issuer on a name other than localhost.',
    '',
    '| setting | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
    '`npm start` also reads `LATCHKEY_QUOTES_WEB_PORT` (3000), `LATCHKEY_QUOTES_API_PORT` (5000) and `LATCHKEY_QUOTES_FOLDER` (`.latchkey`).',
    '',
  ].join('\n');
}

/** A validated configuration. */
export interface Configuration {
  readonly port: number;
  readonly host: string | undefined;
  readonly origin: string;
  readonly database: DatabaseConfiguration;
  readonly masterKeys: string | undefined;
  readonly instanceName: string;
  readonly administrator: { readonly loginName: string; readonly password?: string };
  readonly trustedProxies: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly drainDelayMs: number;
  readonly drainMs: number;
  readonly argon2: { readonly memoryKib: number; readonly passes: number };
}

/** The configuration cannot be used; the message names every setting that is wrong and what it should be. */
export class ConfigurationProblem extends Error {
  override readonly name = 'ConfigurationProblem';
}

type Values = z.infer<typeof settings>;

function readSettingsFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('it must hold a JSON object');
    return { ...value };
  } catch (cause) {
    throw new ConfigurationProblem(
      `The configuration file ${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function originOf(values: Values): string {
  const origin = new URL(values.LATCHKEY_ISSUER ?? `http://localhost:${values.PORT}`);
  if (origin.pathname !== '/' || origin.search !== '' || origin.hash !== '' || origin.username !== '') {
    throw new ConfigurationProblem(
      'LATCHKEY_ISSUER must be scheme, host and port only, for example https://login.example.com',
    );
  }
  return origin.origin;
}

function masterKeysOf(values: Values): string | undefined {
  if (values.LATCHKEY_MASTER_KEYS !== undefined) return values.LATCHKEY_MASTER_KEYS;
  if (values.LATCHKEY_MASTER_KEYS_FILE === undefined) return undefined;
  try {
    return readFileSync(values.LATCHKEY_MASTER_KEYS_FILE, 'utf8').trim();
  } catch (cause) {
    throw new ConfigurationProblem(`LATCHKEY_MASTER_KEYS_FILE cannot be read: ${String(cause)}`, { cause });
  }
}

function toConfiguration(values: Values): Configuration {
  const { LATCHKEY_ADMIN_PASSWORD: password, DATABASE_URL: url } = values;
  return {
    port: values.PORT,
    host: values.LATCHKEY_HOST,
    origin: originOf(values),
    database:
      url === undefined
        ? { kind: 'embedded', dataDir: values.LATCHKEY_DATA_DIR }
        : { kind: 'postgres', url, poolSize: values.LATCHKEY_DATABASE_POOL_SIZE },
    masterKeys: masterKeysOf(values),
    instanceName: values.LATCHKEY_INSTANCE_NAME,
    administrator: {
      loginName: values.LATCHKEY_ADMIN_LOGIN_NAME,
      ...(password === undefined ? {} : { password }),
    },
    trustedProxies: rangesOf(values.LATCHKEY_TRUSTED_PROXIES ?? ''),
    logLevel: values.LATCHKEY_LOG_LEVEL,
    drainDelayMs: values.LATCHKEY_DRAIN_DELAY_SECONDS * 1000,
    drainMs: values.LATCHKEY_DRAIN_SECONDS * 1000,
    argon2: { memoryKib: values.LATCHKEY_ARGON2_MEMORY_KIB, passes: values.LATCHKEY_ARGON2_PASSES },
  };
}

/**
 * Reads the configuration from the environment, on top of a JSON file of the same names where one is given
 * (`LATCHKEY_CONFIG` or `--config`). Throws `ConfigurationProblem` naming every wrong or unknown setting.
 */
export function readConfiguration(
  env: Readonly<Record<string, string | undefined>>,
  file?: string,
): Configuration {
  const path = file ?? env.LATCHKEY_CONFIG;
  const fromFile = path === undefined ? {} : readSettingsFile(path);
  // Unknown LATCHKEY_ names are refused: a misspelt setting must not pass as unset. LATCHKEY_QUOTES_* belong to the example.
  const fromEnv = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => {
      const isOurs =
        name in settings.shape ||
        (name.startsWith('LATCHKEY_') && name !== 'LATCHKEY_CONFIG' && !name.startsWith('LATCHKEY_QUOTES_'));
      return isOurs && value !== undefined && value !== '';
    }),
  );
  const result = settings.safeParse({ ...fromFile, ...fromEnv });
  if (result.success) return toConfiguration(result.data);
  const lines = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `  ${issue.keys.join(', ')}: no such setting`
      : `  ${issue.path.join('.')}: ${issue.message}`,
  );
  throw new ConfigurationProblem(`The configuration is not valid:\n${lines.join('\n')}`);
}

function isLoopback(origin: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname);
}

/** Refuses what nobody should run in production. Throws `ConfigurationProblem`. */
export function refuseUnsafeDefaults(configuration: Configuration): void {
  if (configuration.origin.startsWith('http://') && !isLoopback(configuration.origin)) {
    throw new ConfigurationProblem(
      `The issuer ${configuration.origin} is plain http. Put TLS in front and set LATCHKEY_ISSUER to the https address.`,
    );
  }
  if (configuration.masterKeys === undefined) {
    throw new ConfigurationProblem(
      'No master key is configured. Set LATCHKEY_MASTER_KEYS, for example to the output of: echo "k1:$(openssl rand -base64 32)". Keep it: without it the data cannot be read.',
    );
  }
}
