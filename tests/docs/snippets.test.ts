import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiSnippets, frontEndSnippets, type Snippet } from '../../apps/console/src/home/snippets.ts';
import { typeProblems } from './type-check.ts';

const root = join(import.meta.dirname, '..', '..');
const facts = {
  issuer: 'https://login.example.com',
  clientId: '271828182845904523@shop',
  clientSecret: 'lk_sec_example',
  redirectUri: 'https://shop.example.com/callback',
  frontEndOrigin: 'https://shop.example.com',
};

function codeOf(snippets: readonly Snippet[], id: string): string {
  const found = snippets.find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no snippet ${id}.`);
  return found.code(facts);
}

/** What stands in the script of a page, where a snippet is a page. */
function scriptOf(code: string): string {
  return /<script[^>]*>\n(.*?)<\/script>/s.exec(code)?.[1] ?? code;
}

test('every snippet has the ids of the application filled in and no gap left', () => {
  for (const snippet of [...frontEndSnippets, ...apiSnippets]) {
    const code = snippet.code(facts);
    expect(code, snippet.name).toContain(facts.issuer);
    expect(code, snippet.name).toContain(facts.clientId);
    expect(code, snippet.name).not.toContain('undefined');
  }
});

test('snippets in TypeScript and JavaScript type-check against the packages they name', () => {
  const place = (folder: string, name: string): string => join(root, folder, name);
  const strangers = ['vue', '@angular/core', 'angular-oauth2-oidc', '@fastify/cors'];
  const files = new Map([
    [place('apps/console', 'snippet-react.tsx'), codeOf(frontEndSnippets, 'react')],
    [place('apps/console', 'snippet-vue.ts'), scriptOf(codeOf(frontEndSnippets, 'vue'))],
    [place('apps/console', 'snippet-angular.ts'), codeOf(frontEndSnippets, 'angular')],
    [
      place('apps/console', 'snippet-plain.ts'),
      // A page makes elements with an id global.
      `declare const greeting: HTMLElement;\n${scriptOf(codeOf(frontEndSnippets, 'plain')).replace(
        "document.getElementById('sign-in')",
        "document.getElementById('sign-in')!",
      )}`,
    ],
    ...(['express', 'fastify', 'hono'] as const).map(
      (id) => [place('packages/sdk-api', `snippet-${id}.ts`), codeOf(apiSnippets, id)] as const,
    ),
    [place('.', 'strangers.d.ts'), strangers.map((name) => `declare module '${name}';`).join('\n')],
  ]);
  const isAboutDecorators = (line: string): boolean =>
    line.includes('snippet-angular') && /decorator/.test(line);
  expect(typeProblems(files, root).filter((line) => !isAboutDecorators(line))).toEqual([]);
}, 120_000);

test('the Flask snippet is Python, and the Spring snippet names the introspection endpoint where Spring reads it', () => {
  const python = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
    input: codeOf(apiSnippets, 'flask'),
    encoding: 'utf8',
  });
  expect(python.stderr).toBe('');
  expect(python.status).toBe(0);
  expect(codeOf(apiSnippets, 'spring')).toMatch(
    /opaquetoken:\n {10}introspection-uri: https:\/\/login\.example\.com\/oauth\/v2\/introspect\n {10}client-id: "/,
  );
});
