import type { LoadClient } from './load-client.ts';
import type { LoadResult, RequestPlan } from './load-plan.ts';
import { cpuMicros } from './processes.ts';
import type { Path, Scenario, TargetName } from './scenarios.ts';

/** One server on one path over all rounds: medians, and the range of the rates. */
export interface Measurement {
  readonly path: Path;
  readonly target: TargetName;
  readonly perSecond: number;
  /** The rate of each round. */
  readonly ratesPerSecond: readonly number[];
  readonly slowestPerSecond: number;
  readonly fastestPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server's process per request, all its threads. */
  readonly cpuMicrosPerRequest: number;
  /** The same in each round. */
  readonly cpuMicrosOfRounds: readonly number[];
  readonly generatorBusy: number;
}

/** How long and how often is measured. */
export interface Pace {
  readonly rounds: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

interface Round {
  readonly result: LoadResult;
  readonly cpuMicrosPerRequest: number;
}

/** The median over the rounds of the ratio within each: what disturbs the machine for longer falls on both sides. */
export function ratioOf(ours: Measurement, theirs: Measurement): number {
  return median(
    ours.ratesPerSecond.map((rate, round) => rate / (theirs.ratesPerSecond[round] ?? theirs.perSecond)),
  );
}

/** How many requests one server answers in the CPU time in which another answers one: the median over rounds, and their middle half. */
export interface CpuRatio {
  readonly ratio: number;
  readonly from: number;
  readonly to: number;
}

/** Compares two costs round by round, in CPU time, which other work on the same cores takes nothing from. */
export function compareCosts(ours: readonly number[], theirs: readonly number[]): CpuRatio {
  const ratios = ours.flatMap((cost, round) => {
    const other = theirs[round];
    return other === undefined || cost <= 0 ? [] : [other / cost];
  });
  const sorted = ratios.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { ratio: median(sorted), from: at(0.25), to: at(0.75) };
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function continued(plan: RequestPlan, result: LoadResult): RequestPlan {
  return plan.kind === 'chain' ? { ...plan, firstTokens: result.lastTokens } : plan;
}

function summarize({ path, target }: Scenario, rounds: readonly Round[]): Measurement {
  const rates = rounds.map(({ result }) => result.requests / result.seconds);
  const middle = (pick: (round: Round) => number): number => median(rounds.map(pick));
  return {
    path,
    target,
    perSecond: median(rates),
    ratesPerSecond: rates,
    slowestPerSecond: Math.min(...rates),
    fastestPerSecond: Math.max(...rates),
    p50Ms: middle(({ result }) => result.p50Ms),
    p99Ms: middle(({ result }) => result.p99Ms),
    cpuMicrosPerRequest: middle(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest),
    cpuMicrosOfRounds: rounds.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest),
    generatorBusy: middle(({ result }) => result.generatorBusy),
  };
}

/**
 * Measures every scenario once a round, one after the other, so that a slow minute of the machine falls on all of them; every
 * second round in the opposite order, so that none is always first.
 */
export async function measureInterleaved(
  client: LoadClient,
  scenarios: readonly Scenario[],
  pace: Pace,
  say: (line: string) => void,
): Promise<readonly Measurement[]> {
  const plans = scenarios.map(({ plan }) => plan);
  const rounds: Round[][] = scenarios.map(() => []);
  for (let round = 0; round <= pace.rounds; round += 1) {
    const isWarmUp = round === 0;
    say(isWarmUp ? 'warming up' : `round ${round} of ${pace.rounds}`);
    const inOrder = [...scenarios.entries()];
    for (const [index, scenario] of round % 2 === 0 ? inOrder : inOrder.reverse()) {
      const { pid, path, target, renew } = scenario;
      const durationMs = isWarmUp ? pace.warmUpMs : pace.measureMs;
      const runOnce = async () => {
        const plan = renew === undefined ? plans[index] : await renew();
        if (plan === undefined) throw new Error('nothing to send');
        const { port, expectedText, expectedStatus = 200 } = scenario;
        const order = { port, connections: pace.connections, durationMs, plan, expectedText, expectedStatus };
        const cpuBefore = cpuMicros(pid());
        const result = await client.run(order);
        return { plan, result, cpuMicrosPerRequest: (cpuMicros(pid()) - cpuBefore) / result.requests };
      };
      const { plan, result, cpuMicrosPerRequest } = await runOnce()
        // What is made for a round lives for a minute, and a machine that stood still so long has to make it anew.
        .catch((error: unknown) => (renew === undefined ? Promise.reject(error) : runOnce()))
        .catch((cause: unknown) => {
          throw new Error(`${target}, ${path}: ${String(cause)}`, { cause });
        });
      plans[index] = continued(plan, result);
      if (!isWarmUp) rounds[index]?.push({ result, cpuMicrosPerRequest });
    }
  }
  return scenarios.map((scenario, index) => summarize(scenario, rounds[index] ?? []));
}
