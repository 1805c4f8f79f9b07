import { EventEmitter, once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeServer, type HttpLimits } from './http-server.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const answerOk: RequestListener = (incoming, outgoing) => {
  incoming.resume();
  incoming.on('end', () => outgoing.end('ok'));
  incoming.on('error', () => outgoing.destroy());
};

async function open(
  limits: Partial<HttpLimits>,
  listener: RequestListener = answerOk,
): Promise<() => Socket> {
  const server = createNodeServer(listener, undefined, [], { connectionsCheckingInterval: 20, ...limits });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return () => {
    const socket = connect(port, '127.0.0.1');
    closers.push(() => socket.destroy());
    // A server that has said enough may reset the connection.
    socket.on('error', () => undefined);
    return socket;
  };
}

/** Everything the server says until the connection ends. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `x-${index}: a\r\n`).join('');

describe('headers', () => {
  test('100 header lines are taken', async () => {
    const socket = (await open({}))();
    socket.write(`GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${lines(98)}\r\n`);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test.each([101, 2000])('%i header lines get 431 in words and the end of the connection', async (count) => {
    const socket = (await open({}))();
    socket.write(`GET / HTTP/1.1\r\nhost: a\r\n${lines(count - 1)}\r\n`);
    const text = await untilClosed(socket);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('at most 100 header lines');
    expect(text.toLowerCase()).toContain('cache-control: no-store');
  });

  test.each([33_000, 200_000])('more than 32 kB of headers (%i) get 431 in words', async (size) => {
    const socket = (await open({}))();
    socket.write(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(size)}\r\n\r\n`);
    const text = await untilClosed(socket);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('32768 bytes');
  });

  test.each([33_000, 200_000])('an address of more than 32 kB (%i) gets 414 in words', async (size) => {
    const socket = (await open({}))();
    socket.write(`GET /?x=${'a'.repeat(size)} HTTP/1.1\r\nhost: a\r\naccept: application/json\r\n\r\n`);
    const text = await untilClosed(socket);
    expect(text).toMatch(/^HTTP\/1\.1 414 /);
    expect(text).toContain('by POST');
  });

  test('RFC 6585 §5: a browser gets a page in its language, a program JSON', async () => {
    const browser = 'accept: text/html,*/*\r\naccept-language: de\r\n';
    const connectTo = await open({});
    const ask = async (head: string): Promise<string> => {
      const socket = connectTo();
      socket.write(`${head}\r\n`);
      return await untilClosed(socket);
    };
    const long = 'a'.repeat(33_000);
    const page = await ask(`GET /login HTTP/1.1\r\nhost: a\r\n${browser}cookie: ${long}\r\n`);
    expect(page).toMatch(/^HTTP\/1\.1 431 [\s\S]*<html lang="de"[\s\S]*Cookies/);
    const address = await ask(`GET /login?request=${long} HTTP/1.1\r\nhost: a\r\n${browser}`);
    expect(address).toMatch(/^HTTP\/1\.1 414 [\s\S]*<html lang="de"[\s\S]*Adresse/);
    const many = await ask(`GET /login HTTP/1.1\r\nhost: a\r\n${browser}${lines(200)}`);
    expect(many).toMatch(/^HTTP\/1\.1 431 [\s\S]*<html lang="de"/);
    const program = await ask(`GET /api HTTP/1.1\r\nhost: a\r\naccept: */*\r\nx: ${long}\r\n`);
    expect(JSON.parse(program.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: 'invalid_request' });
  });

  test.each(['nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET / HTTP/1.1\r\nbad header\r\n\r\n'])(
    'what is no request gets 400 in words (%j)',
    async (sent) => {
      const socket = (await open({}))();
      socket.write(sent);
      expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*Bad Request: /);
    },
  );
});

describe('slow connections', () => {
  test('headers that do not end get 408 within the time for headers', async () => {
    const socket = (await open({ headersTimeout: 100, requestTimeout: 10_000 }))();
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n');
    const trickle = setInterval(() => socket.write('x: a\r\n'), 20);
    closers.push(() => clearInterval(trickle));
    const text = await untilClosed(socket);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('did not arrive in time');
  });

  test('a connection that says nothing ends within the time for headers', async () => {
    const socket = (await open({ headersTimeout: 100, requestTimeout: 10_000 }))();
    expect(await untilClosed(socket)).toMatch(/^$|^HTTP\/1\.1 408 /);
  });

  test('a body that trickles ends within the time for requests', async () => {
    const socket = (await open({ headersTimeout: 100, requestTimeout: 200 }))();
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n');
    const trickle = setInterval(() => socket.write('a'), 20);
    closers.push(() => clearInterval(trickle));
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a kept connection without a request ends within the time for keeping', async () => {
    const socket = (await open({ keepAliveTimeout: 50 }))();
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a reader who never takes the answer is let go', async () => {
    const answers = new EventEmitter();
    const connectTo = await open({ answerTimeout: 100 }, (_, outgoing) => {
      outgoing.once('close', () => answers.emit('ended'));
      outgoing.end(Buffer.alloc(20_000_000));
    });
    const ended = once(answers, 'ended');
    const socket = connectTo();
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await ended;
    expect(socket.bytesRead).toBeLessThan(20_000_000);
  });

  test('connections beyond the bound are refused while the others are served', async () => {
    const connectTo = await open({ maxConnections: 1 });
    const first = connectTo();
    await once(first, 'connect');
    expect(await untilClosed(connectTo())).toBe('');
    first.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect(await untilClosed(first)).toMatch(/^HTTP\/1\.1 200 /);
  });
});
