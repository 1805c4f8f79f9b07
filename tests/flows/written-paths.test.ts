import { connect } from 'node:net';
import { startTestServer, type TestServer } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite' });
});

afterAll(() => server?.close());

/** The status of an answer to a target sent as it is written, and all of the answer. */
function ask(target: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const { host } = new URL(server.issuer);
    const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close'];
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
    });
    socket.once('end', () => resolve({ status: Number(text.split(' ')[1]), text }));
    socket.once('error', reject);
  });
}

// What a proxy compares with the paths it lets through is what is written, so nothing else may lead anywhere.
describe.each([
  ['/metrics', '# HELP'],
  ['/debug/metrics', '# HELP'],
  ['/readyz', 'ready'],
  ['/healthz', 'ok'],
])('%s', (path, content) => {
  test('answers at its own spelling, also with a query', async () => {
    for (const target of [path, `${path}?a=b`, `http://id.example.com${path}`]) {
      const answer = await ask(target);
      expect(answer.status, target).toBe(200);
      expect(answer.text).toContain(content);
    }
    expect((await ask(path, 'HEAD')).status).toBe(200);
  });

  test('RFC 3986 §6.2.2: answers at no other spelling that means the same', async () => {
    const encoded = path.replace(/[a-z](?=[a-z]*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    const spellings = [
      encoded,
      `/login/..${path}`,
      `/login/%2e%2e${path}`,
      `/login/.%2E${path}`,
      `/.${path}`,
      `/%2e${path}`,
      `/login/..${path}?a=b`,
      `http://id.example.com/login/..${path}`,
      `/${path}`,
      `${path}/`,
    ];
    for (const target of spellings) {
      const answer = await ask(target);
      expect(answer.status, target).toBe(404);
      expect(answer.text, target).not.toContain('# HELP');
    }
  });
});

test('RFC 3986 §5.2.4: dot segments lead to no address, whatever the method', async () => {
  for (const path of ['/oauth/v2/keys', '/console/', '/api/v1/users', '/login', '/oauth/v2/token'])
    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS'])
      expect((await ask(`/x/..${path}`, method)).status, `${method} ${path}`).toBe(404);
  expect((await ask('/oauth/v2/keys/.')).status).toBe(404);
});

test('dots elsewhere in an address are ordinary', async () => {
  expect((await ask('/oauth/v2/keys?next=/../x')).status).toBe(200);
  expect((await ask('/.well-known/openid-configuration')).status).toBe(200);
});
