import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';

/** One way to open a connection: without TLS, or with it under these rules. */
export type TlsAttempt = false | ConnectionOptions;

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;
type SslMode = (typeof modes)[number];

/** The parameters of a database URL that {@link readTlsAttempts} reads. */
export const tlsParameters = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword'] as const;

function isLoopback(host: string): boolean {
  return host === '' || host.startsWith('/') || /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);
}

function modeOf(parameters: URLSearchParams, host: string): SslMode {
  const named = parameters.get('sslmode');
  if (named !== null) {
    const mode = modes.find((each) => each === named);
    if (mode === undefined)
      throw new TypeError(
        'sslmode in the database URL must be disable, allow, prefer, require, verify-ca or verify-full.',
      );
    return mode;
  }
  const ssl = parameters.get('ssl');
  if (ssl === 'true' || ssl === '1') return 'verify-full';
  if (ssl === 'false' || ssl === '0') return 'disable';
  if (ssl === 'no-verify') return 'no-verify';
  // libpq prefers TLS everywhere; on this machine's own interface it would cost time and hide nothing.
  return isLoopback(host) ? 'allow' : 'prefer';
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new TypeError(
      `${name} in the database URL names the file ${path}, which cannot be read (${code}).`,
      {
        cause,
      },
    );
  }
}

// libpq's own places (PostgreSQL documentation §34.19), where the URL names none.
function fileOf(parameters: URLSearchParams, name: string, usual: string): string | undefined {
  const named = parameters.get(name);
  if (named !== null && named !== '') return named;
  const path = join(homedir(), '.postgresql', usual);
  return existsSync(path) ? path : undefined;
}

function clientCertificate(parameters: URLSearchParams): ConnectionOptions {
  const cert = fileOf(parameters, 'sslcert', 'postgresql.crt');
  const key = fileOf(parameters, 'sslkey', 'postgresql.key');
  if (cert === undefined || key === undefined) {
    if (parameters.has('sslcert') || parameters.has('sslkey'))
      throw new TypeError('sslcert and sslkey in the database URL belong together; name both or none.');
    return {};
  }
  const passphrase = parameters.get('sslpassword');
  return {
    cert: readPem('sslcert', cert),
    key: readPem('sslkey', key),
    ...(passphrase === null ? {} : { passphrase }),
  };
}

function verification(mode: SslMode, parameters: URLSearchParams): ConnectionOptions {
  const root = fileOf(parameters, 'sslrootcert', 'root.crt');
  if (root === 'system') {
    if (mode !== 'verify-full')
      throw new TypeError('sslrootcert=system in the database URL needs sslmode=verify-full.');
    return { rejectUnauthorized: true };
  }
  const ca = root === undefined ? {} : { ca: readPem('sslrootcert', root) };
  if (mode === 'verify-full') return { ...ca, rejectUnauthorized: true };
  if (mode === 'verify-ca' && root === undefined)
    throw new TypeError(
      'sslmode=verify-ca in the database URL needs sslrootcert=FILE with the certificate of the authority; for public authorities use verify-full.',
    );
  // libpq: with a root certificate, `require` verifies as `verify-ca` does.
  if (mode === 'verify-ca' || (mode === 'require' && root !== undefined))
    return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  return { rejectUnauthorized: false };
}

/**
 * Reads how a server may be spoken to from the `ssl…` parameters of its URL, as libpq means them (PostgreSQL documentation
 * §34.19). The attempts are in order. Beyond libpq: `verify-full` without a root
 * certificate trusts the system's authorities. Throws TypeError on what it cannot use.
 */
export function readTlsAttempts(parameters: URLSearchParams, host: string): readonly TlsAttempt[] {
  const mode = modeOf(parameters, host);
  // libpq: sslmode is ignored over Unix-domain sockets.
  if (mode === 'disable' || host.startsWith('/')) return [false];
  // Node checks the certificate against this name, also where it is an address.
  const named = host === '' ? 'localhost' : host;
  const tls = { host: named, ...clientCertificate(parameters), ...verification(mode, parameters) };
  if (mode === 'allow') return [false, tls];
  return mode === 'prefer' ? [tls, false] : [tls];
}
