import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A test issuer's real HTTP port on the loopback interface. */
export interface HttpDoor {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves a fetch-style handler over HTTP. A handler that throws ends the connection without an answer. */
export async function openHttpDoor(
  port: number,
  handle: (request: Request) => Promise<Response>,
): Promise<HttpDoor> {
  let origin = '';
  const server = createServer((incoming, outgoing) => {
    answer(origin, incoming, outgoing, handle).catch(() => outgoing.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test issuer has no TCP port');
  origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  origin: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const response = await handle(
    new Request(new URL(incoming.url ?? '/', origin), {
      method: incoming.method ?? 'GET',
      headers,
      body: chunks.length > 0 ? Buffer.concat(chunks) : null,
      signal: gone.signal,
    }),
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}
