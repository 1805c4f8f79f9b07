import { posix } from 'node:path';
import ts from 'typescript';
import { runWhenMain } from './gate.mjs';
import { importsOf, resolveImport } from './module-graph.mjs';
import { publicNames } from './public-names.mjs';
import { findEnvironmentReads, findImpurities } from './purity.mjs';
import * as table from './room-table.mjs';
import { codeFiles, isTest } from './source-tree.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */
/** @typedef {import('./source-tree.mjs').Tree} Tree */
/** @typedef {import('./module-graph.mjs').Import} Import */
/** @typedef {import('./module-graph.mjs').Target} Target */

/**
 * The arrows between rooms, the one owner of database drivers, the one reader of the environment, and the purity of
 * the ground floor.
 * @type {import('./gate.mjs').Gate}
 */
export const imports = {
  name: 'imports',
  check(tree) {
    const files = codeFiles(tree);
    const findings = files.flatMap((path) => [...checkFile(tree, path), ...checkPurity(tree, path)]);
    return { findings, summary: `${files.length} files follow the arrows of the room table` };
  },
};

/**
 * @param {Tree} tree
 * @param {string} path
 * @returns {Finding[]}
 */
function checkFile(tree, path) {
  return importsOf(tree.parse(path)).flatMap((imported) => {
    const target = resolveImport(tree, path, imported.specifier);
    const message =
      describeDriver(path, imported.specifier, target) ?? describeWrongArrow(tree, path, imported, target);
    return message === undefined ? [] : [{ file: path, line: imported.line, message }];
  });
}

/**
 * The folder of the room a file is in, or `undefined` for files outside all rooms.
 * @param {string} path
 */
function roomOf(path) {
  const parts = path.split('/');
  const [first] = parts;
  if (first === 'packages' || first === 'apps')
    return parts.length > 2 ? parts.slice(0, 2).join('/') : undefined;
  if (first === 'examples')
    return parts.length > 3 ? parts.slice(0, 3).join('/') : parts.slice(0, 2).join('/');
  return undefined;
}

/** @param {string} path */
const isFree = (path) => table.freeFolders.some((folder) => path.startsWith(`${folder}/`));

/**
 * @param {string} path
 * @param {string} specifier
 * @param {Target} target
 */
function describeDriver(path, specifier, target) {
  if (target.kind !== 'external' || !table.databaseDrivers.includes(target.name)) return undefined;
  if (table.databaseFolders.some((folder) => path.startsWith(`${folder}/`)) || isFree(path)) return undefined;
  return `imports the database driver ${specifier}: only ${table.databaseFolders.join(' and ')} may`;
}

/**
 * What a test may reach in another room: the testkit, and the room its own stands directly on (fakes and unexported parts).
 * @param {string} folder the test's room
 * @param {string} target
 */
function isTestSupport(folder, target) {
  if (target.startsWith('packages/testkit/')) return true;
  const standsOnBrowser = folder === 'packages/sdk-react' || folder === 'packages/sdk-vue';
  return standsOnBrowser && target.startsWith('packages/sdk-browser/');
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @param {Import} imported
 * @param {Target} target
 * @returns {string | undefined}
 */
function describeWrongArrow(tree, path, imported, target) {
  const folder = roomOf(path);
  if (folder === undefined || isFree(path)) return undefined;
  if (target.kind === 'file' && target.workspace === undefined) {
    if (!target.path.startsWith(`${folder}/`)) {
      if (isTest(path) && isTestSupport(folder, target.path)) return undefined;
      return `leaves its room by a relative path to ${target.path}`;
    }
    return describeServerFloor(path, target.path);
  }
  if (target.kind === 'file' && target.workspace === '@latchkey/testkit' && isTest(path)) return undefined;
  if (folder.startsWith('examples/')) return describeExample(tree, folder, imported, target);
  const room = table.rooms.find((candidate) => candidate.folder === folder);
  if (room === undefined)
    return `is in ${folder}, which the room table (scripts/gates/room-table.mjs) does not know`;
  if (target.kind === 'file') return describeWorkspace(tree, path, room, imported, target.workspace ?? '');
  if (isTest(path) || posix.basename(path).includes('.config.')) return undefined;
  return describeOutside(room, target);
}

/**
 * @param {Tree} tree
 * @param {string} folder
 * @param {Import} imported
 * @param {Target} target
 */
function describeExample(tree, folder, { specifier, kind }, target) {
  if (target.kind !== 'file' || target.workspace === undefined) return undefined;
  if (table.publishedSdks.includes(target.workspace)) return undefined;
  // The parts of one example are one product: its front end may take the types of its API.
  const owner = tree.packages.find((workspace) => workspace.name === target.workspace);
  if (kind === 'type' && owner !== undefined && posix.dirname(owner.folder) === posix.dirname(folder))
    return undefined;
  return `imports ${specifier}: an example uses the published SDKs only (${table.publishedSdks.join(', ')})`;
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @param {table.Room} room
 * @param {Import} imported
 * @param {string} workspace
 */
function describeWorkspace(tree, path, room, imported, workspace) {
  const { specifier } = imported;
  if (specifier === ownName(tree, room.folder)) return undefined;
  if (room.workspace.includes(workspace) || room.workspace.includes(specifier)) return undefined;
  if (!room.workspace.includes(`${workspace} (types)`)) {
    const allowed = room.workspace.length === 0 ? 'none of our packages' : room.workspace.join(', ');
    return `imports ${specifier}: ${room.folder} may import ${allowed}`;
  }
  if (imported.kind === 'type' || isTest(path)) return undefined;
  const values = valuesBesideBrands(tree, imported);
  return values.length === 0
    ? undefined
    : `takes ${values.join(', ')} from ${specifier}, which is for types and brand constructors`;
}

/**
 * @param {Tree} tree
 * @param {string} folder
 */
function ownName(tree, folder) {
  return tree.packages.find((workspace) => workspace.folder === folder)?.name;
}

/**
 * The imported names that are neither types nor declared in a file of brands.
 * @param {Tree} tree
 * @param {Import} imported
 */
function valuesBesideBrands(tree, imported) {
  const entry = tree.packages
    .find((workspace) => workspace.entries.has(imported.specifier))
    ?.entries.get(imported.specifier);
  if (imported.names === '*' || entry === undefined) return ['everything'];
  const known = publicNames(tree, entry);
  return imported.names.filter((name) => {
    const found = known.get(name);
    return found === undefined || !(isBrandFile(found.path) || found.declarations.every(isTypeDeclaration));
  });
}

/** @param {string} path */
export const isBrandFile = (path) => /(?:^|\/|-)brands\.ts$/.test(path);

/** @param {import('typescript').Node} node */
const isTypeDeclaration = (node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);

/**
 * @param {table.Room} room
 * @param {Target} target
 */
function describeOutside(room, target) {
  if (target.kind === 'builtin') {
    if (room.builtins === undefined || (room.builtins !== 'none' && room.builtins.includes(target.name)))
      return undefined;
    return `imports node:${target.name}: ${room.folder} must run without Node's modules`;
  }
  if (target.kind !== 'external' || room.external === undefined || room.external.includes(target.name))
    return undefined;
  const allowed = room.external.length === 0 ? 'no package' : room.external.join(', ');
  return `imports ${target.name}: ${room.folder} may import ${allowed}`;
}

/**
 * @param {string} from
 * @param {string} to
 */
function describeServerFloor(from, to) {
  const source = serverRoom(from);
  const goal = serverRoom(to);
  if (source === undefined || goal === undefined || isTest(from) || source === goal) return undefined;
  if (source === table.serverDoor.from && to === table.serverDoor.to) return undefined;
  const floors = new Map(Object.entries(table.serverFloors));
  const [sourceFloor, goalFloor] = [floors.get(source), floors.get(goal)];
  if (sourceFloor === undefined)
    return `is in server/src/${source}, a room that scripts/gates/room-table.mjs does not know`;
  if (goalFloor === undefined)
    return `reaches server/src/${goal}, a room that scripts/gates/room-table.mjs does not know`;
  if (goalFloor < sourceFloor) return undefined;
  return `climbs from server/${source} to ${goal === '' ? 'the top of server' : `server/${goal}`} (${posix.basename(to)})`;
}

/**
 * @param {string} path
 * @returns {string | undefined}
 */
function serverRoom(path) {
  const prefix = 'packages/server/src/';
  if (!path.startsWith(prefix)) return undefined;
  const parts = path.slice(prefix.length).split('/');
  return parts.length === 1 ? '' : parts[0];
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @returns {Finding[]}
 */
function checkPurity(tree, path) {
  const folder = roomOf(path);
  if (folder === undefined || isTest(path)) return [];
  const file = tree.parse(path);
  const room = table.rooms.find((candidate) => candidate.folder === folder);
  const impurities = room?.pure === true ? findImpurities(file, path) : [];
  const mayReadEnvironment =
    folder === table.environmentReader ||
    folder === 'packages/testkit' ||
    folder.startsWith('examples/') ||
    path.includes('.config.');
  if (mayReadEnvironment || room?.pure === true) return impurities;
  return findEnvironmentReads(file).map((line) => ({
    file: path,
    line,
    message: `reads process.env: only ${table.environmentReader} reads the environment and hands it on`,
  }));
}

await runWhenMain(import.meta.url, imports);
