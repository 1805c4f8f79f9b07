/** The process that checks tokens as an API would: `@latchkey/api` as it is published, against a running Latchkey. */
import { createVerifier, type Verifier } from '@latchkey/api';
import type { LocalCheckOrder, LocalCheckResult } from './local-check-order.ts';
import { quantile } from './quantile.ts';

const wallMicros = (): number => performance.now() * 1000;

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function time(
  verifier: Verifier,
  tokens: readonly string[],
  clock = wallMicros,
): Promise<readonly number[]> {
  const micros: number[] = [];
  for (const token of tokens) {
    const startedAt = clock();
    const outcome = await verifier.verify(token);
    micros.push(clock() - startedAt);
    if (outcome.kind !== 'principal') throw new Error(`a good token was refused: ${JSON.stringify(outcome)}`);
  }
  return micros;
}

async function measure(order: LocalCheckOrder): Promise<LocalCheckResult> {
  const { issuer, audience, tokens } = order;
  const create = (): Verifier => createVerifier({ issuer, audience, mode: 'jwt' });
  // The first tokens fetch the keys and warm the code; what counts is a verifier that has been up for a while.
  const uncached: number[] = [];
  const [cached, uncachedCpu]: [number[], number[]] = [[], []];
  for (let round = 0; round < 6; round += 1) {
    const verifier = create();
    await time(verifier, tokens.slice(0, 1));
    const first = await time(verifier, tokens.slice(1));
    const again = await time(verifier, tokens.slice(1));
    const another = create();
    await time(another, tokens.slice(0, 1));
    const cpu = await time(another, tokens.slice(1), cpuMicros);
    if (round === 0) continue;
    uncachedCpu.push(...cpu);
    uncached.push(...first);
    cached.push(...again);
  }
  return {
    uncachedP50Micros: quantile(uncached, 0.5),
    uncachedP99Micros: quantile(uncached, 0.99),
    uncachedCpuP99Micros: quantile(uncachedCpu, 0.99),
    cachedP50Micros: quantile(cached, 0.5),
    cachedP99Micros: quantile(cached, 0.99),
  };
}

process.on('message', (order: LocalCheckOrder) => {
  measure(order).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
