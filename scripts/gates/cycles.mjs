import { runWhenMain } from './gate.mjs';
import { importsOf, resolveImport } from './module-graph.mjs';
import { codeFiles } from './source-tree.mjs';

/** @typedef {import('./source-tree.mjs').Tree} Tree */

/**
 * No import, of a value or of a type, leads back to its own file.
 * @type {import('./gate.mjs').Gate}
 */
export const cycles = {
  name: 'cycles',
  check(tree) {
    const graph = importGraph(tree);
    const found = findCycles(graph);
    return {
      findings: found.map((cycle) => ({
        file: cycle[0] ?? '',
        message: `import cycle: ${[...cycle, cycle[0]].join(' → ')}`,
      })),
      summary: `${graph.size} files, no import leads back`,
    };
  },
};

/**
 * @param {Tree} tree
 * @returns {Map<string, string[]>}
 */
function importGraph(tree) {
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  for (const path of codeFiles(tree)) {
    const targets = importsOf(tree.parse(path)).flatMap(({ specifier }) => {
      const target = resolveImport(tree, path, specifier);
      return target.kind === 'file' ? [target.path] : [];
    });
    graph.set(path, [...new Set(targets)]);
  }
  return graph;
}

/**
 * A shortest cycle through the first file of each knot of files that reach one another.
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @returns {string[][]}
 */
export function findCycles(graph) {
  /** @type {string[][]} */
  const found = [];
  /** @type {Set<string>} */
  const told = new Set();
  for (const start of graph.keys()) {
    if (told.has(start)) continue;
    const cycle = shortestWayBack(graph, start);
    if (cycle === undefined) continue;
    found.push(cycle);
    for (const path of cycle) told.add(path);
  }
  return found;
}

/**
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {string} start
 * @returns {string[] | undefined}
 */
function shortestWayBack(graph, start) {
  /** @type {Map<string, string | undefined>} */
  const cameFrom = new Map([[start, undefined]]);
  const queue = [start];
  for (const current of queue) {
    for (const next of graph.get(current) ?? []) {
      if (next === start) return trace(cameFrom, current);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, current);
      queue.push(next);
    }
  }
  return undefined;
}

/**
 * @param {ReadonlyMap<string, string | undefined>} cameFrom
 * @param {string} last
 */
function trace(cameFrom, last) {
  const path = [];
  for (let step = /** @type {string | undefined} */ (last); step !== undefined; step = cameFrom.get(step))
    path.unshift(step);
  return path;
}

await runWhenMain(import.meta.url, cycles);
