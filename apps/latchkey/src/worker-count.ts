import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { ConfigurationProblem } from './configuration-problem.ts';

const outOfRange = 'must be a number from 1 to 64, or auto for one worker per core';

function isWorkerCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 64;
}

/** The setting `LATCHKEY_WORKERS`. */
export const workersSetting = z
  .union([z.literal('auto'), z.coerce.number().refine(isWorkerCount, outOfRange)], { error: outOfRange })
  .default(1)
  .describe(
    'Processes behind the port, on PostgreSQL only; auto for as many as cores. They share metrics and limits.',
  );

/** How many workers to run. Throws `ConfigurationProblem` where the database can have one process only. */
export function workerCount(setting: number | 'auto', database: 'postgres' | 'embedded'): number {
  if (database === 'embedded' && setting !== 1)
    throw new ConfigurationProblem(
      'LATCHKEY_WORKERS needs PostgreSQL, because the embedded database belongs to one process. Set DATABASE_URL, or leave LATCHKEY_WORKERS out.',
    );
  return setting === 'auto' ? availableParallelism() : setting;
}

/** What each worker gets of what a node may have in all: its part, `least` at any rate. */
export function shareOf(total: number, workers: number, least: number): number {
  return workers === 1 ? total : Math.max(least, Math.floor(total / workers));
}
