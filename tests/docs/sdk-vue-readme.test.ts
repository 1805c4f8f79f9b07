// @vitest-environment jsdom
import '../../packages/sdk-browser/test-support/one-realm.ts';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, expect, test, vi } from 'vitest';
import { compileScript, parse } from 'vue/compiler-sfc';
import { createAuthClientOn } from '../../packages/sdk-browser/src/auth-client.ts';
import { createFakeIssuer } from '../../packages/sdk-browser/test-support/fake-issuer.ts';
import { createFakePage } from '../../packages/sdk-browser/test-support/fake-page.ts';

const packageFolder = join(import.meta.dirname, '../../packages/sdk-vue');
const clientId = '381920000000000001';
// Inside the package, so that imports resolve as in an app that installed it.
const place = mkdtempSync(join(packageFolder, '.readme-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function blockOf(language: 'ts' | 'vue'): string {
  const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(readme)?.[1] ?? '';
}

/** The component of the README as Vite would compile it. */
const componentOfReadme: Plugin = {
  name: 'component of the README',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/App\.vue$/ }, () => ({ path: 'App.vue', namespace: 'readme' }));
    onLoad({ filter: /.*/, namespace: 'readme' }, () => {
      const { descriptor, errors } = parse(blockOf('vue'), { filename: 'App.vue' });
      expect(errors).toEqual([]);
      const { content } = compileScript(descriptor, { id: 'app', inlineTemplate: true });
      return { contents: content, loader: 'ts', resolveDir: packageFolder };
    });
  },
};

test('the first screen of the README compiles, greets the user and calls the API with their token', async () => {
  const outfile = join(place, 'main.js');
  await build({
    stdin: { contents: blockOf('ts'), loader: 'ts', resolveDir: packageFolder },
    bundle: true,
    format: 'esm',
    outfile,
    external: ['vue', '@latchkey/*'],
    plugins: [componentOfReadme],
    logLevel: 'silent',
  });
  const issuer = await createFakeIssuer('https://id.example.com');
  issuer.bend.idTokenClaims = {
    name: 'Ada Lovelace',
    'urn:zitadel:iam:org:project:roles': { reader: { '1': 'example.com' } },
  };
  const asked: [string, string | null][] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (!String(input).startsWith('https://api.example.com')) return issuer.fetch(input, init);
    asked.push([String(input), new Headers(init?.headers).get('authorization')]);
    return new Response('Everything flows.');
  });
  // What an earlier page left behind when it went to the issuer.
  const before = createFakePage(issuer);
  await createAuthClientOn(() => before, { issuer: issuer.issuer, clientId, fetch: issuer.fetch }).signIn();
  const answer = new URL(issuer.authorize(before.navigations[0] ?? '', 'signed in'));
  window.history.replaceState(null, '', `${answer.pathname}${answer.search}`);
  document.body.innerHTML = '<div id="app"></div>';

  await import(/* @vite-ignore */ pathToFileURL(outfile).href);

  await expect.poll(() => document.querySelector('h1')?.textContent).toBe('Hello, Ada Lovelace');
  expect(document.querySelector('[aria-label="Account of Ada Lovelace"]')).not.toBeNull();
  expect(document.body.textContent).not.toContain('Edit');
  const generate = [...document.querySelectorAll('button')].find(
    (button) => button.textContent === 'Generate quote',
  );
  generate?.click();
  await expect.poll(() => document.querySelector('[aria-live]')?.textContent).toBe('Everything flows.');
  expect(asked).toEqual([['https://api.example.com/quote', expect.stringMatching(/^Bearer at_/)]]);
});
