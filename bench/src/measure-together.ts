import type { LoadClient } from './load-client.ts';
import type { RequestPlan } from './load-plan.ts';
import { cpuMicros } from './processes.ts';
import type { Pace } from './rounds.ts';
import type { Scenario } from './scenarios.ts';

/** One path at two servers, in microseconds of CPU time per request, a value for each round. */
export interface MeasuredPair {
  readonly path: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** One of the two servers on a path, with the client that asks it. */
export interface Side {
  readonly client: LoadClient;
  readonly scenario: Scenario;
}

function createRunner({ client, scenario }: Side, connections: number) {
  const { pid, port, renew, expectedText, expectedStatus = 200 } = scenario;
  let plan: RequestPlan = scenario.plan;
  const runOnce = async (durationMs: number): Promise<number> => {
    if (renew !== undefined) plan = await renew();
    const before = cpuMicros(pid());
    const result = await client.run({ port, connections, durationMs, plan, expectedText, expectedStatus });
    if (plan.kind === 'chain') plan = { ...plan, firstTokens: result.lastTokens };
    return (cpuMicros(pid()) - before) / result.requests;
  };
  // What is made for a round lives for a minute, and a machine that stood still so long has to make it anew.
  return (durationMs: number): Promise<number> =>
    runOnce(durationMs).catch((error: unknown) =>
      renew === undefined ? Promise.reject(error) : runOnce(durationMs),
    );
}

/**
 * Measures two servers on one path at the same time and on the same core. The scheduler changes between them every few
 * milliseconds, so that whatever else the machine does falls on both alike.
 */
export async function measureTogether(before: Side, after: Side, pace: Pace): Promise<MeasuredPair> {
  const { path } = before.scenario;
  const [runBefore, runAfter] = [before, after].map((side) => createRunner(side, pace.connections));
  if (runBefore === undefined || runAfter === undefined) throw new Error('there are two sides');
  const rounds: (readonly [number, number])[] = [];
  for (let round = 0; round <= pace.rounds; round += 1) {
    const durationMs = round === 0 ? pace.warmUpMs : pace.measureMs;
    const costs = await Promise.all([runBefore(durationMs), runAfter(durationMs)]).catch((cause: unknown) => {
      throw new Error(`${path}: ${String(cause)}`, { cause });
    });
    if (round > 0) rounds.push(costs);
  }
  return { path, before: rounds.map(([cost]) => cost), after: rounds.map(([, cost]) => cost) };
}
