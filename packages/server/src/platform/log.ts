import { type Logger as PinoLogger, pino } from 'pino';
import { createLogDevice } from './log-device.ts';

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

/** A logger that writes JSON lines, secrets left out; to standard error unless told otherwise. `always` is in every line. */
export function createLogger(
  level: LogLevel,
  destination: { readonly write: (line: string) => void } = createLogDevice(2),
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
