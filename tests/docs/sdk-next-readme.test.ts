import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect, test, vi } from 'vitest';

const packageFolder = join(import.meta.dirname, '../../packages/sdk-next');
// Inside the package, so that imports resolve as in an app that installed it.
const place = mkdtempSync(join(packageFolder, '.readme-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** The code blocks of the README by the path in their first line. */
function blocks(): ReadonlyMap<string, string> {
  const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
  return new Map(
    [...readme.matchAll(/```tsx?\n\/\/ (\S+)\n(.*?)```/gs)].map(([, path = '', code = '']) => [path, code]),
  );
}

/** The modules of proxy.ts and of the route as one, bundled with lib/auth.ts as Next.js would. */
async function loadReadme(): Promise<Readonly<Record<string, unknown>>> {
  const files = blocks();
  const outfile = join(place, 'readme.mjs');
  await build({
    stdin: {
      contents: `export * from 'proxy.ts'; export * from 'app/auth/[...latchkey]/route.ts';`,
      resolveDir: packageFolder,
    },
    bundle: true,
    format: 'esm',
    outfile,
    external: ['@latchkey/*'],
    logLevel: 'silent',
    plugins: [
      {
        name: 'files of the README',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^(?:@\/lib\/auth|proxy\.ts|app\/.*)$/ }, ({ path }) => ({
            path: path === '@/lib/auth' ? 'lib/auth.ts' : path,
            namespace: 'readme',
          }));
          onLoad({ filter: /.*/, namespace: 'readme' }, ({ path }) => ({
            contents: files.get(path) ?? '',
            loader: 'ts',
            resolveDir: dirname(outfile),
          }));
        },
      },
    ],
  });
  return import(/* @vite-ignore */ pathToFileURL(outfile).href);
}

/** What an exported function answers a request. */
async function ask(exported: unknown, request: Request): Promise<Response> {
  const response: unknown = typeof exported === 'function' ? await exported(request) : undefined;
  if (response instanceof Response) return response;
  throw new Error('The README exports no function that answers a request.');
}

// The pages of the README are built and opened in tests/e2e/next-starter.test.ts.
test('the code of the README guards its page, says that nobody is signed in, and begins a sign-in', async () => {
  vi.stubEnv('ISSUER', 'https://id.example.com');
  vi.stubEnv('CLIENT_ID', '381920000000000001');
  vi.stubEnv('CLIENT_SECRET', 'secret');
  vi.stubEnv('APP_URL', 'https://app.example.com');
  vi.stubEnv('COOKIE_SECRET', 'at least thirty-two characters of it');
  const issuer = 'https://id.example.com';
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) =>
    String(input) === `${issuer}/.well-known/openid-configuration`
      ? Response.json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
        })
      : new Response(null, { status: 404 }),
  );
  const { proxy, config, GET } = await loadReadme();
  const [matcher = ''] = Object(config).matcher;
  const matches = (path: string) => new RegExp(`^${matcher}$`).test(path);
  expect(['/quote', '/', '/_next/static/a.js'].map(matches)).toEqual([true, true, false]);

  const visit = (path: string) =>
    new Request(`https://app.example.com${path}`, { headers: { accept: 'text/html' } });
  const guarded = await ask(proxy, visit('/quote/today'));
  expect([guarded.status, guarded.headers.get('location')]).toEqual([
    303,
    'https://app.example.com/auth/sign-in?returnTo=%2Fquote%2Ftoday',
  ]);
  expect(await (await ask(GET, visit('/auth/session'))).json()).toEqual({ user: null });
  const started = new URL((await ask(GET, visit('/auth/sign-in'))).headers.get('location') ?? '');
  expect(started.href).toContain(`${issuer}/authorize?client_id=381920000000000001&`);
  expect(started.searchParams.get('redirect_uri')).toBe('https://app.example.com/auth/callback');
});
