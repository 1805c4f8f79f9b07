/**
 * node-oidc-provider as it comes, with its own pages, for one app in the browser. Takes the origin of the app and whether
 * DPoP is `offered`; tells the parent its port; ends with it.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [app = '', dpop = ''] = process.argv.slice(2);
const privateJwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

const http = createServer();
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const provider = new Provider(`http://localhost:${port}`, {
    clients: [
      {
        client_id: 'spa',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${app}/callback`],
        post_logout_redirect_uris: [`${app}/`],
      },
    ],
    jwks: { keys: [{ ...privateJwk, use: 'sig' }] },
    cookies: { keys: ['journey'] },
    features: {
      devInteractions: { enabled: true },
      dPoP: { enabled: dpop === 'offered' },
      revocation: { enabled: true },
    },
    clientBasedCORS: (_, origin) => origin === app,
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    findAccount: async (_, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, name: 'Ada', email: 'ada@example.com' }),
    }),
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
  });
  http.on('request', provider.callback());
  process.send?.({ port });
});
process.on('disconnect', () => process.exit(0));
