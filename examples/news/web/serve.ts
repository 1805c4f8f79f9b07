import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { createNewsBff } from './news-bff.ts';
import { createWebApp } from './web-app.ts';
import { parseWebConfig, type WebConfig } from './web-config.ts';

const SHUTDOWN_TIMEOUT_MS = 5_000;
const root = join(import.meta.dirname, 'dist');

const parsed = parseWebConfig(process.env);
if (parsed.kind === 'invalid') {
  fail(
    ['The news portal cannot be served:', ...parsed.problems.map((problem) => `  - ${problem}`)].join('\n'),
  );
} else if (!existsSync(join(root, 'index.html'))) {
  fail('The news portal is not built yet. Run `npm run build` first.');
} else {
  start(parsed.config);
}

function start({ signIn, host, port }: WebConfig): void {
  const { issuer, apiUrl } = signIn.mode === 'bff' ? signIn.client : signIn.page;
  const app =
    signIn.mode === 'bff'
      ? createWebApp({ mode: 'bff' }, root, createNewsBff(signIn.client))
      : createWebApp(signIn.page, root);
  const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => {
    console.log(
      `News on http://${host}:${address.port} (${signIn.mode}), sign-in by ${issuer}, articles from ${apiUrl}`,
    );
  });
  server.on('error', (error: NodeJS.ErrnoException) => {
    fail(
      error.code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is taken. Stop what is using it, or set PORT to a free one (and register its address as redirect URI).`
        : `The news portal cannot be served on ${host}:${port}: ${error.message}`,
    );
  });

  const stop = () => {
    server.close(() => process.exit(0));
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    setTimeout(() => process.exit(0), SHUTDOWN_TIMEOUT_MS).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
