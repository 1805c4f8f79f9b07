import { exitCodes } from './exit-codes.ts';

/** Has a command fail whose output cannot be written, to a full device say. A reader that wants no more of it is no fault. */
export function failOnLostOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || process.exitCode !== undefined) return;
  process.exitCode = exitCodes.unexpected.code;
  console.error(`The output cannot be written: ${error.message}`);
}
