/**
 * node-oidc-provider as its documentation runs it, with its own pages, for clients and an account that the parent names.
 * Tells the parent its port; ends with it.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const clients = JSON.parse(process.argv[2] ?? '[]');
const privateJwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

const http = createServer();
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const provider = new Provider(`http://localhost:${port}`, {
    clients,
    jwks: { keys: [{ ...privateJwk, use: 'sig' }] },
    cookies: { keys: ['differential'] },
    pkce: { required: (_, client) => client.clientAuthMethod === 'none' },
    features: {
      devInteractions: { enabled: true },
      introspection: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      claimsParameter: { enabled: true },
      requestObjects: { enabled: true },
    },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    findAccount: async (_, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, name: 'Ada', email: 'ada@example.com', email_verified: true }),
    }),
    rotateRefreshToken: true,
    issueRefreshToken: async (_, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    scopes: ['openid', 'offline_access', 'profile', 'email'],
  });
  http.on('request', provider.callback());
  process.send?.({ port });
});
process.on('disconnect', () => process.exit(0));
