import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { type Bar, type Findings, judge } from './bars.ts';
import type { Growth } from './growth.ts';
import { isPinned } from './processes.ts';
import type { Measurement, Pace } from './rounds.ts';
import { paths, type TargetName } from './scenarios.ts';
import type { FloodFindings } from './sign-in-flood.ts';

const targets: readonly TargetName[] = [
  'Latchkey, PGlite',
  'Latchkey, PostgreSQL',
  'oidc-provider',
  'node:http echo',
];

function versionOf(packageFolder: string): string {
  const manifest = new URL(`../../${packageFolder}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function rate(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function rows(measurements: readonly Measurement[]): readonly (readonly string[])[] {
  return paths.flatMap((path) =>
    targets.flatMap((target) => {
      const found = measurements.find((each) => each.path === path && each.target === target);
      if (found === undefined) return [];
      const range = `${rate(found.slowestPerSecond)}–${rate(found.fastestPerSecond)}`;
      const [cpu, wait] = [found.cpuMicrosPerRequest.toFixed(1), found.p99Ms.toFixed(2)];
      return [[path, target, rate(found.perSecond), range, cpu, wait, found.generatorBusy.toFixed(2)]];
    }),
  );
}

function machine(): string {
  const all = cpus();
  return [
    `${all[0]?.model ?? 'unknown processor'}, ${all.length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `Node ${process.version}, hono ${versionOf('node_modules/hono')}, PGlite ${versionOf('node_modules/@electric-sql/pglite')}`,
    `oidc-provider ${versionOf('node_modules/oidc-provider')} (adapter: maps in memory; keys of the same sizes)`,
    isPinned ? 'server on one core, load on the other' : 'server and load on any core (no taskset)',
  ].join('; ');
}

/** Whether anything speaks against trusting the figures. */
function doubts(measurements: readonly Measurement[]): readonly string[] {
  return measurements
    .filter(({ generatorBusy }) => generatorBusy > 0.85)
    .map(
      ({ path, target }) => `The load generator was the limit of ${target}, ${path}: the server is faster.`,
    );
}

const growthHead = [
  'server',
  'grants and revocations, each',
  'introspections per second',
  'refreshes per second',
  'start',
  'memory then',
  'memory after the load',
];

/** Few rows, many rows, and many by few. */
function growthRows({ name, small, large, ...ratios }: Growth): readonly (readonly string[])[] {
  const servers = [small, large].map((each) => [
    name,
    rate(each.rows),
    rate(each.introspectionsPerSecond),
    rate(each.refreshesPerSecond),
    `${Math.round(each.startMs)} ms`,
    `${each.startMemoryMb} MB`,
    `${each.loadedMemoryMb} MB`,
  ]);
  const times = [
    large.rows / small.rows,
    ratios.introspectionRatio,
    ratios.refreshRatio,
    large.startMs / small.startMs,
    large.startMemoryMb / small.startMemoryMb,
    large.loadedMemoryMb / small.loadedMemoryMb,
  ];
  return [...servers, [`${name}, large by small`, ...times.map((ratio) => `${ratio.toFixed(2)} ×`)]];
}

function floodRows({ name, beside }: FloodFindings): readonly (readonly string[])[] {
  return beside.map(({ name: path, waits, alone, failed }) => {
    const ratio = `${(waits.p99Ms / alone.p99Ms).toFixed(1)} ×`;
    const times = [alone.p99Ms, waits.p50Ms, waits.p99Ms, waits.worstMs].map((each) => each.toFixed(1));
    return [name, path, ...times, ratio, String(failed)];
  });
}

function floodText({ name, atOnce, statuses, refused, floor, admitted, ...rest }: FloodFindings): string {
  const counts = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  return `${atOnce} sign-ins at once at ${name}, half of them with unknown names, each again a second after a refusal: ${counts.join(', ')}; refused in ${refused.p50Ms.toFixed(1)} ms (p99 ${refused.p99Ms.toFixed(1)}; a bare server that refuses all: p99 ${floor.p99Ms.toFixed(1)}), answered in ${admitted.p50Ms.toFixed(0)} ms (p99 ${admitted.p99Ms.toFixed(0)}); memory ${rest.residentBeforeMb} MB before, ${rest.residentMb} MB at most.`;
}

function verdicts(bars: readonly Bar[]): string {
  const cells = bars.map(({ what, wanted, found, isMet }) => [
    what,
    wanted,
    found,
    isMet ? 'met' : '**missed**',
  ]);
  return table(['bar', 'wanted', 'found', ''], cells);
}

/** The report of a run, in Markdown; names neither the machine nor its folders. */
export function writeReport(findings: Findings, pace: Pace): string {
  const {
    localCheck,
    logins,
    starts,
    measurements,
    growths,
    lists,
    applied,
    console: opened,
    newsFeed,
  } = findings;
  const memory = starts.map((each) => [
    each.name,
    `${Math.round(each.startMs)} ms`,
    `${each.startMemoryMb} MB`,
    `${each.loadedMemoryMb} MB`,
  ]);
  return [
    '# Benchmark: latest run',
    `${machine()}.`,
    `Median of ${pace.rounds} interleaved rounds of ${pace.measureMs} ms, ${pace.connections} keep-alive connections, one request under way on each. Bars that are ratios are judged by CPU time per request: the median over rounds, its middle half in brackets; other work on the same cores changes rates, and hardly these.`,
    table(
      ['path', 'server', 'per second', 'range', 'CPU µs each', 'p99 ms', 'load generator'],
      rows(measurements),
    ),
    ...doubts(measurements),
    table(['server', 'start on existing data', 'memory then', 'memory after the load'], memory),
    'Codes and DPoP proofs are made before each round, and a round is over when all are used; a walk of PAR, authorize and token counts as one request; a device poll is told slow_down.',
    table(growthHead, growths.flatMap(growthRows)),
    `Local check of an ES256 JWT: ${localCheck.uncachedP50Micros.toFixed(1)} µs (p99 ${localCheck.uncachedP99Micros.toFixed(1)}); of one seen before: ${localCheck.cachedP50Micros.toFixed(2)} µs (p99 ${localCheck.cachedP99Micros.toFixed(2)}).`,
    ...logins.map(
      (each) =>
        `Password sign-ins at ${each.name}: ${each.loginsPerSecond.toFixed(1)} per second beside ${each.bareHashesPerSecond.toFixed(1)} bare argon2id hashes on the same core; introspection beside them p99 ${each.introspectionP99Ms.toFixed(1)} ms.`,
    ),
    ...findings.floods.map(floodText),
    table(
      [
        'server',
        'beside the flood',
        'p99 ms alone',
        'p50 ms',
        'p99 ms',
        'worst ms',
        'p99 by alone',
        'failed',
      ],
      findings.floods.flatMap(floodRows),
    ),
    `Pages of the list of users over HTTP, on PostgreSQL with ${rate(lists.userCount)} of them, the first and the second of each question:`,
    table(
      ['question', 'p50 ms', 'p99 ms'],
      lists.pages.map(({ question, p50Ms, p99Ms }) => [question, p50Ms.toFixed(1), p99Ms.toFixed(1)]),
    ),
    'A configuration file on a server that has nothing of it, over HTTP; passwords, whose hashing is a cost of its own, left out:',
    table(
      ['server', 'objects', 'plan ms', 'apply ms', 'apply again ms'],
      applied.map(({ name, objectCount, ...times }) => [
        `Latchkey, ${name}`,
        rate(objectCount),
        ...[times.planMs, times.applyMs, times.againMs].map(rate),
      ]),
    ),
    `Console in Chromium on the same machine: largest paint of a list at worst ${rate(opened.coldPaintMs)} ms with an empty cache and ${rate(opened.warmPaintMs)} ms from the cache; to a page visited before ${rate(opened.navigationMedianMs)} ms, at worst ${rate(opened.navigationWorstMs)} ms.`,
    `Feed of the news portal on PostgreSQL, over ${rate(newsFeed.articleCount)} articles and ${rate(newsFeed.readerCount)} readers, ranked, first and second page: p50 ${newsFeed.p50Ms.toFixed(1)} ms, p99 ${newsFeed.p99Ms.toFixed(1)} ms.`,
    verdicts(judge(findings)),
  ].join('\n\n');
}
