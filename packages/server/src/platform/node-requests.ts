import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { EpochMs } from '@latchkey/protocol';
import {
  type Answer,
  BodyTooLarge,
  cookieLines,
  decodeBody,
  type HttpRequest,
  type PeerCertificate,
} from './http.ts';

/** The client went away, or its body broke off, before the request was whole. */
export class RequestCutOff extends Error {
  override readonly name = 'RequestCutOff';
}

// From the raw list, because Node keeps only the first of two Authorization headers: RFC 9110 §5.3 joins them.
function headerOf(rawHeaders: readonly string[], name: string): string | null {
  const separator = name === 'cookie' ? '; ' : ', ';
  let value: string | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index];
    if (given === undefined || given.length !== name.length || given.toLowerCase() !== name) continue;
    const next = rawHeaders[index + 1] ?? '';
    value = value === null ? next : value + separator + next;
  }
  return value;
}

function readBody(incoming: IncomingMessage, maximumBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    const rest: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maximumBytes) reject(new BodyTooLarge('the body is too large'));
      else if (first === undefined) first = chunk;
      else rest.push(chunk);
    });
    incoming.on('end', () => {
      if (first === undefined) return resolve('');
      try {
        resolve(decodeBody(rest.length === 0 ? first : Buffer.concat([first, ...rest])));
      } catch (error) {
        reject(error);
      }
    });
    // Node says so of a connection that ends before the body does, too.
    incoming.on('error', (cause) =>
      reject(new RequestCutOff('the connection ended before the body did', { cause })),
    );
  });
}

/** The certificate shown on a connection; `undefined` without TLS or without a certificate. */
export function peerCertificateOf(socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const x509 = socket.getPeerX509Certificate();
  return x509 === undefined ? undefined : { x509, vouchedBy: socket.authorized ? 'authority' : 'nobody' };
}

/** A request of `node:http` as handlers see it. */
export function fromNodeRequest(incoming: IncomingMessage): HttpRequest {
  return {
    method: incoming.method ?? '',
    headers: { get: (name) => headerOf(incoming.rawHeaders, name) },
    peerCertificate: () => peerCertificateOf(incoming.socket),
    readText: (maximumBytes) => readBody(incoming, maximumBytes),
  };
}

let date = { second: Number.NaN, text: '' };

function httpDate(now: EpochMs): string {
  const second = Math.floor(now / 1000);
  if (date.second !== second) date = { second, text: new Date(now).toUTCString() };
  return date.text;
}

/** Sends an answer whole, in one write. Its `Date` is by the clock that tokens and proofs are judged by. */
export function sendAnswer(outgoing: ServerResponse, answer: Answer, now: EpochMs): void {
  const { status, headers, body } = answer;
  const length = Buffer.byteLength(body);
  const all: OutgoingHttpHeaders = { ...headers, date: httpDate(now), 'content-length': length };
  if (headers['set-cookie']?.includes('\n') === true) all['set-cookie'] = [...cookieLines(headers)];
  outgoing.writeHead(status, all);
  // ASCII, which nearly every answer is, is the same bytes in latin1, and Node copies that without looking at each character.
  outgoing.end(body, length === body.length ? 'latin1' : 'utf8');
}
