/** `npm run bench`: starts everything, measures, prints one report and writes it to `bench/results/latest.md`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureApply } from './apply-thousand.ts';
import type { Findings } from './bars.ts';
import { measureConsole } from './console-load.ts';
import { latchkeyGrantScenarios, providerGrantScenarios } from './grant-scenarios.ts';
import { type Growth, type GrowthPlan, measureGrowth } from './growth.ts';
import { type LatchkeyUnderTest, startLatchkey } from './latchkey.ts';
import { type ListPlan, measureListPages } from './list-pages.ts';
import { type LoadClient, startLoadClient } from './load-client.ts';
import type { LocalCheckOrder, LocalCheckResult } from './local-check-order.ts';
import { type LoginResult, measureLogins } from './login-flood.ts';
import { measureNewsFeed, type NewsFeedPlan } from './news-feed.ts';
import { type Peer, type ProviderPeer, startEcho, startProvider } from './peers.ts';
import { collectTokens } from './people.ts';
import { end, endAll, leaveLoadSeat, nextMessage, residentMb, startNode, takeLoadSeat } from './processes.ts';
import { writeReport } from './report.ts';
import { measureInterleaved, type Pace } from './rounds.ts';
import { echoScenarios, latchkeyScenarios, providerScenarios, type Scenario } from './scenarios.ts';
import { type FloodFindings, measureFlood } from './sign-in-flood.ts';

interface Size extends Pace {
  readonly tokenCount: number;
  readonly userCount: number;
  readonly growth: readonly GrowthPlan[];
  readonly lists: ListPlan;
  /** Of a configuration file with a thousand objects. */
  readonly applyScale: number;
  readonly consoleSamples: number;
  readonly newsFeed: NewsFeedPlan;
}

const full: Size = {
  rounds: 5,
  connections: 16,
  warmUpMs: 2000,
  measureMs: 1500,
  tokenCount: 1000,
  userCount: 100,
  growth: [
    { kind: 'pglite', smallRows: 1000, largeRows: 100_000 },
    { kind: 'postgres', smallRows: 1000, largeRows: 1_000_000 },
  ],
  lists: { userCount: 1_000_000, samples: 50 },
  applyScale: 1,
  consoleSamples: 20,
  newsFeed: { articleCount: 1_000_000, readerCount: 10_000, samples: 500 },
};
const quick: Size = {
  rounds: 1,
  connections: 8,
  warmUpMs: 200,
  measureMs: 300,
  tokenCount: 40,
  // So many that nobody signs in more often than the limit of an account allows.
  userCount: 60,
  growth: [
    { kind: 'pglite', smallRows: 1000, largeRows: 5000 },
    { kind: 'postgres', smallRows: 1000, largeRows: 20_000 },
  ],
  lists: { userCount: 20_000, samples: 5 },
  applyScale: 0.1,
  consoleSamples: 3,
  newsFeed: { articleCount: 20_000, readerCount: 200, samples: 20 },
};

const say = (line: string): void => console.error(line);

async function measureLocalCheck(server: LatchkeyUnderTest, size: Size): Promise<LocalCheckResult> {
  const { jwtApp, projectId: audience } = server.population;
  const tokens = (await collectTokens(server, jwtApp, size.tokenCount)).map(({ accessToken }) => accessToken);
  const script = fileURLToPath(new URL('./local-check.ts', import.meta.url));
  const child = startNode('load', ['--import', import.meta.resolve('tsx'), script]);
  child.send({ issuer: server.origin, audience, tokens } satisfies LocalCheckOrder);
  const result = (await nextMessage(child)) as LocalCheckResult;
  await end(child);
  return result;
}

interface Cast {
  readonly servers: readonly LatchkeyUnderTest[];
  readonly provider: ProviderPeer;
  readonly echo: Peer;
  readonly client: LoadClient;
}

/** Apart from the others: what they write must not lie in the way of a path that writes nothing. */
async function measureGrants({ servers, provider, client }: Omit<Cast, 'echo'>, size: Size) {
  const own: Scenario[] = [];
  for (const server of servers) own.push(...(await latchkeyGrantScenarios(server, size)));
  const scenarios = [...own, ...providerGrantScenarios(provider, size)];
  return await measureInterleaved(client, scenarios, size, say);
}

async function measure(
  { servers, provider, echo, client }: Cast,
  size: Size,
): Promise<Omit<Findings, 'growths' | 'lists' | 'applied' | 'console' | 'newsFeed'>> {
  say('signing people in');
  const [first] = servers;
  if (first === undefined) throw new Error('nothing to measure');
  const stages = await Promise.all(
    servers.map(async (server) => ({ server, scenarios: await latchkeyScenarios(server, size) })),
  );
  const own = stages.flatMap(({ scenarios }) => scenarios);
  const echoed = await echoScenarios(
    echo,
    first,
    own.filter(({ target }) => target === first.name),
  );
  const scenarios = [...own, ...providerScenarios(provider), ...echoed];
  const plain = await measureInterleaved(client, scenarios, size, say);
  const starts = servers.map(({ name, startMs, startCpuMs, startMemoryMb, pid }) => ({
    name,
    startMs,
    startCpuMs,
    startMemoryMb,
    loadedMemoryMb: residentMb(pid()),
  }));
  say('checking tokens in an API');
  const localCheck = await measureLocalCheck(first, size);
  say('signing in in a flood');
  const logins: LoginResult[] = [];
  for (const { server, scenarios: held } of stages) {
    const introspection = held.find(({ path }) => path === 'introspection, opaque');
    if (introspection !== undefined) logins.push(await measureLogins(server, client, introspection, size));
  }
  say('500 sign-ins at once');
  const floods: FloodFindings[] = [];
  for (const server of servers) floods.push(await measureFlood(server, { atOnce: 500, durationMs: 5000 }));
  say('grants');
  const granted = await measureGrants({ servers, provider, client }, size);
  return { measurements: [...plain, ...granted], localCheck, logins, floods, starts };
}

async function growAll(client: LoadClient, size: Size): Promise<readonly Growth[]> {
  const growths: Growth[] = [];
  for (const plan of size.growth) {
    say(`growing to ${plan.largeRows} rows: ${plan.kind}`);
    growths.push(await measureGrowth(client, plan, size));
  }
  return growths;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
  const size = values.quick ? quick : full;
  say('starting Latchkey on PGlite and PostgreSQL, node-oidc-provider and a bare server');
  const servers: LatchkeyUnderTest[] = [];
  try {
    for (const kind of ['pglite', 'postgres'] as const) servers.push(await startLatchkey(kind, size));
    const provider = await startProvider(size.tokenCount, size.connections);
    const [echo, client] = [await startEcho(), await startLoadClient()];
    // The flood of sign-ins comes from here.
    takeLoadSeat();
    const found = await measure({ servers, provider, echo, client }, size);
    for (const peer of [...servers.splice(0), provider, echo]) await peer.stop();
    leaveLoadSeat();
    const growths = await growAll(client, size);
    const { userCount } = size.lists;
    say(`listing ${userCount} users`);
    const lists = { userCount, pages: await measureListPages(size.lists) };
    say('applying a configuration file');
    const applied = await measureApply(size.applyScale);
    say('opening the console');
    const opened = await measureConsole(size.consoleSamples);
    say('reading the feed of the news portal');
    const newsFeed = await measureNewsFeed(size.newsFeed);
    const report = writeReport({ ...found, growths, lists, applied, console: opened, newsFeed }, size);
    console.log(report);
    const name = values.quick ? 'quick.local.md' : 'latest.md';
    writeFileSync(new URL(`../results/${name}`, import.meta.url), `${report}\n`);
  } finally {
    for (const server of servers) await server.stop();
    await endAll();
  }
}

await main();
