import { type LatchkeyUnderTest, startLatchkey } from './latchkey.ts';
import type { LoadClient } from './load-client.ts';
import { residentMb } from './processes.ts';
import { type Measurement, measureInterleaved, type Pace, ratioOf } from './rounds.ts';
import { latchkeyScenarios, type Scenario } from './scenarios.ts';

/** A server that holds so many grants and revocations. */
export interface GrownServer {
  readonly rows: number;
  readonly introspectionsPerSecond: number;
  readonly refreshesPerSecond: number;
  readonly startMs: number;
  readonly startMemoryMb: number;
  readonly loadedMemoryMb: number;
}

/** What growing does to an engine: the same server with few rows and with many, measured in the same rounds. */
export interface Growth {
  readonly name: LatchkeyUnderTest['name'];
  readonly small: GrownServer;
  readonly large: GrownServer;
  /** Large by small: medians over the rounds of the ratio within each. */
  readonly introspectionRatio: number;
  readonly refreshRatio: number;
}

/** How many rows are compared on an engine. */
export interface GrowthPlan {
  readonly kind: 'pglite' | 'postgres';
  readonly smallRows: number;
  readonly largeRows: number;
}

const measuredPaths = ['introspection, opaque', 'refresh'] as const;
const tokenCount = 100;
const userCount = 10;

async function scenariosOf(server: LatchkeyUnderTest, { connections }: Pace): Promise<readonly Scenario[]> {
  const all = await latchkeyScenarios(server, { tokenCount, connections });
  return measuredPaths.map((path) => {
    const found = all.find((scenario) => scenario.path === path);
    if (found === undefined) throw new Error(`${path} is not measured`);
    return found;
  });
}

function grownServer(
  server: LatchkeyUnderTest,
  rows: number,
  introspection: Measurement,
  refresh: Measurement,
): GrownServer {
  return {
    rows,
    introspectionsPerSecond: introspection.perSecond,
    refreshesPerSecond: refresh.perSecond,
    startMs: server.startMs,
    startMemoryMb: server.startMemoryMb,
    loadedMemoryMb: residentMb(server.pid()),
  };
}

async function compare(
  client: LoadClient,
  [small, large]: readonly [LatchkeyUnderTest, LatchkeyUnderTest],
  plan: GrowthPlan,
  pace: Pace,
): Promise<Growth> {
  const [few, many] = [await scenariosOf(small, pace), await scenariosOf(large, pace)];
  // Beside each other in time: few, many of a path, then of the next.
  const scenarios = measuredPaths.flatMap((_, index) => [few[index] ?? [], many[index] ?? []].flat());
  const found = await measureInterleaved(client, scenarios, pace, () => undefined);
  const [fewIntrospections, manyIntrospections, fewRefreshes, manyRefreshes] = found;
  if (!fewIntrospections || !manyIntrospections || !fewRefreshes || !manyRefreshes)
    throw new Error('not every path was measured');
  return {
    name: small.name,
    small: grownServer(small, plan.smallRows, fewIntrospections, fewRefreshes),
    large: grownServer(large, plan.largeRows, manyIntrospections, manyRefreshes),
    introspectionRatio: ratioOf(manyIntrospections, fewIntrospections),
    refreshRatio: ratioOf(manyRefreshes, fewRefreshes),
  };
}

/** Starts two servers of an engine, one with few grants and revocations and one with many, and compares them. */
export async function measureGrowth(client: LoadClient, plan: GrowthPlan, pace: Pace): Promise<Growth> {
  const small = await startLatchkey(plan.kind, { userCount, grownRows: plan.smallRows });
  try {
    const large = await startLatchkey(plan.kind, { userCount, grownRows: plan.largeRows });
    try {
      return await compare(client, [small, large], plan, pace);
    } finally {
      await large.stop();
    }
  } finally {
    await small.stop();
  }
}
