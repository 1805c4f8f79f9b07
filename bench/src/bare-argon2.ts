/** The process that does nothing but check passwords, on one thread, with the parameters Latchkey uses. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// The very binding the server has; it is a dependency of the server, not of this folder.
const require = createRequire(fileURLToPath(new URL('../../packages/server/package.json', import.meta.url)));
const { hashSync, verifySync } = require('@node-rs/argon2') as {
  hashSync: (password: string, options: object) => string;
  verifySync: (hash: string, password: string) => boolean;
};

process.on('message', ({ durationMs }: { readonly durationMs: number }) => {
  const password = 'correct horse battery staple';
  const hash = hashSync(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 });
  let checks = 0;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  while (performance.now() - startedAt < durationMs) {
    if (!verifySync(hash, password)) throw new Error('the right password did not match');
    checks += 1;
  }
  const { user, system } = process.cpuUsage(before);
  const perSecond = checks / ((performance.now() - startedAt) / 1000);
  process.send?.({ perSecond, cpuMicrosEach: (user + system) / checks });
});
process.on('disconnect', () => process.exit(0));
