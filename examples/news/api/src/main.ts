import { serve } from '@hono/node-server';
import { z } from 'zod';
import { createApp } from './app.ts';
import { type Config, parseConfig } from './config.ts';
import { type OpenDatabase, openDatabase } from './database/open-database.ts';
import { startForgetting } from './forget-deleted.ts';
import { importFeed } from './import/import-feed.ts';
import { contentFolder, loadContent } from './load-content.ts';

const SHUTDOWN_TIMEOUT_MS = 5_000;
const Request = z.object({ location: z.string(), topic: z.string().optional() });

const parsed = parseConfig(process.env);
if (parsed.kind === 'invalid') {
  fail(['The news API cannot start:', ...parsed.problems.map((problem) => `  - ${problem}`)].join('\n'));
} else {
  await start(parsed.config);
}

async function start(config: Config): Promise<void> {
  const { host, port } = config;
  try {
    const database = await open(config);
    const app = createApp(config, database.db);
    const forgetting = startForgetting(config, database.db);
    const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => {
      console.log(`News API listening on http://${host}:${address.port}, tokens checked by ${config.issuer}`);
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      fail(
        error.code === 'EADDRINUSE'
          ? `Port ${port} on ${host} is taken. Stop what is using it, or set PORT to a free one.`
          : `The news API cannot listen on ${host}:${port}: ${error.message}`,
      );
    });
    const stop = () => {
      forgetting.stop();
      server.close(() => void database.close().finally(() => process.exit(0)));
      // Connections a browser keeps open for later would hold the process back; give running requests their time.
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      setTimeout(() => process.exit(0), SHUTDOWN_TIMEOUT_MS).unref();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  } catch (error) {
    fail(`The news API cannot start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function open(config: Config): Promise<OpenDatabase> {
  // `news import` asks the process that has the folder open, which is this one.
  const database = await openDatabase(config.database, async (request) =>
    importFeed(database.db, Request.parse(request), new Date()),
  );
  const loaded = await loadContent(database.db, contentFolder, new Date());
  if (loaded > 0) console.log(`Loaded ${loaded} articles into the news database.`);
  return database;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
