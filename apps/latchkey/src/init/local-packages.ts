import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandProblem } from '../exit-codes.ts';
import type { Manifest } from './merge-package.ts';

/**
 * The manifest with the packages of ours taken from a folder of tarballs that `npm pack` made, for clones and before a
 * release. What they need of each other comes from there too, as overrides. Throws `CommandProblem` when one is missing.
 */
export function withLocalPackages(manifest: Manifest, folder: string): Manifest {
  const tarballs = tarballsIn(folder);
  const dependencies = { ...manifest.dependencies };
  for (const name of Object.keys(dependencies).filter((each) => each.startsWith('@latchkey/'))) {
    const tarball = tarballs.get(name);
    if (tarball === undefined)
      throw new CommandProblem(
        'usage',
        `${folder} holds no tarball of ${name}. Run: npm pack -w ${name} --pack-destination ${folder}`,
      );
    dependencies[name] = tarball;
  }
  const others = [...tarballs].filter(([name]) => dependencies[name] === undefined);
  return {
    ...manifest,
    dependencies,
    ...(others.length === 0 ? {} : { overrides: { ...manifest.overrides, ...Object.fromEntries(others) } }),
  };
}

function tarballsIn(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) throw new CommandProblem('usage', `There is no folder ${folder} (--packages).`);
  const found = new Map<string, string>();
  for (const file of readdirSync(folder).sort()) {
    const name = /^latchkey-([a-z-]+)-\d.*\.tgz$/.exec(file)?.[1];
    if (name !== undefined) found.set(`@latchkey/${name}`, `file:${resolve(join(folder, file))}`);
  }
  return found;
}
