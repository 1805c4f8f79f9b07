import { MasterKeyProblem } from '@latchkey/server';
import {
  DatabaseUnavailable,
  FolderDamaged,
  FolderInUse,
  FolderNotWritable,
  SchemaProblem,
} from '@latchkey/store';
import { CommanderError } from 'commander';
import { ConfigurationProblem } from './configuration.ts';
import { exitCodeOf, exitCodes, problemJsonOf, sentenceOf } from './exit-codes.ts';
import { keyIdsLast } from './key-id-arguments.ts';
import { failOnLostOutput } from './lost-output.ts';
import { createProgram } from './program.ts';

function isExpected(error: unknown): error is Error {
  return [
    ConfigurationProblem,
    MasterKeyProblem,
    FolderInUse,
    FolderNotWritable,
    FolderDamaged,
    DatabaseUnavailable,
    SchemaProblem,
  ].some((kind) => error instanceof kind);
}

/** Runs the command of this process's arguments. A failure is told on standard error and ends the process with its exit code. */
export async function runCommandLine(): Promise<void> {
  process.stdout.on('error', failOnLostOutput);
  try {
    await createProgram().parseAsync(keyIdsLast(process.argv.slice(2)), { from: 'user' });
  } catch (error) {
    // commander has told what was wrong
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : exitCodes.usage.code);
    const code = exitCodeOf(error);
    if (code === undefined || !(error instanceof Error))
      console.error(isExpected(error) ? error.message : error);
    else console.error(process.argv.includes('--json') ? problemJsonOf(error) : sentenceOf(error));
    process.exit(code ?? exitCodes.unexpected.code);
  }
}
