import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends requests to one server process, whatever name it answers to. */
export interface HttpClient {
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly post: (
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly close: () => void;
}

/**
 * A client of the process on `port`, speaking to the issuer `origin`. Rejects on any broken connection, so that a request
 * which got no answer is noticed; a connection the server closes after an answer is simply not used again.
 */
export function createHttpClient(port: number, origin: string): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { host } = new URL(origin);
  const send = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, agent, method, path, headers: { host, ...headers } };
      const outgoing = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      outgoing.setTimeout(20_000, () => outgoing.destroy(new Error(`no answer from ${path} in 20 s`)));
      outgoing.once('error', (error) =>
        reject(new Error(`${method} ${path}: ${error.message}`, { cause: error })),
      );
      outgoing.end(body);
    });
  return {
    get: (path, headers = {}) => send('GET', path, headers),
    post: (path, form, headers = {}) => {
      const body = new URLSearchParams(form).toString();
      const type = 'application/x-www-form-urlencoded';
      return send(
        'POST',
        path,
        { 'content-type': type, 'content-length': String(Buffer.byteLength(body)), ...headers },
        body,
      );
    },
    close: () => agent.destroy(),
  };
}
