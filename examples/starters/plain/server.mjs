import { createServer } from 'node:http';
import { createVerifier } from '@latchkey/api';
import { getAuth, requireAuth } from '@latchkey/api/node';
import sirv from 'sirv';

process.loadEnvFile();
const { ISSUER, API_KEY_FILE } = process.env;
// The port is part of the redirect URI that is registered at the issuer.
const port = 5173;

// Asks the issuer about each token, authenticated by the key file of the API.
const verifier = createVerifier({ issuer: ISSUER, keyFile: API_KEY_FILE });

function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

// Without a valid access token the answer is 401, and this is not called.
const showMe = requireAuth(verifier)((request, response) => {
  const { subject, roles, claims } = getAuth(request);
  sendJson(response, 200, { userId: subject, roles, tokenExpiresAt: new Date(claims.exp * 1000) });
});

const servePage = sirv('public', { dev: true, single: true });
const serveModules = sirv('node_modules', { dev: true });

const server = createServer((request, response) => {
  if (request.method === 'GET' && request.url === '/api/me') return showMe(request, response);
  if (!request.url.startsWith('/modules/')) return servePage(request, response);
  request.url = request.url.slice('/modules'.length);
  serveModules(request, response);
});
server.listen(port, 'localhost', () => console.log(`Open http://localhost:${port}`));
