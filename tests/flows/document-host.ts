import { createServer } from 'node:https';
import { createCertificate } from '@latchkey/testkit';

/** What an address of a document host answers. */
export interface PublishedDocument {
  readonly body: unknown;
  readonly status?: number;
  readonly type?: string;
}

/** Somebody else's https server with documents on it. */
export interface DocumentHost {
  readonly origin: string;
  /** For `outboundAllow`: it stands on this machine. */
  readonly target: string;
  /** Puts a document at a path; resolves to its address. Text is sent as it is, all else as JSON. */
  readonly publish: (path: string, document: PublishedDocument) => string;
  /** How often a path was asked for. */
  readonly hits: (path: string) => number;
  readonly close: () => Promise<void>;
}

/** Starts an https server on a port of its own, with a certificate nobody has signed. */
export async function startDocumentHost(): Promise<DocumentHost> {
  const certificate = createCertificate({ subject: [['CN', '127.0.0.1']], ip: ['127.0.0.1'] });
  const documents = new Map<string, PublishedDocument>();
  const asked: string[] = [];
  const server = createServer(
    { key: certificate.privateKeyPem, cert: certificate.certificatePem },
    (request, response) => {
      const path = request.url ?? '';
      asked.push(path);
      const document = documents.get(path) ?? { body: 'nothing here', status: 404 };
      const { body, status = 200, type = 'application/json' } = document;
      response.writeHead(status, { 'content-type': type, connection: 'close' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const target = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  // The server under test checks certificates as Node does; this process has no authority to sign one with.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const origin = `https://${target}`;
  return {
    origin,
    target,
    publish: (path, document) => {
      documents.set(path, document);
      return origin + path;
    },
    hits: (path) => asked.filter((known) => known === path).length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
