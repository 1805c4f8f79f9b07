import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const pages = [
  'README.md',
  'docs/getting-started.md',
  'packages/sdk-api/README.md',
  'packages/sdk-browser/README.md',
  'packages/sdk-react/README.md',
];

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@latchkey/source'],
  allowImportingTsExtensions: true,
  jsx: ts.JsxEmit.ReactJSX,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
};

/** The code blocks of a page as files beside it, so that imports resolve as they would there. */
function blocksOf(page: string): [string, string][] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/```(tsx?)\n(.*?)```/gs)].map(([, kind, code], index) => [
    join(root, dirname(page), `readme-block-${index}.${kind}`),
    // Every block is a module of its own.
    `${code}\nexport {};\n`,
  ]);
}

test('every piece of TypeScript in the documentation type-checks', () => {
  const files = new Map(pages.flatMap(blocksOf));
  expect(files.size).toBeGreaterThan(8);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, text, language);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const where = diagnostic.file?.fileName.slice(root.length) ?? '';
    return `${where}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
  });
  expect(problems).toEqual([]);
}, 120_000);
