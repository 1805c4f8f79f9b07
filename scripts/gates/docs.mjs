import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { runWhenMain } from './gate.mjs';
import { publicNames } from './public-names.mjs';
import { lineOf } from './source-tree.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */
/** @typedef {import('./source-tree.mjs').Tree} Tree */

const agentsLineLimit = 120;
/** Markdown that a website serves: a link from its root is the site's own, and the site's tests check it. */
const sitePages = /^examples\/news\/api\/content\/articles\//;
const source = /§\s?[\w.]+|ZITADEL|https?:\/\/\S+#\S+/;

/**
 * Every public name says what it is, every protocol function says which text it follows, every relative link leads
 * somewhere.
 * @type {import('./gate.mjs').Gate}
 */
export const docs = {
  name: 'docs',
  check(tree, root) {
    const documented = checkPublicNames(tree);
    const links = checkLinks(tree, (path) => existsSync(posix.join(root, path)));
    const agents = (tree.texts.get('AGENTS.md') ?? '').split('\n').length;
    const long =
      agents > agentsLineLimit
        ? [{ file: 'AGENTS.md', message: `has ${agents} lines, more than ${agentsLineLimit}` }]
        : [];
    return {
      findings: [...documented.findings, ...links.findings, ...long],
      summary: `${documented.count} public names documented, ${links.count} relative links lead somewhere`,
    };
  },
};

/**
 * @param {Tree} tree
 * @returns {{ findings: Finding[], count: number }}
 */
function checkPublicNames(tree) {
  /** @type {Map<string, Finding>} */
  const findings = new Map();
  let count = 0;
  for (const { folder, entries } of tree.packages) {
    if (!folder.startsWith('packages/')) continue;
    for (const entry of entries.values()) {
      for (const [name, found] of publicNames(tree, entry)) {
        count += 1;
        const message = describeMissing(name, found.declarations, folder === 'packages/protocol');
        if (message === undefined) continue;
        const first = found.declarations[0];
        const file = tree.parse(found.path);
        const line = first === undefined ? 1 : lineOf(file, first.getStart(file));
        findings.set(`${found.path}:${line}:${message}`, { file: found.path, line, message });
      }
    }
  }
  return { findings: [...findings.values()], count };
}

/**
 * @param {string} name
 * @param {readonly ts.Node[]} declarations
 * @param {boolean} inProtocol
 */
function describeMissing(name, declarations, inProtocol) {
  if (declarations.some((node) => ts.isSourceFile(node))) return undefined;
  const comments = declarations.map(docComment).filter((text) => text !== '');
  if (comments.length === 0) return `${name} is public and has no doc comment`;
  const bare = comments.join('\n').replace(/@\w+[^\n]*/g, '');
  if (!/\w{2,}/.test(bare)) return `${name} has a doc comment without a sentence`;
  if (!inProtocol || !declarations.some(isFunction)) return undefined;
  const see = comments.join('\n').match(/@see[^@]*/g) ?? [];
  return see.some((text) => source.test(text))
    ? undefined
    : `${name} has no @see with a section (RFC nnnn §s) or the ZITADEL dialect`;
}

/** @param {ts.Node} node */
function docComment(node) {
  const text = node.getSourceFile().text;
  const comments = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  const last = comments.filter((range) => text.startsWith('/**', range.pos)).at(-1);
  return last === undefined
    ? ''
    : text
        .slice(last.pos + 3, last.end - 2)
        .replace(/^\s*\* ?/gm, '')
        .trim();
}

/** @param {ts.Node} node */
function isFunction(node) {
  if (ts.isFunctionDeclaration(node)) return true;
  if (!ts.isVariableStatement(node)) return false;
  return node.declarationList.declarations.some(
    ({ initializer }) =>
      initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)),
  );
}

/**
 * Checks the relative links of every Markdown file, with their anchors where the target is Markdown too.
 * @param {Tree} tree
 * @param {(path: string) => boolean} exists whether a path that is not a text of the tree is there
 * @returns {{ findings: Finding[], count: number }}
 */
export function checkLinks(tree, exists) {
  /** @type {Finding[]} */
  const findings = [];
  let count = 0;
  for (const [path, text] of tree.texts) {
    if (!path.endsWith('.md')) continue;
    const lines = withoutCode(text).split('\n');
    lines.forEach((line, index) => {
      for (const link of linksOf(line)) {
        if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) continue;
        count += 1;
        const message = describeBrokenLink(tree, exists, path, link);
        if (message !== undefined) findings.push({ file: path, line: index + 1, message });
      }
    });
  }
  return { findings, count };
}

/** Blanks code blocks and code spans, keeping the line numbers. @param {string} text */
function withoutCode(text) {
  return text
    .replace(/^(\s*)(`{3,}|~{3,})[\s\S]*?^\s*\2\s*$/gm, (block) => block.replace(/[^\n]/g, ''))
    .replace(/`[^`\n]*`/g, '');
}

/** @param {string} line */
function linksOf(line) {
  const inline = [...line.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*["'])?\s*\)/g)].map(
    (match) => match[1] ?? '',
  );
  const references = [...line.matchAll(/^\s*\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g)].map(
    (match) => match[1] ?? '',
  );
  const html = [...line.matchAll(/\b(?:href|src|srcset)="([^"\s]+)"/g)].map((match) => match[1] ?? '');
  return [...inline, ...references, ...html].filter((link) => link !== '');
}

/**
 * @param {Tree} tree
 * @param {(path: string) => boolean} exists
 * @param {string} from
 * @param {string} link
 */
function describeBrokenLink(tree, exists, from, link) {
  const [rawPath = '', anchor] = link.split('#', 2);
  if (rawPath.startsWith('/') && sitePages.test(from)) return undefined;
  if (rawPath.startsWith('/')) return `link ${link} starts at the root of no site: make it relative`;
  const plain = decodeURIComponent(rawPath.split('?')[0] ?? '');
  const target =
    plain === '' ? from : posix.normalize(posix.join(posix.dirname(from), plain)).replace(/\/$/, '');
  if (target.startsWith('..')) return `link ${link} leaves the project`;
  if (target !== '.' && !tree.texts.has(target) && !exists(target))
    return `link ${link} leads to nothing (${target})`;
  if (anchor === undefined || anchor === '' || !target.endsWith('.md')) return undefined;
  return anchorsOf(tree.texts.get(target) ?? '').has(anchor)
    ? undefined
    : `link ${link}: ${target} has no heading #${anchor}`;
}

/** The anchors a Markdown text offers, by the rule of GitHub's renderer. @param {string} text */
function anchorsOf(text) {
  /** @type {Set<string>} */
  const anchors = new Set();
  /** @type {Map<string, number>} */
  const seen = new Map();
  const plain = text.replace(/^(`{3,}|~{3,})[\s\S]*?^\1\s*$/gm, '');
  for (const match of plain.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const label = (match[1] ?? '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const slug = label
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  for (const match of plain.matchAll(/<a\s+(?:id|name)="([^"]+)"/g))
    if (match[1] !== undefined) anchors.add(match[1]);
  return anchors;
}

await runWhenMain(import.meta.url, docs);
