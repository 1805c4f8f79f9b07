import { generateKeyPair } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { OperatorAnswer, OperatorCommand } from './operator-commands.ts';

const generate = promisify(generateKeyPair);
const addedKey = z.object({ keyId: z.string(), userId: z.string(), expirationDate: z.string() });

/**
 * Makes a key for a machine user and writes it as the file the dialect's clients read. The private half stays in this
 * process; `carryOut` makes the public half known. Rejects when the file is there already.
 */
export async function createKeyFile(
  wish: { readonly name: string; readonly days: number; readonly path: string },
  carryOut: (command: Extract<OperatorCommand, { command: 'add-user-key' }>) => Promise<OperatorAnswer>,
): Promise<OperatorAnswer> {
  const { name, days, path } = wish;
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  // Opened first, so that no key is made known whose private half cannot be kept.
  const file = await open(path, 'wx', 0o600);
  try {
    const answer = await carryOut({ command: 'add-user-key', name, days, publicKeyPem }).catch(
      async (error: unknown) => {
        await unlink(path);
        throw error;
      },
    );
    if (answer.kind === 'failed' || answer.output === undefined) {
      await unlink(path);
      return answer;
    }
    const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const content = { type: 'serviceaccount', key, ...addedKey.parse(JSON.parse(answer.output)) };
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    return { kind: 'done', message: `${answer.message} The private key is in ${path} and nowhere else.` };
  } finally {
    await file.close();
  }
}
