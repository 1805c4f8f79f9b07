import { createVerifier, type Fetch, type VerifierOptions } from '@latchkey/api';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { sql } from 'kysely';
import type { Config } from './config.ts';
import type { Health } from './contract.ts';
import { allowOrigin } from './cors.ts';
import type { Database } from './database/open-database.ts';
import { buildOpenApi } from './openapi.ts';
import { operations } from './operations.ts';
import { addEditorRoutes } from './routes/editor-routes.ts';
import { createGuards } from './routes/guards.ts';
import { ProblemError, problemResponse, refusalsAsProblems } from './routes/problem.ts';
import { addPublicRoutes } from './routes/public-routes.ts';
import { addReaderRoutes } from './routes/reader-routes.ts';

/** What tests replace; a running API uses the real ones. */
export interface AppOptions {
  /** Used for every request to the issuer. */
  readonly fetch?: Fetch;
  readonly now?: () => Date;
}

/** The part of the configuration the app reads. */
export interface AppConfig extends Pick<Config, 'issuer' | 'projectId' | 'webOrigin'> {
  /** A path, or the content. */
  readonly keyFile: NonNullable<VerifierOptions['keyFile']>;
}

const MAX_BODY_BYTES = 1_000_000;

/**
 * Builds the news API over a database. Reading articles is public; what belongs to a reader or an editor needs an access
 * token of `config.issuer` for `config.projectId`. Throws when the key file cannot be used.
 */
export function createApp(config: AppConfig, db: Database, options: AppOptions = {}): Hono {
  const now = options.now ?? (() => new Date());
  const { issuer, keyFile, projectId, webOrigin } = config;
  const verifier = createVerifier({
    issuer,
    keyFile,
    audience: projectId,
    // Asks the issuer about each token. 'jwt' checks tokens here, with the issuer's published keys; then a token that
    // was revoked stays good until it expires.
    mode: 'introspect',
    positiveCacheSeconds: 1,
    now: () => now().getTime(),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  const guards = createGuards(verifier, now);

  const app = new Hono();
  app.use(allowOrigin(webOrigin));
  app.use(async (c, next) => {
    await next();
    c.header('X-Content-Type-Options', 'nosniff');
  });
  app.use('/api/*', refusalsAsProblems);
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => tooLarge() }));

  app.get('/healthz', async (c) => {
    await sql`select 1`.execute(db);
    return c.json({ status: 'ok' } satisfies Health);
  });
  const document = buildOpenApi(issuer);
  app.get('/openapi.json', (c) => c.json(document));
  addPublicRoutes(app, db);
  addReaderRoutes(app, { db, guards, issuer, now });
  addEditorRoutes(app, { db, guards, now });
  refuseOtherMethods(app);

  app.notFound(() =>
    problemResponse('not-found', 'There is nothing here. GET /openapi.json lists what there is.'),
  );
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error.code, error.message, error.extras);
    console.error(error);
    return problemResponse('internal-error', 'The API failed; its log says why.');
  });
  return app;
}

function tooLarge(): Response {
  return problemResponse('too-large', `A request body has at most ${MAX_BODY_BYTES} bytes.`);
}

// Added last, so that they see only what no route has taken.
function refuseOtherMethods(app: Hono): void {
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const methods = operations.filter((each) => each.path === path).map(({ method }) => method.toUpperCase());
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), () =>
      problemResponse('method-not-allowed', `Use one of ${allow}.`, { headers: { Allow: allow } }),
    );
  }
}
