import { runWhenMain } from './gate.mjs';
import { importsOf, resolveImport } from './module-graph.mjs';
import { publicNames } from './public-names.mjs';

/** @typedef {import('./source-tree.mjs').Tree} Tree */

const walks = ['packages/server/src/oauth/introspect.ts', 'packages/server/src/oauth/userinfo.ts'];
const counted = /^packages\/(?:server|protocol)\/src\//;

/**
 * How many files a reader of one request path may have to open: reported, never failed.
 * @type {import('./gate.mjs').Gate}
 */
export const reach = {
  name: 'reach',
  check(tree) {
    const parts = walks.map((start) => {
      const files = tree.texts.has(start)
        ? [...reachableFrom(tree, start)].filter((path) => counted.test(path))
        : [];
      const name = start.split('/').at(-1);
      return files.length === 0
        ? `${name}: not there yet`
        : `${name} reaches ${files.length} files of server and protocol`;
    });
    return { findings: [], summary: parts.join(', ') };
  },
};

/**
 * The files a file uses at run time, itself included. A name imported through a package's public face leads to the file
 * that declares it, not to everything behind that face.
 * @param {Tree} tree
 * @param {string} start
 * @returns {Set<string>}
 */
export function reachableFrom(tree, start) {
  const reached = new Set([start]);
  for (const path of reached) for (const next of valueTargets(tree, path)) reached.add(next);
  return reached;
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @returns {string[]}
 */
function valueTargets(tree, path) {
  return importsOf(tree.parse(path)).flatMap((imported) => {
    const target = resolveImport(tree, path, imported.specifier);
    if (imported.kind === 'type' || target.kind !== 'file' || target.path.endsWith('.json')) return [];
    if (target.workspace === undefined || imported.names === '*') return [target.path];
    const known = publicNames(tree, target.path);
    return imported.names.map((name) => known.get(name)?.path ?? target.path);
  });
}

await runWhenMain(import.meta.url, reach);
