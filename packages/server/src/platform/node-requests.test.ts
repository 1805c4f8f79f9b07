import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { epochMs } from '@latchkey/protocol';
import { afterEach, expect, test } from 'vitest';
import { BodyTooLarge } from './http.ts';
import { fromNodeRequest, RequestCutOff, sendAnswer } from './node-requests.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that hands each request to `handle`, and an open connection to it. */
async function openConnection(
  handle: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Promise<Socket> {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  closers.push(() => {
    socket.destroy();
    server.close();
  });
  return socket;
}

/** What `read` makes of the first request that arrives. */
async function outcomeOf<T>(
  read: (incoming: IncomingMessage) => Promise<T> | T,
  send: (socket: Socket) => void,
): Promise<T> {
  const settled = new Promise<T>((resolve, reject) => {
    openConnection((incoming, outgoing) => {
      Promise.resolve(read(incoming)).then(resolve, reject);
      outgoing.on('error', () => undefined);
    }).then(send, reject);
  });
  return await settled;
}

const readText = (incoming: IncomingMessage): Promise<string> => fromNodeRequest(incoming).readText(16);
const post = (length: number): string => `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`;

test('RFC 9110 §5.3: two Authorization headers are joined, never the first of them alone', async () => {
  const value = await outcomeOf(
    (incoming) => fromNodeRequest(incoming).headers.get('authorization'),
    (socket) =>
      socket.write(
        'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\nauthorization: Basic Yzpk\r\n\r\n',
      ),
  );
  expect(value).toBe('Basic YTpi, Basic Yzpk');
});

test('RFC 9110 §5.1: header names are found in whatever case; one that was not sent is null', async () => {
  const found = await outcomeOf(
    (incoming) => {
      const { headers } = fromNodeRequest(incoming);
      return [headers.get('content-type'), headers.get('origin')];
    },
    (socket) => socket.write('GET / HTTP/1.1\r\nHost: a\r\nCONTENT-TYPE: text/plain\r\n\r\n'),
  );
  expect(found).toEqual(['text/plain', null]);
});

test('a body that comes in pieces is read whole, a character split between two of them too', async () => {
  const bytes = Buffer.from('name=Zoë');
  const text = await outcomeOf(readText, (socket) => {
    socket.write(Buffer.concat([Buffer.from(post(bytes.length)), bytes.subarray(0, 8)]), () =>
      socket.write(bytes.subarray(8)),
    );
  });
  expect(text).toBe('name=Zoë');
});

test('no body is an empty text', async () => {
  expect(await outcomeOf(readText, (socket) => socket.write('POST / HTTP/1.1\r\nhost: a\r\n\r\n'))).toBe('');
});

test('a body past the limit is refused, however it is announced', async () => {
  const tooLarge = outcomeOf(readText, (socket) => socket.write(`${post(17)}${'x'.repeat(17)}`));
  await expect(tooLarge).rejects.toBeInstanceOf(BodyTooLarge);
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';
  const chunked = outcomeOf(readText, (socket) => socket.write(`${head}11\r\n${'x'.repeat(17)}\r\n`));
  await expect(chunked).rejects.toBeInstanceOf(BodyTooLarge);
});

test('a connection that ends before the body does is told apart from a fault of ours', async () => {
  const cutOff = outcomeOf(readText, (socket) => socket.write(`${post(10)}half`, () => socket.destroy()));
  await expect(cutOff).rejects.toBeInstanceOf(RequestCutOff);
});

test.each(['{"name":"Ada"}', '{"name":"Zoë"}', '{"name":"Ānanda 🔑"}', ''])(
  'RFC 9110 §8.6: the answer %s arrives in UTF-8, as long as it says, dated by the clock of the server',
  async (body) => {
    const socket = await openConnection((_, outgoing) =>
      sendAnswer(
        outgoing,
        { status: 200, headers: { 'content-type': 'application/json' }, body },
        epochMs(Date.UTC(2026, 0, 2, 3, 4, 5)),
      ),
    );
    socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    const [head = '', text] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
    expect(text).toBe(body);
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
    expect(head).toContain('date: Fri, 02 Jan 2026 03:04:05 GMT');
  },
);
