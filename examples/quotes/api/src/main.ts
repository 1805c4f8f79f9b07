import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import { type Config, parseConfig } from './config.ts';

const SHUTDOWN_TIMEOUT_MS = 5_000;

const parsed = parseConfig(process.env);
if (parsed.kind === 'invalid') {
  fail(['The quotes API cannot start:', ...parsed.problems.map((problem) => `  - ${problem}`)].join('\n'));
} else {
  start(parsed.config);
}

function start(config: Config): void {
  const { host, port } = config;
  const server = serve({ fetch: buildApp(config).fetch, hostname: host, port }, (address) => {
    console.log(`Quotes API listening on http://${host}:${address.port}, tokens checked by ${config.issuer}`);
  });
  server.on('error', (error: NodeJS.ErrnoException) => {
    fail(
      error.code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is taken. Stop what is using it, or set PORT to a free one.`
        : `The quotes API cannot listen on ${host}:${port}: ${error.message}`,
    );
  });

  const stop = () => {
    server.close(() => process.exit(0));
    // Connections a browser keeps open for later would hold the process back; give running requests their time.
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    setTimeout(() => process.exit(0), SHUTDOWN_TIMEOUT_MS).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function buildApp(config: Config) {
  try {
    return createApp(config);
  } catch (error) {
    return fail(`The quotes API cannot start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
