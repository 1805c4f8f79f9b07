/**
 * Compares two built checkouts by the CPU time of their server processes per request, both under load at the same time on one core:
 * `node --import tsx bench/src/compare-checkouts.ts BEFORE AFTER [--engine postgres] [--rounds 7] [--ms 1000] [--only PATTERN]`.
 * Each checkout seeds its own database and runs its own binary; the load comes from here. Writes
 * `bench/results/compared.local.md`.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { comparedScenarios } from './compared-scenarios.ts';
import { latchkeyGrantScenarios } from './grant-scenarios.ts';
import type { LatchkeyUnderTest } from './latchkey.ts';
import { startLoadClient } from './load-client.ts';
import { openPasswordForm, sendPassword } from './login-flood.ts';
import { type MeasuredPair, measureTogether } from './measure-together.ts';
import { inLanes } from './people.ts';
import { cpuMicros, endAll } from './processes.ts';
import { median } from './rounds.ts';
import { latchkeyScenarios, type Scenario } from './scenarios.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'pglite' },
    rounds: { type: 'string', default: '7' },
    ms: { type: 'string', default: '1000' },
    only: { type: 'string', default: '.' },
  },
});
const rounds = Number(values.rounds);
const sized = { tokenCount: 200, connections: 16 };
const say = (line: string): void => console.error(line);

async function startCheckout(folder: string): Promise<LatchkeyUnderTest> {
  const kind = values.engine === 'postgres' ? 'postgres' : 'pglite';
  const module: unknown = await import(pathToFileURL(join(resolve(folder), 'bench/src/latchkey.ts')).href);
  const { startLatchkey } = module as typeof import('./latchkey.ts'); // cast: the same file of another checkout
  return await startLatchkey(kind, { userCount: 40 });
}

async function scenariosOf(server: LatchkeyUnderTest): Promise<readonly Scenario[]> {
  const all = [
    ...(await latchkeyScenarios(server, sized)),
    ...(await latchkeyGrantScenarios(server, sized)),
    ...(await comparedScenarios(server, sized)),
  ];
  return all.filter(({ path }) => new RegExp(values.only).test(path));
}

/** The CPU time of a sign-in by password: everybody once, a few at a time. */
async function signInCost(server: LatchkeyUnderTest): Promise<number> {
  const { users } = server.population;
  const forms = await inLanes(users, async ({ loginName, password }) => ({
    form: await openPasswordForm(server, loginName),
    password,
  }));
  const startedAt = cpuMicros(server.pid());
  await inLanes(forms, ({ form, password }) => sendPassword(server, form, password));
  return (cpuMicros(server.pid()) - startedAt) / forms.length;
}

async function compareSignIns(before: LatchkeyUnderTest, after: LatchkeyUnderTest): Promise<MeasuredPair> {
  const costs = new Map<LatchkeyUnderTest, number[]>([
    [before, []],
    [after, []],
  ]);
  for (let round = 0; round <= rounds; round += 1)
    for (const server of round % 2 === 0 ? [before, after] : [after, before]) {
      const cost = await signInCost(server);
      // The first round warms up.
      if (round > 0) costs.get(server)?.push(cost);
    }
  return { path: 'password sign-in', before: costs.get(before) ?? [], after: costs.get(after) ?? [] };
}

function percent(ratio: number): string {
  const change = (ratio - 1) * 100;
  return `${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} %`;
}

/** The value that a share of some numbers stays below. */
function quantileOf(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Compares within each round, where both checkouts met the same machine. */
function writeTable(compared: readonly MeasuredPair[]): string {
  const lines = compared.map(({ path, before, after }) => {
    const ratios = after.map((micros, round) => micros / (before[round] ?? micros));
    const half = `${percent(quantileOf(ratios, 0.25))} to ${percent(quantileOf(ratios, 0.75))}`;
    const cells = [
      path,
      ...[before, after].map((each) => median(each).toFixed(0)),
      percent(median(ratios)),
      half,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = ['path', 'before, µs CPU', 'after, µs CPU', 'change', 'middle half of the rounds'];
  return [`| ${head.join(' | ')} |`, '|---|---:|---:|---:|---:|', ...lines].join('\n');
}

async function compare(
  before: LatchkeyUnderTest,
  after: LatchkeyUnderTest,
): Promise<readonly MeasuredPair[]> {
  say('signing people in');
  const [old, present] = [await scenariosOf(before), await scenariosOf(after)];
  const pace = { rounds, connections: sized.connections, warmUpMs: 1000, measureMs: Number(values.ms) };
  const [client, clientAfter] = [await startLoadClient(), await startLoadClient()];
  const compared: MeasuredPair[] = [];
  for (const scenario of old) {
    const twin = present.find(({ path }) => path === scenario.path);
    if (twin === undefined) continue;
    say(scenario.path);
    const sides = [
      { client, scenario },
      { client: clientAfter, scenario: twin },
    ] as const;
    compared.push(await measureTogether(...sides, pace));
  }
  await Promise.all([client.stop(), clientAfter.stop()]);
  if (!new RegExp(values.only).test('password sign-in')) return compared;
  say('signing in by password');
  return [...compared, await compareSignIns(before, after)];
}

async function main(): Promise<void> {
  const [beforeFolder, afterFolder] = positionals;
  if (beforeFolder === undefined || afterFolder === undefined)
    throw new Error('give two folders: the checkout before and the one after');
  const servers: LatchkeyUnderTest[] = [];
  try {
    const before = await startCheckout(beforeFolder);
    servers.push(before);
    const after = await startCheckout(afterFolder);
    servers.push(after);
    const table = writeTable(await compare(before, after));
    console.log(table);
    writeFileSync(new URL('../results/compared.local.md', import.meta.url), `${table}\n`);
  } finally {
    for (const server of servers) await server.stop();
    await endAll();
  }
}

await main();
