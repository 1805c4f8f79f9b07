import { connect } from 'node:net';
import { startTestServer, type TestServer } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let server: TestServer;
let stranger: TestServer;

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite', trustedProxies: ['127.0.0.1'] });
  stranger = await startTestServer({ engine: 'pglite' });
});

afterAll(() => Promise.all([server?.close(), stranger?.close()]));

/** Sends a request as these lines and resolves to all that is answered. */
function send(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
    });
    socket.once('end', () => resolve(text));
    socket.once('error', reject);
  });
}

const portOf = ({ port }: TestServer): number => port;

const discovery = '/.well-known/openid-configuration';

async function ask(to: TestServer, headers: readonly string[]): Promise<string> {
  return await send(portOf(to), [`GET ${discovery} HTTP/1.1`, ...headers, 'Connection: close']);
}

describe('health', () => {
  test.each(['/healthz', '/livez', '/readyz', '/ready', '/metrics'])(
    '%s answers HTTP/1.0 without Host, and a Host that is an address',
    async (path) => {
      expect(await send(portOf(server), [`GET ${path} HTTP/1.0`])).toMatch(/^HTTP\/1\.[01] 200 /);
      const probe = [`GET ${path} HTTP/1.1`, 'Host: 10.1.2.3:8080', 'Connection: close'];
      expect(await send(portOf(server), probe)).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  test('without Host nothing else is answered as if it had one', async () => {
    expect(await send(portOf(server), [`GET ${discovery} HTTP/1.0`])).toMatch(/^HTTP\/1\.[01] 421 /);
  });
});

describe('the host that was called', () => {
  test('a trusted proxy may say it; the issuer is still the configured one', async () => {
    const { host } = new URL(server.issuer);
    for (const header of [`X-Forwarded-Host: ${host}`, `Forwarded: for=192.0.2.1;host="${host}"`]) {
      const answer = await ask(server, ['Host: behind.internal', header]);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toContain(`"issuer":"${server.issuer}"`);
    }
  });

  test('anybody else may not', async () => {
    const { host } = new URL(stranger.issuer);
    expect(await ask(stranger, ['Host: behind.internal', `X-Forwarded-Host: ${host}`])).toMatch(
      /^HTTP\/1\.1 421 /,
    );
    expect(await ask(stranger, [`Host: ${host}`, 'X-Forwarded-Host: evil.example'])).toMatch(
      /^HTTP\/1\.1 200 /,
    );
  });

  test('contradictory headers of a trusted proxy are refused', async () => {
    const { host } = new URL(server.issuer);
    const answer = await ask(server, [
      `Host: ${host}`,
      `X-Forwarded-Host: ${host}`,
      'Forwarded: host=other.example',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
    expect(answer).toContain('2 different values');
  });

  test('a Host that lost its port says which settings make it right', async () => {
    const answer = await ask(server, ['Host: localhost']);
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
    expect(answer).toContain('proxy_set_header Host $http_host;');
    expect(answer).toContain('LATCHKEY_ISSUER');
    expect(answer).toContain('LATCHKEY_TRUSTED_PROXIES');
  });
});
