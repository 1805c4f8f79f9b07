import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { parseAddress, parseStrictJson } from '@latchkey/protocol';
import { z } from 'zod';
import { ConfigurationProblem } from './configuration-problem.ts';
import { readSecretFile, refuseLooseAccess } from './secret-file.ts';
import { workerCount, workersSetting } from './worker-count.ts';

export { ConfigurationProblem };

/** Where the data lives. */
export type DatabaseConfiguration =
  | { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number }
  | { readonly kind: 'embedded'; readonly dataDir: string };

function entriesOf(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

function isRange(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/');
  const widest = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= widest && rest.length === 0;
}

function isHostAndPort(text: string): boolean {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(text) ?? [];
  return URL.canParse(`http://${host ?? ' '}/`) && Number(port) <= 65_535;
}

function isListOfRanges(text: string): boolean {
  return entriesOf(text).every(isRange);
}

function isListOfTargets(text: string): boolean {
  return entriesOf(text).every((entry) => isRange(entry) || isHostAndPort(entry));
}

const settings = z.strictObject({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on.'),
  LATCHKEY_HOST: z.string().min(1).optional().describe('Address to listen on; all of them without.'),
  LATCHKEY_ISSUER: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Public address: scheme, host and port, without a path. Also the issuer. Default: http://localhost:PORT, https with TLS here.',
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
    .describe('Connections to PostgreSQL at most, divided among workers, each of which has at least 4.'),
  LATCHKEY_WORKERS: workersSetting,
  LATCHKEY_MASTER_KEYS: z
    .string()
    .min(1)
    .optional()
    .describe('Master keys as id:base64 of 32 bytes, separated by commas; the first encrypts, all decrypt.'),
  LATCHKEY_MASTER_KEYS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A file that holds what LATCHKEY_MASTER_KEYS would; mode 0600, or 0640 where root owns it, else the start is refused.',
    ),
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
    .describe(
      'Addresses or CIDR ranges, separated by commas, whose X-Forwarded-For, X-Forwarded-Host and Forwarded are believed.',
    ),
  LATCHKEY_TLS_CERT_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of the certificate and its chain, to end TLS here; needs LATCHKEY_TLS_KEY_FILE.'),
  LATCHKEY_TLS_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of the key of that certificate; its mode like that of LATCHKEY_MASTER_KEYS_FILE.'),
  LATCHKEY_CLIENT_CA_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of the authorities whose client certificates name applications (tls_client_auth).'),
  LATCHKEY_CLIENT_CERTIFICATE_HEADER: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header')
    .optional()
    .describe(
      'Header in which trusted proxies send the client certificate: Client-Cert (RFC 9440) or percent-encoded PEM.',
    ),
  LATCHKEY_OUTBOUND_ALLOW: z
    .string()
    .refine(isListOfTargets, 'must hold host:port, addresses or CIDR ranges, separated by commas')
    .optional()
    .describe(
      'Targets of outbound calls, as host:port or CIDR ranges separated by commas, that may be private and plain http.',
    ),
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
    '`npm start` also reads `LATCHKEY_QUOTES_WEB_PORT` (3000), `LATCHKEY_QUOTES_API_PORT` (5000), `LATCHKEY_NEWS_WEB_PORT` (3001),',
    '`LATCHKEY_NEWS_API_PORT` (5001) and `LATCHKEY_QUOTES_FOLDER` (`.latchkey`).',
    '`npm start -- --quotes-api=flask` runs the quotes API in Python.',
    '',
  ].join('\n');
}

/** A validated configuration. */
export interface Configuration {
  readonly port: number;
  readonly host: string | undefined;
  readonly origin: string;
  readonly database: DatabaseConfiguration;
  /** Processes behind the port. */
  readonly workers: number;
  readonly masterKeys: string | undefined;
  readonly instanceName: string;
  readonly administrator: { readonly loginName: string; readonly password?: string };
  readonly trustedProxies: readonly string[];
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  /** PEM, one certificate each. */
  readonly clientAuthorities: readonly string[];
  readonly clientCertificateHeader: string | undefined;
  readonly outboundAllow: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly drainDelayMs: number;
  readonly drainMs: number;
  readonly argon2: { readonly memoryKib: number; readonly passes: number };
}

type Values = z.infer<typeof settings>;

function holdsSecret(name: string, value: unknown): boolean {
  if (name === 'LATCHKEY_MASTER_KEYS' || name === 'LATCHKEY_ADMIN_PASSWORD') return true;
  // A database URL is a secret where it names a password.
  return name === 'DATABASE_URL' && typeof value === 'string' && /^[^/]*\/\/[^/@]*:[^/@]+@/.test(value);
}

function refuseExposedSecrets(path: string, content: Readonly<Record<string, unknown>>): void {
  const secret = Object.entries(content).find(([name, value]) => holdsSecret(name, value));
  if (secret !== undefined) refuseLooseAccess(`the configuration file holds ${secret[0]}`, path);
}

function readSettingsFile(path: string): Record<string, unknown> {
  try {
    const json = parseStrictJson(readFileSync(path, 'utf8'));
    if (json.kind === 'malformed') throw new Error(json.detail);
    const { value } = json;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('it must hold a JSON object');
    refuseExposedSecrets(path, { ...value });
    return { ...value };
  } catch (cause) {
    if (cause instanceof ConfigurationProblem) throw cause;
    throw new ConfigurationProblem(
      `The configuration file ${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function originOf(values: Values): string {
  const scheme = values.LATCHKEY_TLS_CERT_FILE === undefined ? 'http' : 'https';
  const issuer = values.LATCHKEY_ISSUER ?? `${scheme}://localhost:${values.PORT}`;
  const read = parseAddress(issuer, 'development');
  if (read.kind === 'refused') throw new ConfigurationProblem(`LATCHKEY_ISSUER ${read.detail}`);
  const { origin, href } = read.url;
  if (href !== `${origin}/`) {
    throw new ConfigurationProblem(
      'LATCHKEY_ISSUER must be scheme, host and port only, for example https://login.example.com',
    );
  }
  return origin;
}

function masterKeysOf(values: Values): string | undefined {
  if (values.LATCHKEY_MASTER_KEYS !== undefined) return values.LATCHKEY_MASTER_KEYS;
  if (values.LATCHKEY_MASTER_KEYS_FILE === undefined) return undefined;
  return readSecretFile('LATCHKEY_MASTER_KEYS_FILE', values.LATCHKEY_MASTER_KEYS_FILE).trim();
}

function readSettingFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationProblem(`${name} cannot be read: ${String(cause)}`, { cause });
  }
}

function tlsOf(values: Values): Configuration['tls'] {
  const { LATCHKEY_TLS_CERT_FILE: certFile, LATCHKEY_TLS_KEY_FILE: keyFile } = values;
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined)
    throw new ConfigurationProblem(
      'LATCHKEY_TLS_CERT_FILE and LATCHKEY_TLS_KEY_FILE belong together; set both or none',
    );
  const key = readSecretFile('LATCHKEY_TLS_KEY_FILE', keyFile);
  const cert = readSettingFile('LATCHKEY_TLS_CERT_FILE', certFile);
  try {
    createSecureContext({ key, cert });
  } catch (cause) {
    throw new ConfigurationProblem(
      `LATCHKEY_TLS_CERT_FILE and LATCHKEY_TLS_KEY_FILE are not a PEM certificate and its key: ${String(cause)}`,
      { cause },
    );
  }
  return { key, cert };
}

function clientAuthoritiesOf({ LATCHKEY_CLIENT_CA_FILE: path }: Values): readonly string[] {
  if (path === undefined) return [];
  const text = readSettingFile('LATCHKEY_CLIENT_CA_FILE', path);
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const pem of found) new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigurationProblem(`LATCHKEY_CLIENT_CA_FILE holds a broken certificate: ${String(cause)}`, {
      cause,
    });
  }
  if (found.length === 0) throw new ConfigurationProblem('LATCHKEY_CLIENT_CA_FILE holds no PEM certificate');
  return found;
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
    workers: workerCount(values.LATCHKEY_WORKERS, url === undefined ? 'embedded' : 'postgres'),
    masterKeys: masterKeysOf(values),
    instanceName: values.LATCHKEY_INSTANCE_NAME,
    administrator: {
      loginName: values.LATCHKEY_ADMIN_LOGIN_NAME,
      ...(password === undefined ? {} : { password }),
    },
    trustedProxies: entriesOf(values.LATCHKEY_TRUSTED_PROXIES ?? ''),
    tls: tlsOf(values),
    clientAuthorities: clientAuthoritiesOf(values),
    clientCertificateHeader: values.LATCHKEY_CLIENT_CERTIFICATE_HEADER,
    outboundAllow: entriesOf(values.LATCHKEY_OUTBOUND_ALLOW ?? ''),
    logLevel: values.LATCHKEY_LOG_LEVEL,
    drainDelayMs: values.LATCHKEY_DRAIN_DELAY_SECONDS * 1000,
    drainMs: values.LATCHKEY_DRAIN_SECONDS * 1000,
    argon2: { memoryKib: values.LATCHKEY_ARGON2_MEMORY_KIB, passes: values.LATCHKEY_ARGON2_PASSES },
  };
}

/** Names that are read elsewhere: where the file is, and whom commands call as. */
const otherNames: ReadonlySet<string> = new Set(['LATCHKEY_CONFIG', 'LATCHKEY_TOKEN']);

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
  // Unknown LATCHKEY_ names are refused: a misspelt setting must not pass as unset. LATCHKEY_QUOTES_* and LATCHKEY_NEWS_* belong to the examples.
  const fromEnv = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => {
      const isOurs =
        name in settings.shape ||
        (name.startsWith('LATCHKEY_') && !otherNames.has(name) && !/^LATCHKEY_(QUOTES|NEWS)_/.test(name));
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

/** Whether an address is of this machine alone. */
export function isLoopback(origin: string): boolean {
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
