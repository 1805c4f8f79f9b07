import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came to the receiver. */
export interface Received {
  readonly path: string;
  readonly contentType: string;
  /** Names and values of the form, in order. */
  readonly fields: readonly (readonly [string, string])[];
}

/** An application that listens for logout tokens, on a loopback port of its own. */
export interface LogoutReceiver {
  readonly origin: string;
  /** Its `host:port`, for `outboundAllow`. */
  readonly address: string;
  readonly received: Received[];
  /** Answers with a status from now on, or never answers at all. */
  readonly answerWith: (status: number | 'nothing') => void;
  readonly close: () => Promise<void>;
}

/** Starts a receiver that answers 200 until told otherwise. */
export async function startLogoutReceiver(): Promise<LogoutReceiver> {
  const received: Received[] = [];
  const state: { status: number | 'nothing' } = { status: 200 };
  const http = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = new URLSearchParams(Buffer.concat(chunks).toString());
    received.push({
      path: request.url ?? '',
      contentType: request.headers['content-type'] ?? '',
      fields: [...body],
    });
    if (state.status !== 'nothing') response.writeHead(state.status, { 'cache-control': 'no-store' }).end();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    address: `127.0.0.1:${port}`,
    received,
    answerWith: (status) => {
      state.status = status;
    },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
