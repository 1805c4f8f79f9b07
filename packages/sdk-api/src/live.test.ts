import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  closeWithToken,
  endWithToken,
  getAuth,
  requireAuthOnUpgrade,
  TOKEN_ENDED,
  type UpgradeOptions,
  watchToken,
} from './live.ts';
import * as forNode from './node.ts';
import { type RunningApp, runningServer } from './test-support/running-app.ts';
import { createTestIssuer, type TestIssuer } from './testing.ts';
import { createVerifier, type Verifier } from './verifier.ts';

const often = { recheckSeconds: 0.1 };
let issuer: TestIssuer;
let verifier: Verifier;
/** Takes a token that has expired on the way, however slow the machine. */
let tolerant: Verifier;
const running: RunningApp[] = [];
const messages: string[] = [];

beforeEach(async () => {
  issuer = await createTestIssuer();
  verifier = createVerifier({
    ...issuer.verifierOptions,
    mode: 'introspect',
    positiveCacheSeconds: 0,
    negativeCacheSeconds: 0,
    log: () => undefined,
  });
  tolerant = createVerifier({ ...issuer.verifierOptions, mode: 'jwt', clockToleranceSeconds: 60 });
  messages.length = 0;
});
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

/** A server of WebSockets that greets by name, and of events for `GET /events`. */
async function startServer(options: UpgradeOptions = {}, by = verifier): Promise<string> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer(
    forNode.requireAuth(by)((req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`data: Hello ${forNode.getAuth(req).subject}\n\n`);
      endWithToken(by, forNode.getAuth(req), res, often);
    }),
  );
  server.on(
    'upgrade',
    requireAuthOnUpgrade(
      by,
      (req, socket, head) =>
        sockets.handleUpgrade(req, socket, head, (ws) => {
          closeWithToken(by, getAuth(req), ws, often);
          ws.on('message', (data) => messages.push(String(data)));
          ws.send(`Hello ${getAuth(req).subject}`);
        }),
      options,
    ),
  );
  const app = await runningServer(server.listen(0, '127.0.0.1'));
  running.push(app);
  return app.origin;
}

const addressOf = (origin: string) => `${origin.replace('http', 'ws')}/live`;

/** Opens a WebSocket and waits for the greeting. */
async function connect(origin: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(addressOf(origin), { headers: { authorization: `Bearer ${token}` } });
  const [greeting] = await once(socket, 'message');
  expect(String(greeting)).toBe('Hello ada');
  return socket;
}

/** The answer to a handshake that is refused. */
async function refusal(origin: string, headers: Record<string, string>, protocols: string[] = []) {
  const socket = new WebSocket(addressOf(origin), protocols, { headers });
  const [, response] = await once(socket, 'unexpected-response');
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(body) };
}

test('a handshake without a good token is refused with the answer of any other request', async () => {
  const origin = await startServer({ realm: 'live' });
  const none = await refusal(origin, {});
  expect(none).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="live"' },
    body: { error: 'missing_token' },
  });
  const token = await issuer.mintAccessToken();
  const twice = await refusal(origin, { authorization: `Bearer ${token}` }, ['chat', `bearer.${token}`]);
  expect(twice.status).toBe(400);
  issuer.revoke(token);
  expect(await refusal(origin, { authorization: `Bearer ${token}` })).toMatchObject({
    status: 401,
    body: { error: 'invalid_token' },
  });
  issuer.setState('down');
  expect((await refusal(origin, { authorization: `Bearer ${token}` })).status).toBe(503);
});

test('a handshake can ask for a scope and a role', async () => {
  const origin = await startServer({ scope: 'live', role: { role: 'editor', organization: 'org-2' } });
  const ask = async (settings: Parameters<TestIssuer['mintAccessToken']>[0]) =>
    refusal(origin, { authorization: `Bearer ${await issuer.mintAccessToken(settings)}` });
  const withoutScope = await ask({ roles: ['editor'], organization: 'org-2' });
  expect(withoutScope.status).toBe(403);
  expect(withoutScope.headers['www-authenticate']).toContain('scope="live"');
  expect((await ask({ scopes: ['live'], roles: ['editor'], organization: 'org-1' })).status).toBe(403);
  const good = { subject: 'ada', scopes: ['live'], roles: ['editor'], organization: 'org-2' };
  (await connect(origin, await issuer.mintAccessToken(good))).close();
});

test('a browser sends the token as a subprotocol, which the answer does not repeat', async () => {
  const origin = await startServer();
  const token = await issuer.mintAccessToken({ subject: 'ada' });
  const socket = new WebSocket(addressOf(origin), [`bearer.${token}`, 'chat']);
  const [greeting] = await once(socket, 'message');
  expect(String(greeting)).toBe('Hello ada');
  expect(socket.protocol).toBe('chat');
  socket.close();
});

test('a WebSocket is closed with 4401 when its token expires', async () => {
  const origin = await startServer({}, tolerant);
  const socket = await connect(origin, await issuer.mintAccessToken({ subject: 'ada', expiresInSeconds: 1 }));
  const [code, reason] = await once(socket, 'close');
  expect([code, String(reason)]).toEqual([TOKEN_ENDED, 'token expired']);
});

test('a WebSocket is closed with 4401 when its token is revoked, and stays open while it is good', async () => {
  const origin = await startServer();
  const [token, other] = [
    await issuer.mintAccessToken({ subject: 'ada' }),
    await issuer.mintAccessToken({ subject: 'ada' }),
  ];
  const [socket, stays] = [await connect(origin, token), await connect(origin, other)];
  issuer.revoke(token);
  const [code, reason] = await once(socket, 'close');
  expect([code, String(reason)]).toEqual([TOKEN_ENDED, 'token revoked']);
  expect(stays.readyState).toBe(WebSocket.OPEN);
  stays.send('still here');
  await expect.poll(() => messages).toEqual(['still here']);
  stays.close();
});

test('server-sent events end with an event that says why when the token is revoked or expires', async () => {
  const end = 'data: Hello ada\n\nevent: token-ended\ndata: ';
  const open = (origin: string, token: string) =>
    fetch(`${origin}/events`, { headers: { authorization: `Bearer ${token}` } });
  const token = await issuer.mintAccessToken({ subject: 'ada' });
  const revoked = await open(await startServer(), token);
  issuer.revoke(token);
  expect(await revoked.text()).toBe(`${end}revoked\n\n`);
  const short = await issuer.mintAccessToken({ subject: 'ada', expiresInSeconds: 1 });
  const expiring = await open(await startServer({}, tolerant), short);
  expect(await expiring.text()).toBe(`${end}expired\n\n`);
});

async function principalOf(settings: Parameters<TestIssuer['mintAccessToken']>[0] = {}) {
  const outcome = await verifier.verify(await issuer.mintAccessToken(settings));
  if (outcome.kind !== 'principal') throw new Error(outcome.kind);
  return outcome;
}

test('an issuer that is away for some rechecks ends nothing; one that stays away ends the connection', async () => {
  const principal = await principalOf();
  const asked = () => issuer.requestedPaths.filter((path) => path.endsWith('/introspect')).length;
  const ends: string[] = [];
  issuer.setState('down');
  const before = asked();
  watchToken(verifier, principal, (why) => ends.push(why), often);
  await expect.poll(() => asked() - before, { interval: 20 }).toBeGreaterThanOrEqual(3);
  expect(ends).toEqual([]);
  await expect.poll(() => ends, { timeout: 10_000 }).toEqual(['unknown']);
  expect(asked() - before).toBe(10);
});

test('a token that is bound to a key is checked again without a proof', async () => {
  const token = await issuer.mintAccessToken({ claims: { cnf: { jkt: 'of-a-key' } } });
  expect((await verifier.verify(token)).kind).toBe('invalid-token');
  const principal = { ...(await principalOf()), token };
  expect((await verifier.recheck(principal)).kind).toBe('principal');
  issuer.revoke(token);
  expect(await verifier.recheck(principal)).toMatchObject({ kind: 'invalid-token', reason: 'inactive' });
});

test('a watch that was stopped asks no more and calls nothing', async () => {
  const ends: string[] = [];
  const principal = await principalOf();
  const stop = watchToken(verifier, principal, (why) => ends.push(why), often);
  const asked = issuer.requestedPaths.length;
  stop();
  issuer.revoke(principal.token);
  // A later watch of the same token has noticed, so the stopped one had its time.
  await new Promise<void>((resolve) => void watchToken(verifier, principal, () => resolve(), often));
  expect(ends).toEqual([]);
  expect(issuer.requestedPaths.length).toBe(asked + 1);
});

test.each([0, 0.05, 3601, Number.NaN])('recheckSeconds %s is refused', async (recheckSeconds) => {
  const principal = await principalOf();
  expect(() => watchToken(verifier, principal, () => undefined, { recheckSeconds })).toThrow(
    'recheckSeconds',
  );
});
