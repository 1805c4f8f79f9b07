import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  createCertificate,
  findFreePort,
  type SeededApplication,
  seedApplication,
  type TestCertificate,
  type TestServer,
} from '@latchkey/testkit';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSender } from '../../packages/testkit/src/send-request.ts';
import { basic, basicOf, beginFlow, call, introspect, signIn } from '../flows/flow-world.ts';
import { type ShopWorld, startShopWorld } from '../flows/shop-world.ts';
import {
  authority,
  type DocumentedProxy,
  missing,
  type ProxySite,
  proxies,
  type RunningProxy,
  startProxy,
} from './running-proxy.ts';

const discovery = '/.well-known/openid-configuration';
/** Other addresses of this machine than the proxy's own, so that it can be told from its clients. */
const [person, neighbor, till] = ['127.0.0.77', '127.0.0.78', '127.0.0.79'] as const;

/** What a client says to seem to be somebody else, or to call another host. */
const lies = {
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'evil.example.com',
  'x-forwarded-port': '1',
  'x-forwarded-proto': 'http',
  forwarded: 'for=203.0.113.9;host=evil.example.com;proto=http',
  'x-real-ip': '203.0.113.9',
};

/** The second node: not Latchkey, so that what it answers tells who was asked. */
interface OtherNode {
  readonly setReady: (isReady: boolean) => void;
  readonly asked: () => { readonly checks: number; readonly requests: number; readonly connections: number };
  readonly listen: () => Promise<void>;
  readonly close: () => void;
}

function createOtherNode(port: number): OtherNode {
  let [isReady, checks, requests] = [false, 0, 0];
  const sockets = new Set<Socket>();
  const server: Server = createServer((incoming, outgoing) => {
    const isCheck = incoming.url === '/readyz';
    if (isCheck) checks += 1;
    else {
      requests += 1;
      sockets.add(incoming.socket);
    }
    const status = isReady ? 200 : 503;
    // A status that Latchkey never answers with.
    outgoing.writeHead(isCheck ? status : 299).end('the other node');
  });
  return {
    setReady: (value) => {
      isReady = value;
    },
    asked: () => ({ checks, requests, connections: sockets.size }),
    listen: () => new Promise((resolve) => void server.listen(port, '127.0.0.1', () => resolve())),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface ProxiedWorld {
  readonly world: ShopWorld;
  readonly site: ProxySite;
  readonly running: RunningProxy;
  readonly otherNode: OtherNode;
  /** The server as a client at that address reaches it: through the proxy. */
  readonly from: (address: string) => TestServer;
  readonly stop: () => Promise<void>;
}

async function startProxied(
  proxy: DocumentedProxy,
  clientCertificates: ProxySite['clientCertificates'],
): Promise<ProxiedWorld> {
  const [httpsPort, httpPort, otherPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const world = await startShopWorld('pglite', {
    publicOrigin: `https://id.example.com:${httpsPort}`,
    trustedProxies: ['127.0.0.1'],
    clientCertificateHeader: proxy.certificateHeader,
    clientAuthorities: [authority.certificatePem],
    clientAuthLimit: { perMinute: 1, burst: 3 },
  });
  const { server } = world;
  const otherNode = createOtherNode(otherPort);
  // A proxy that does not ask leaves out what refuses connections: nothing listens there yet.
  if (proxy.health === 'asked') await otherNode.listen();
  const site = { httpsPort, httpPort, nodes: [server.port, otherPort], clientCertificates } as const;
  const running = await startProxy(proxy, site);
  const senders: ReturnType<typeof createSender>[] = [];
  const from = (address: string): TestServer => {
    const sender = createSender(httpsPort, authority.certificatePem, address);
    senders.push(sender);
    const { host } = new URL(server.issuer);
    return {
      ...server,
      fetch: (path, init = {}) => sender.send(path, { ...init, headers: { host, ...init.headers } }),
    };
  };
  const stop = async (): Promise<void> => {
    for (const sender of senders) sender.close();
    await running.stop();
    otherNode.close();
    await world.stop();
  };
  try {
    // Until the proxy has noticed that the other node is not ready.
    await vi.waitFor(
      async () => {
        for (const answer of await answersOf(from(person), 10)) expect(answer).toContain('"issuer"');
      },
      { timeout: 30_000, interval: 200 },
    );
  } catch (error) {
    // Nobody has the handle yet: what was started would outlive the tests.
    await stop();
    throw error;
  }
  return { world, site, running, otherNode, from, stop };
}

async function answersOf(server: TestServer, count: number): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let index = 0; index < count; index += 1) answers.push(await (await server.fetch(discovery)).text());
  return answers;
}

/** An answer over HTTP/2. */
interface StreamAnswer {
  readonly status: number;
  readonly location: string;
  /** What the browser sends back of the cookies it was given. */
  readonly cookie: string;
  readonly text: string;
}

/** The answer to a GET over HTTP/2, as a browser sends it. */
function getByHttp2(
  { world, site }: ProxiedWorld,
  path: string,
  more: Readonly<Record<string, string>> = {},
): Promise<StreamAnswer> {
  const session = connectHttp2(world.server.issuer, {
    ca: authority.certificatePem,
    servername: 'id.example.com',
    createConnection: () =>
      connectTls({
        ...{ host: '127.0.0.1', port: site.httpsPort, servername: 'id.example.com' },
        ...{ ca: authority.certificatePem, ALPNProtocols: ['h2'] },
      }),
  });
  return new Promise((resolve, reject) => {
    session.once('error', reject);
    const stream = session.request({ ':path': path, accept: 'text/html', ...more });
    let answer: StreamAnswer = { status: 0, location: '', cookie: '', text: '' };
    let text = '';
    stream.once('error', reject);
    stream.once('response', (headers) => {
      const cookies = (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]);
      const location = String(headers.location ?? '');
      answer = { status: headers[':status'] ?? 0, location, cookie: cookies.join('; '), text: '' };
    });
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    stream.once('end', () => {
      session.close();
      resolve({ ...answer, text });
    });
    stream.end();
  });
}

async function sessionAddresses({ store }: TestServer, userId: string): Promise<readonly (string | null)[]> {
  const rows = await store.db.selectFrom('sessions').select('ip').where('userId', '=', userId).execute();
  return rows.map(({ ip }) => ip);
}

/** An application that authenticates by that certificate, whoever issued it. */
async function seedTill(
  { server, shop }: ShopWorld,
  certificate: TestCertificate,
): Promise<SeededApplication> {
  const jwks = JSON.stringify({ keys: [await exportJWK(certificate.publicKey)] });
  return await seedApplication(server, shop, {
    type: 'web',
    authMethod: 'self_signed_tls_client_auth',
    jwks,
  });
}

describe.each(proxies.map((proxy) => [proxy.name, proxy] as const))(
  'behind %s, with the file of its page',
  (_, proxy) => {
    let proxied: ProxiedWorld;
    let client: TestServer;
    beforeAll(async () => {
      if (missing(proxy) !== undefined) return;
      proxied = await startProxied(proxy, 'not-asked-for');
      client = proxied.from(person);
    });
    beforeEach((context) => {
      const reason = missing(proxy);
      if (reason !== undefined) context.skip(reason);
    });
    afterAll(() => proxied?.stop());

    test('discovery tells the public address, over HTTP/1.1 and HTTP/2', async () => {
      const { issuer } = client;
      const endpoint = `${issuer}/oauth/v2/token`;
      expect(await (await client.fetch(discovery)).json()).toMatchObject({
        issuer,
        token_endpoint: endpoint,
      });
      const second = await getByHttp2(proxied, discovery);
      expect(JSON.parse(second.text)).toMatchObject({ issuer, token_endpoint: endpoint });
    });

    test('plain http leads to https', async () => {
      const sender = createSender(proxied.site.httpPort);
      const answer = await sender.send('/login?a=b', { headers: { host: 'id.example.com' } });
      sender.close();
      expect([301, 308]).toContain(answer.status);
      expect(answer.headers.get('location')).toMatch(/^https:\/\/id\.example\.com(:\d+)?\/login\?a=b$/);
    });

    test('a person signs in with Secure cookies, and the application gets tokens that an API can check', async () => {
      const { web, api, ada } = proxied.world;
      const server = client;
      const cookies: string[] = [];
      const watched: TestServer = {
        ...server,
        fetch: async (path, init) => {
          const answer = await server.fetch(path, { ...init, headers: { ...init?.headers, ...lies } });
          cookies.push(...answer.headers.getSetCookie());
          return answer;
        },
      };
      const { code, flow } = await signIn(watched, web, ada);
      expect(cookies.length).toBeGreaterThan(0);
      for (const cookie of cookies) expect(cookie).toMatch(/^__Host-[^;]+;.*\bSecure\b/);
      const { status, body } = await call(server, '/oauth/v2/token', {
        form: {
          grant_type: 'authorization_code',
          code,
          redirect_uri: web.redirectUri,
          code_verifier: flow.verifier,
        },
        headers: basicOf(web),
      });
      expect(status).toBe(200);
      expect(await introspect(server, api, String(body.access_token))).toMatchObject({
        active: true,
        iss: client.issuer,
        sub: ada.id,
      });
      // What the client said of its address, its host and its scheme counted for nothing.
      expect(await sessionAddresses(client, ada.id)).toEqual([person]);
    });

    test('limits count the client, whatever it says of itself', async () => {
      const guess = async (at: TestServer, index: number): Promise<number> => {
        const headers = {
          ...lies,
          'x-forwarded-for': `203.0.113.${index}`,
          ...basic(proxied.world.web.clientId, 'wrong'),
        };
        const form = { grant_type: 'client_credentials' };
        return (await call(at, '/oauth/v2/token', { form, headers })).status;
      };
      const statuses: number[] = [];
      for (let index = 0; index < 4; index += 1) statuses.push(await guess(client, index));
      expect(statuses).toEqual([401, 401, 401, 429]);
      expect(await guess(proxied.from(neighbor), 9)).toBe(401);
    });

    test('nothing a client says leads to another host, and the same said by the proxy would', async () => {
      const answer = await client.fetch(discovery, { headers: lies });
      expect(await answer.json()).toMatchObject({ issuer: client.issuer });
      const { server } = proxied.world;
      expect((await server.fetch(discovery, { headers: lies })).status).toBe(421);
      const stranger = await getByHttp2(proxied, discovery, { ':authority': 'evil.example.com' });
      expect(stranger.text).not.toContain('"issuer"');
    });

    test('a request with state of 8 kB works, over HTTP/1.1 and HTTP/2', async () => {
      const { web, ada } = proxied.world;
      // Random, so that compression does not make it short on its way.
      const state = randomBytes(6144).toString('base64url');
      const signedIn = await signIn(client, web, ada, { params: { state, nonce: 'n'.repeat(2000) } });
      expect(signedIn.callback.searchParams.get('state')).toBe(state);
      const { url } = await beginFlow(client, web, { state });
      const answer = await getByHttp2(proxied, url.pathname + url.search);
      expect(answer.status).toBe(302);
      expect(answer.location).toMatch(/^[^?]*\/login\?request=/);
      expect(answer.location.length).toBeGreaterThan(8192);
      const page = new URL(answer.location, client.issuer);
      const { cookie } = answer;
      const shown = await getByHttp2(proxied, page.pathname + page.search, { cookie });
      expect(/name="loginName"/.test(shown.text)).toBe(true);
    });

    test('an address of 26 kB, such as one with a long id_token_hint, and 31 kB of headers in all get through', async () => {
      const long = `${discovery}?hint=${'x'.repeat(26_000)}`;
      const cookie = `shop=${'y'.repeat(4000)}`;
      expect((await client.fetch(long, { headers: { cookie } })).status).toBe(200);
      expect((await getByHttp2(proxied, long)).status).toBe(200);
      const tooLong = await client.fetch(`${discovery}?hint=${'x'.repeat(40_000)}`).then(
        ({ status }) => status,
        () => 'refused',
      );
      expect(tooLong).not.toBe(200);
    });

    test('metrics and health checks are not reached, by any spelling', async () => {
      const paths = ['/metrics', '/debug/metrics', '/readyz', '/healthz', '/livez', '/ready', '/debug/ready'];
      for (const path of paths) expect((await client.fetch(path)).status, path).toBe(404);
      for (const path of ['/metrics', '/readyz']) {
        const spellings = [
          `/${path}`,
          `/login/..${path}`,
          `/login/%2e%2e${path}`,
          `/login/..%2f${path.slice(1)}`,
        ];
        for (const spelling of [...spellings, path.replace('e', '%65'), `/./${path}`, `${path}/`]) {
          const answer = await client.fetch(spelling);
          expect(answer.status, spelling).toBeGreaterThanOrEqual(400);
          expect(await answer.text(), spelling).not.toMatch(/# HELP|^ready/);
        }
      }
    });

    test('everything people and applications call is reached', async () => {
      const { issuer } = client;
      const reached = { '/': 302, '/oauth/v2/keys': 200, '/device': 200, '/logout': 302, '/login': 302 };
      for (const [path, status] of Object.entries(reached))
        expect((await client.fetch(path)).status, path).toBe(status);
      expect((await client.fetch('/oidc/v1/userinfo')).status).toBe(401);
      expect((await client.fetch('/api/v1/users')).status).toBe(401);
      expect((await client.fetch('/console')).headers.get('location')).toMatch(/^(?:https:.*)?\/console\/$/);
      const preflight = await client.fetch('/oauth/v2/token', {
        method: 'OPTIONS',
        headers: { origin: issuer },
      });
      expect(preflight.status).toBe(204);
    });

    test('a client’s word on its certificate counts for nothing', async () => {
      const certificate = createCertificate({ subject: [['CN', 'till']], issuer: authority });
      const { server } = proxied.world;
      const application = await seedTill(proxied.world, certificate);
      const body = new URLSearchParams({ token: 'x', client_id: application.clientId });
      const header = { [proxy.certificateHeader]: `:${certificate.der.toString('base64')}:` };
      expect((await proxied.from(till).fetch('/oauth/v2/revoke', { body, headers: header })).status).toBe(
        401,
      );
      expect((await server.fetch('/oauth/v2/revoke', { body, headers: header })).status).toBe(200);
    });

    test('the access log holds no queries', async () => {
      const path = '/login/no-such-page';
      await client.fetch(`${path}?request=sealed-and-long`);
      const { accessLog } = proxied.running;
      await vi.waitFor(async () => expect(await accessLog()).toContain(path));
      expect(await accessLog()).not.toContain('sealed-and-long');
    });

    test('a node that is not ready gets no requests; once it is, it gets its share over kept connections', async () => {
      const { otherNode } = proxied;
      if (proxy.health === 'asked') {
        await vi.waitFor(() => expect(otherNode.asked().checks).toBeGreaterThan(1), { timeout: 15_000 });
      }
      const before = otherNode.asked().requests;
      for (const answer of await answersOf(client, 20)) expect(answer).toContain('"issuer"');
      expect(otherNode.asked().requests).toBe(before);
      otherNode.setReady(true);
      if (proxy.health === 'tried') await otherNode.listen();
      await vi.waitFor(async () => expect((await answersOf(client, 4)).join()).toContain('the other node'), {
        timeout: 20_000,
        interval: 200,
      });
      const first = otherNode.asked();
      await answersOf(client, 40);
      const last = otherNode.asked();
      expect(last.requests - first.requests).toBeGreaterThan(10);
      expect(last.connections).toBeLessThan(last.requests / 2);
    }, 60_000);
  },
);

describe.each(proxies.map((proxy) => [proxy.name, proxy] as const))(
  'behind %s, which asks for client certificates as its page says',
  (_, proxy) => {
    let proxied: ProxiedWorld;
    beforeAll(async () => {
      if (missing(proxy) === undefined) proxied = await startProxied(proxy, 'asked-for');
    });
    beforeEach((context) => {
      const reason = missing(proxy);
      if (reason !== undefined) context.skip(reason);
    });
    afterAll(() => proxied?.stop());

    test('RFC 8705 §2: an application authenticates by the certificate of its connection, from an authority or self-signed', async () => {
      const client = proxied.from(person);
      const issued = createCertificate({ subject: [['CN', 'till']], issuer: authority });
      const selfSigned = createCertificate({ subject: [['CN', 'other till']] });
      for (const clientCertificate of [issued, selfSigned]) {
        const application = await seedTill(proxied.world, clientCertificate);
        const body = new URLSearchParams({ token: 'x', client_id: application.clientId });
        const lie = { [proxy.certificateHeader]: `:${clientCertificate.der.toString('base64')}:` };
        const shown = await client.fetch('/oauth/v2/revoke', { body, clientCertificate });
        expect(shown.status).toBe(200);
        const headers = { connection: 'close', ...lie };
        expect((await client.fetch('/oauth/v2/revoke', { body, headers })).status).toBe(401);
      }
    });

    test('browsers without a certificate go on as before', async () => {
      expect(await (await proxied.from(person).fetch(discovery)).json()).toMatchObject({
        issuer: proxied.world.server.issuer,
      });
    });
  },
);
