import { z } from 'zod';
import { CommandProblem } from '../exit-codes.ts';

const texts = z.record(z.string(), z.string());
const manifest = z.looseObject({
  name: z.string().optional(),
  scripts: texts.optional(),
  dependencies: texts.optional(),
  devDependencies: texts.optional(),
  overrides: z.record(z.string(), z.unknown()).optional(),
});

/** A package.json as far as it is read here. */
export type Manifest = z.infer<typeof manifest>;

/** What became of a package.json that was there before. */
export interface MergedPackage {
  readonly text: string;
  /** What was added: `react 19.3.1`, `script dev`. */
  readonly added: readonly string[];
  /** What was there and differs from what the starter would have: `react 18.2.0 (the starter has 19.3.1)`. */
  readonly kept: readonly string[];
}

/** Reads a package.json. Throws `CommandProblem` when it is none. */
export function parseManifest(text: string, path: string): Manifest {
  try {
    return manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new CommandProblem('invalidInput', `${path} is no valid package.json. Fix it first.`, { cause });
  }
}

/**
 * Adds to a package.json what the starter needs: dependencies, scripts, overrides. What is there stays as it is.
 */
export function mergePackage(before: string, starter: Manifest, path = 'package.json'): MergedPackage {
  const existing = parseManifest(before, path);
  const merged: Record<string, unknown> = { ...existing };
  const added: string[] = [];
  const kept: string[] = [];
  for (const section of ['scripts', 'dependencies', 'devDependencies', 'overrides'] as const) {
    const label = section === 'scripts' ? 'script ' : section === 'overrides' ? 'override ' : '';
    for (const [name, wanted] of Object.entries(starter[section] ?? {})) {
      const known = knownValue(existing, section, name);
      if (known === undefined) {
        merged[section] = sorted({ ...asRecord(merged[section]), [name]: wanted }, section);
        added.push(section === 'scripts' ? `script ${name}` : `${label}${name} ${String(wanted)}`);
      } else if (known !== wanted)
        kept.push(`${label}${name} ${String(known)} (the starter has ${String(wanted)})`);
    }
  }
  return { text: `${JSON.stringify(merged, null, indentOf(before))}\n`, added, kept };
}

// A package counts wherever it stands: as a dependency it also serves who wants it for development.
function knownValue(
  existing: Manifest,
  section: 'scripts' | 'dependencies' | 'devDependencies' | 'overrides',
  name: string,
): unknown {
  if (section === 'scripts' || section === 'overrides') return existing[section]?.[name];
  return existing.dependencies?.[name] ?? existing.devDependencies?.[name];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

// npm itself keeps dependencies in order; scripts stay in the order they were written.
function sorted(
  values: Readonly<Record<string, unknown>>,
  section: string,
): Readonly<Record<string, unknown>> {
  if (section === 'scripts') return values;
  return Object.fromEntries(Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function indentOf(text: string): string {
  return /^[{[]\s*\n([ \t]+)/.exec(text)?.[1] ?? '  ';
}
