import { createVerifier } from '@latchkey/api';
import { getAuth, requireAuth } from '@latchkey/api/hono';
import { Hono } from 'hono';
import type { ClientCredentials, Config } from './config.ts';
import { allowOrigin } from './cors.ts';
import { pickQuote } from './quotes.ts';

/**
 * Builds the quotes API. `GET /api/quote` and `GET /api/introspection` need an access token of `config.issuer`,
 * which is asked about each token (RFC 7662); `GET /healthz` is open.
 * Throws when the key file named in the configuration cannot be used.
 */
export function createApp(config: Config): Hono {
  const verifier = createVerifier({
    issuer: config.issuer,
    mode: 'introspect',
    ...credentialOptions(config.credentials),
    ...(config.projectId === undefined ? {} : { audience: config.projectId }),
    // One click makes two requests; the next click shall notice a sign-out elsewhere.
    positiveCacheSeconds: 1,
  });

  const app = new Hono();
  app.use(allowOrigin(config.webOrigin));
  app.use('/api/*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/api/quote', requireAuth(verifier), (c) => c.json(pickQuote(Math.random)));
  app.get('/api/introspection', requireAuth(verifier), (c) =>
    c.json({ authentication: describeAuthentication(config.credentials), answer: getAuth(c).claims }),
  );
  app.notFound((c) =>
    c.json({ error: 'not_found', error_description: 'Try GET /api/quote with an access token.' }, 404),
  );
  app.onError((error, c) => {
    console.error(error);
    return c.json({ error: 'server_error', error_description: 'The API failed; its log says why.' }, 500);
  });
  return app;
}

function credentialOptions(credentials: ClientCredentials) {
  return credentials.kind === 'basic'
    ? { clientId: credentials.clientId, clientSecret: credentials.clientSecret }
    : { keyFile: credentials.keyFile };
}

// For the teaching panel: says how the API proved who it is, without giving away with what.
function describeAuthentication(credentials: ClientCredentials) {
  switch (credentials.kind) {
    case 'basic':
      return {
        method: 'client_secret_basic',
        header: `Authorization: Basic ${credentials.clientId}:••••••`,
        note: 'The API sent its client id and secret in the Authorization header.',
      };
    case 'private_key_jwt':
      return {
        method: 'private_key_jwt',
        header: 'client_assertion=••••••',
        note: 'The API signed a short-lived assertion with its private key; no shared secret travelled.',
      };
  }
}
