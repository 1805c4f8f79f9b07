import { type Logger as PinoLogger, pino } from 'pino';

/** The structured log. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** Levels an operator may choose. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

// Nothing of ours logs these on purpose; the list catches an object that carries them along.
const secretPaths = [
  'password',
  'secret',
  'token',
  'code',
  'authorization',
  'cookie',
  'client_secret',
  'client_assertion',
  'refresh_token',
  'access_token',
  'id_token',
  'code_verifier',
];

const waitingBytes = 1_000_000;

/**
 * Standard error, written in the background. A device that is full or gone costs lines, never the process: they are kept
 * up to a bound and dropped beyond it.
 */
function standardError() {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: waitingBytes });
  // Without a listener, a write that fails would be an error nobody caught. There is no other place to tell of it.
  destination.on('error', () => undefined);
  return destination;
}

/** A logger that writes JSON lines, secrets left out; to standard error unless told otherwise. `always` is in every line. */
export function createLogger(
  level: LogLevel,
  destination: { readonly write: (line: string) => void } = standardError(),
  always: Readonly<Record<string, string | number>> | null = null,
): Logger {
  return pino(
    {
      level,
      base: always,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: [...secretPaths, ...secretPaths.map((path) => `*.${path}`)], censor: '[secret]' },
    },
    destination,
  );
}
