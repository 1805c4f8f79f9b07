import { createServer } from 'node:http';
import { createVerifier } from '@latchkey/api';
import { getAuth, requireAuth } from '@latchkey/api/node';

process.loadEnvFile('.env.local');
const { ISSUER, API_KEY_FILE } = process.env;
const port = 8787;

// Asks the issuer about each token, authenticated by the key file of the API.
const verifier = createVerifier({ issuer: ISSUER, keyFile: API_KEY_FILE });

function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

// Without a valid access token the answer is 401, and this is not called.
const showMe = requireAuth(verifier)((request, response) => {
  const { subject, scopes, roles } = getAuth(request);
  sendJson(response, 200, { userId: subject, scopes, roles });
});

const server = createServer((request, response) => {
  if (request.method === 'GET' && request.url === '/api/me') return showMe(request, response);
  sendJson(response, 404, { error: 'not_found' });
});
server.listen(port, 'localhost', () => console.log(`The API listens on http://localhost:${port}`));
