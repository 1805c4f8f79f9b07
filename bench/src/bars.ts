import type { ApplyResult } from './apply-thousand.ts';
import type { ConsoleResult } from './console-load.ts';
import type { Growth } from './growth.ts';
import type { ListPageResult } from './list-pages.ts';
import type { LocalCheckResult } from './local-check-order.ts';
import type { LoginResult } from './login-flood.ts';
import type { NewsFeedResult } from './news-feed.ts';
import { type CpuRatio, compareCosts, type Measurement, ratioOf } from './rounds.ts';
import type { Path, TargetName } from './scenarios.ts';
import type { FloodFindings } from './sign-in-flood.ts';

/** Everything one run found. */
export interface Findings {
  readonly measurements: readonly Measurement[];
  readonly localCheck: LocalCheckResult;
  readonly logins: readonly LoginResult[];
  readonly floods: readonly FloodFindings[];
  readonly growths: readonly Growth[];
  /** Pages of the list of users, by the kind of question, over so many people. */
  readonly lists: { readonly userCount: number; readonly pages: readonly ListPageResult[] };
  /** A configuration file on an empty server. */
  readonly applied: readonly ApplyResult[];
  readonly console: ConsoleResult;
  readonly newsFeed: NewsFeedResult;
  readonly starts: readonly {
    readonly name: TargetName;
    readonly startMs: number;
    readonly startCpuMs: number;
    readonly startMemoryMb: number;
    readonly loadedMemoryMb: number;
  }[];
}

/** One promise of the architecture (§5) with what was found. */
export interface Bar {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly isMet: boolean;
}

function find(findings: Findings, path: Path, target: TargetName): Measurement {
  const found = findings.measurements.find((each) => each.path === path && each.target === target);
  if (found === undefined) throw new Error(`${target} was not measured on ${path}`);
  return found;
}

function describeRatio({ ratio, from, to }: CpuRatio): string {
  return `${ratio.toFixed(2)} × (${from.toFixed(2)}–${to.toFixed(2)})`;
}

function ratioBar(
  findings: Findings,
  path: Path,
  than: { readonly target: TargetName; readonly path?: Path; readonly least: number },
): readonly Bar[] {
  const theirs = find(findings, than.path ?? path, than.target);
  return (['Latchkey, PGlite', 'Latchkey, PostgreSQL'] as const).map((engine) => {
    const ours = find(findings, path, engine);
    const byCpuTime = compareCosts(ours.cpuMicrosOfRounds, theirs.cpuMicrosOfRounds);
    return {
      what: `${path}: ${engine}`,
      wanted: `≥ ${than.least} × ${than.target}`,
      found: `${describeRatio(byCpuTime)}; by rate ${ratioOf(ours, theirs).toFixed(2)} ×`,
      isMet: byCpuTime.ratio >= than.least,
    };
  });
}

function atMost(what: string, found: number, limit: number, unit: string, digits = 0): Bar {
  return {
    what,
    wanted: `< ${limit} ${unit}`,
    found: `${found.toFixed(digits)} ${unit}`,
    isMet: found < limit,
  };
}

/** A time that is judged by the clock, or by CPU time where that is less: the rest was other work on the same cores. */
function atMostEither(
  what: string,
  { wall, cpu }: { readonly wall: number; readonly cpu: number },
  limit: number,
  unit: string,
): Bar {
  return {
    what,
    wanted: `< ${limit} ${unit}`,
    found: `${Math.round(wall)} ${unit} (CPU time ${Math.round(cpu)} ${unit})`,
    isMet: Math.min(wall, cpu) < limit,
  };
}

function startBars({ starts }: Findings): readonly Bar[] {
  return starts.flatMap(({ name, startMs, startCpuMs, startMemoryMb }) => [
    atMostEither(`start on existing data: ${name}`, { wall: startMs, cpu: startCpuMs }, 1000, 'ms'),
    atMost(`memory after start: ${name}`, startMemoryMb, name === 'Latchkey, PGlite' ? 400 : 150, 'MB'),
  ]);
}

function loginBars(logins: LoginResult): readonly Bar[] {
  const byCpuTime = compareCosts(logins.loginCpuMicros, logins.bareHashCpuMicros);
  const byRate = logins.loginsPerSecond / logins.bareHashesPerSecond;
  return [
    {
      what: `password sign-ins beside bare argon2id: ${logins.name}`,
      wanted: '≥ 0.8 ×',
      found: `${describeRatio(byCpuTime)}; by rate ${byRate.toFixed(2)} ×`,
      isMet: byCpuTime.ratio >= 0.8,
    },
    atMost(
      `introspection p99 beside a flood of sign-ins: ${logins.name}`,
      logins.introspectionP99Ms,
      100,
      'ms',
      1,
    ),
  ];
}

function floodBars({ name, atOnce, refused, floor, beside }: FloodFindings): readonly Bar[] {
  const among = `${atOnce} sign-ins at once: ${name}`;
  return [
    atMost(`refusals among ${among}, p99`, refused.p99Ms, 100, 'ms', 1),
    atMost(
      `refusals among ${among}, p99 beside a bare server that refuses all`,
      refused.p99Ms / floor.p99Ms,
      4,
      '×',
      1,
    ),
    ...beside.map((each) => atMost(`${each.name} beside ${among}, p99`, each.waits.p99Ms, 100, 'ms', 1)),
  ];
}

function growthBars({ name, small, large, introspectionRatio, refreshRatio }: Growth): readonly Bar[] {
  const rows = `${large.rows.toLocaleString('en')} rows beside ${small.rows.toLocaleString('en')}`;
  return (
    [
      ['introspection', introspectionRatio],
      ['refresh', refreshRatio],
    ] as const
  ).map(([path, ratio]) => ({
    what: `${path} with ${rows}: ${name}`,
    wanted: '≥ 0.9 ×',
    found: `${ratio.toFixed(2)} ×`,
    isMet: ratio >= 0.9,
  }));
}

function listBars({ lists: { userCount, pages } }: Findings): readonly Bar[] {
  const people = userCount.toLocaleString('en');
  return pages.map(({ question, p99Ms }) =>
    atMost(`list of users, ${question}, of ${people}, p99`, p99Ms, 50, 'ms', 1),
  );
}

function applyBars({ applied }: Findings): readonly Bar[] {
  return applied.map(({ name, objectCount, applyMs }) =>
    atMost(`apply of ${objectCount.toLocaleString('en')} objects: Latchkey, ${name}`, applyMs, 5000, 'ms'),
  );
}

function consoleBars({ console: found }: Findings): readonly Bar[] {
  return [
    atMost('console: largest paint, empty cache', found.coldPaintMs, 1000, 'ms'),
    atMost('console: largest paint, from the cache', found.warmPaintMs, 1000, 'ms'),
    atMost('console: to a page visited before, worst', found.navigationWorstMs, 100, 'ms'),
  ];
}

function newsFeedBar({ newsFeed: { articleCount, readerCount, p99Ms } }: Findings): Bar {
  const over = `${articleCount.toLocaleString('en')} articles and ${readerCount.toLocaleString('en')} readers`;
  return atMost(`feed of the news portal over ${over}, p99`, p99Ms, 20, 'ms', 1);
}

/** Holds what was found against the bars that this benchmark can measure. */
export function judge(findings: Findings): readonly Bar[] {
  const { localCheck, logins } = findings;
  const provider = 'oidc-provider';
  const echo = 'node:http echo';
  return [
    ...ratioBar(findings, 'introspection, opaque', { target: provider, least: 3 }),
    ...ratioBar(findings, 'introspection, JWT', {
      target: provider,
      path: 'introspection, opaque',
      least: 3,
    }),
    ...ratioBar(findings, 'introspection, opaque', { target: echo, least: 0.5 }),
    ...ratioBar(findings, 'introspection, JWT', { target: echo, least: 0.5 }),
    ...ratioBar(findings, 'client_credentials, opaque', { target: provider, least: 2 }),
    ...ratioBar(findings, 'client_credentials, JWT ES256', { target: provider, least: 2 }),
    atMostEither(
      'local check in @latchkey/api, p99',
      { wall: localCheck.uncachedP99Micros, cpu: localCheck.uncachedCpuP99Micros },
      100,
      'µs',
    ),
    atMost('local check in @latchkey/api, cached, p99', localCheck.cachedP99Micros, 10, 'µs', 1),
    ...logins.flatMap(loginBars),
    ...findings.floods.flatMap(floodBars),
    ...startBars(findings),
    ...findings.growths.flatMap(growthBars),
    ...listBars(findings),
    ...applyBars(findings),
    ...consoleBars(findings),
    newsFeedBar(findings),
  ];
}
