import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createOutboundRules } from './outbound-rules.ts';
import { createSafeFetch, FetchRefused } from './safe-fetch.ts';

const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function open(server: Server): Promise<number> {
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

function serve(listener: RequestListener): Promise<number> {
  return open(createServer(listener));
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FetchRefused)) throw new Error(`not refused: ${String(error)}`);
  return error.message;
}

const loopback = ['127.0.0.0/8'];

describe('safeFetch', () => {
  test('gives status, headers and body of an answer, and sends what it is told', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      seen.push(request.method, request.headers.accept, request.headers['x-mark']);
      request.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
      request.on('end', () => response.writeHead(404, { 'cache-control': 'max-age=5' }).end('näh'));
    });
    const fetch = createSafeFetch(createOutboundRules([`127.0.0.1:${port}`]));
    const answer = await fetch(`http://127.0.0.1:${port}/a?b=c`, {
      method: 'POST',
      body: 'x=1',
      accept: 'text/plain',
      headers: { 'x-mark': 'm' },
    });
    expect(answer).toMatchObject({ status: 404, body: 'näh' });
    expect(answer.headers['cache-control']).toBe('max-age=5');
    expect(seen).toEqual(['POST', 'text/plain', 'm', 'x=1']);
  });

  test.each([
    ['http://example.com/', /not https/],
    ['ftp://example.com/', /must be an https or http URL/],
    ['file:///etc/passwd', /must be an https or http URL/],
    ['not a url', /no URI may hold/],
    ['https://a\\b', /no URI may hold/],
    ['https://127.1/', /must name its host/],
    ['https://user@example.com/', /user name/],
    ['https://user:secret@example.com/', /user name/],
    [`https://example.com/${'x'.repeat(2048)}`, /longer than 2048/],
    ['https://127.0.0.1/', /127\.0\.0\.1/],
    ['https://2130706433/', /127\.0\.0\.1/],
    ['https://0x7f.1/', /127\.0\.0\.1/],
    ['https://[::ffff:169.254.169.254]/', /must name its host/],
    ['https://[::ffff:a9fe:a9fe]/', /not a public/],
    ['https://[::1]/', /not a public/],
    ['https://localhost/', /not a public/],
  ])('%s is refused before anything is sent', async (url, reason) => {
    const fetch = createSafeFetch(createOutboundRules([]), async (name) =>
      name === 'localhost' ? [{ address: '127.0.0.1', family: 4 }] : [{ address: '1.1.1.1', family: 4 }],
    );
    expect(await refusal(fetch(url))).toMatch(reason);
  });

  test.each([
    ['http://example.com/'],
    ['https://10.0.0.1/'],
    ['http://10.0.0.1:8080/'],
    ['https://[fd00::1]/'],
    ['https://localhost/'],
    ['http://app.localhost:3000/'],
    [`https://example.com/${'x'.repeat(2048)}`],
  ])('what the rules say of %s without a look-up is what becomes of a call', async (url) => {
    const rules = createOutboundRules([]);
    const fetch = createSafeFetch(rules, async (name) => [
      { address: name.endsWith('localhost') ? '127.0.0.1' : '1.1.1.1', family: 4 },
    ]);
    const problem = rules.findProblem(url);
    expect(await refusal(fetch(url))).toContain(problem?.detail ?? 'a problem that was not told');
  });

  test('a redirect is not followed', async () => {
    let calls = 0;
    const port = await serve((_request, response) => {
      calls += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const fetch = createSafeFetch(createOutboundRules(loopback));
    expect(await refusal(fetch(`http://127.0.0.1:${port}/`))).toMatch(/redirect/);
    expect(calls).toBe(1);
  });

  test('a name that changes its address after the check is still called at the one that was checked', async () => {
    const port = await serve((request, response) => response.end(request.headers.host));
    const answers = ['127.0.0.1', '127.0.0.66'];
    let asked = 0;
    const fetch = createSafeFetch(createOutboundRules([`rebind.example:${port}`]), async () => {
      const address = answers[asked] ?? '';
      asked += 1;
      return [{ address, family: 4 }];
    });
    expect((await fetch(`http://rebind.example:${port}/`)).body).toBe(`rebind.example:${port}`);
    expect(asked).toBe(1);
  });

  test('a name that turns to an inner address between two calls is refused the second time', async () => {
    let asked = 0;
    const port = await serve((_request, response) => response.end('ok'));
    const fetch = createSafeFetch(createOutboundRules(['127.0.0.1/32']), async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    });
    expect((await fetch(`http://rebind.example:${port}/`)).status).toBe(200);
    expect(await refusal(fetch(`http://rebind.example:${port}/`))).toMatch(/not https/);
  });

  test('an answer larger than allowed is cut off, whether it says its size or not', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/said') response.setHeader('content-length', '100');
      response.end('x'.repeat(100));
    });
    const fetch = createSafeFetch(createOutboundRules(loopback));
    for (const path of ['/said', '/unsaid'])
      expect(await refusal(fetch(`http://127.0.0.1:${port}${path}`, { maximumBytes: 99 }))).toMatch(
        /99 bytes/,
      );
    const whole = await fetch(`http://127.0.0.1:${port}/unsaid`, { maximumBytes: 100 });
    expect(whole.body).toHaveLength(100);
  });

  test('a server that never answers, or never ends its answer, takes no longer than allowed', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/drip') response.write('x');
    });
    const fetch = createSafeFetch(createOutboundRules(loopback));
    for (const path of ['/silent', '/drip'])
      expect(await refusal(fetch(`http://127.0.0.1:${port}${path}`, { timeoutMs: 50 }))).toMatch(
        /took too long/,
      );
  });

  test('a name that never resolves takes no longer than allowed', async () => {
    const fetch = createSafeFetch(createOutboundRules([]), () => new Promise(() => {}));
    expect(await refusal(fetch('https://slow.example/', { timeoutMs: 20 }))).toMatch(/took too long/);
  });

  test('a connection nobody takes, or whose other end speaks no TLS, is refused like anything else', async () => {
    const port = await serve((_request, response) => response.end('in the clear'));
    const fetch = createSafeFetch(createOutboundRules(loopback));
    expect(await refusal(fetch(`https://127.0.0.1:${port}/`))).toMatch(/the call failed/);
    const [server] = opened.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    expect(await refusal(fetch(`http://127.0.0.1:${port}/`))).toMatch(/the call failed/);
  });

  test('of many calls for one instance ten are under way at once; another instance does not wait for them', async () => {
    const held: (() => void)[] = [];
    const port = await serve((request, response) => {
      if (request.url === '/held') held.push(() => response.end());
      else response.end('at once');
    });
    const fetch = createSafeFetch(createOutboundRules(loopback));
    const url = `http://127.0.0.1:${port}`;
    const calls = Array.from({ length: 12 }, () => fetch(`${url}/held`, { instanceId: 'a' }));
    await expect.poll(() => held.length, { interval: 5 }).toBe(10);
    expect((await fetch(`${url}/`, { instanceId: 'b' })).body).toBe('at once');
    expect(await refusal(fetch(`${url}/`, { instanceId: 'a', timeoutMs: 20 }))).toMatch(/no turn/);
    expect(held).toHaveLength(10);
    for (const release of held.splice(0)) release();
    await expect.poll(() => held.length, { interval: 5 }).toBe(2);
    for (const release of held.splice(0)) release();
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(12).fill(200));
  });
});
