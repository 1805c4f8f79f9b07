import { endIssuedBeforeRestore } from '@latchkey/server';
import { z } from 'zod';
import type { OperatorAnswer, OperatorDeps } from './operator-answer.ts';

/** The command after a backup was restored. */
export const restoredCommands = [
  z.strictObject({ command: z.literal('restored'), mode: z.enum(['end', 'keep']) }),
] as const;

/**
 * Ends what was issued before a backup was restored, or keeps it for a database that was only moved; either way servers start
 * on it again. Personal access tokens to issue anew are in the output, one a line: id and user id.
 */
export async function runRestoredCommand(deps: OperatorDeps, mode: 'end' | 'keep'): Promise<OperatorAnswer> {
  const ended = mode === 'end' ? await endIssuedBeforeRestore(deps) : [];
  await deps.store.confirmIdentity();
  if (mode === 'keep') return { kind: 'done', message: 'The database is taken as it is; nothing was ended.' };
  const sessions = ended.reduce((sum, each) => sum + each.sessions, 0);
  const keys = ended.reduce((sum, each) => sum + each.signingKeys, 0);
  const tokens = ended.flatMap((each) => each.personalAccessTokens);
  const message = `Ended ${sessions} sessions and every token issued before; ${keys} signing keys are replaced. Personal access tokens to issue again: ${tokens.length}.`;
  return tokens.length === 0
    ? { kind: 'done', message }
    : { kind: 'done', message, output: tokens.map(({ id, userId }) => `${id}  ${userId}`).join('\n') };
}
