import { randomInt } from 'node:crypto';
import { userCodeLength, userCodeLetters } from '@latchkey/protocol';
import type { InstanceContext } from './instances.ts';

/** Letters of a new user code (RFC 8628 §6.1), each drawn evenly. */
export function newUserCode(): string {
  const letters = Array.from(
    { length: userCodeLength },
    () => userCodeLetters[randomInt(userCodeLetters.length)],
  );
  return letters.join('');
}

/** The keyed hash a user code is stored and looked up by: whoever reads the database cannot try all codes. */
export function userCodeHash(instance: Pick<InstanceContext, 'sealer'>, letters: string): string {
  return instance.sealer.digest('user-code', letters);
}
