import { type AttemptKey, attemptSlots } from '@latchkey/store';
import type { InstanceContext } from './instances.ts';

/** What attempts are counted of. Each has keys of its own. */
export type AttemptSubject = 'unknown-name' | 'known-browser' | 'own-password';

/** The key under which attempts are counted: a keyed hash, so that the table holds no name and nobody can aim at a slot. */
export function attemptKeyOf(
  instance: Pick<InstanceContext, 'sealer'>,
  subject: AttemptSubject,
  text: string,
): AttemptKey {
  const digest = instance.sealer.digest(`attempts ${subject}`, text);
  return { digest, slot: Buffer.from(digest, 'base64url').readUInt32BE(0) % attemptSlots };
}
