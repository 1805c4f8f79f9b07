import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ownClientIds } from './platform/management-project.ts';

interface ConsoleFile {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly br: Uint8Array<ArrayBuffer> | undefined;
  readonly gz: Uint8Array<ArrayBuffer> | undefined;
}

/** The built console, in memory. */
export interface ConsoleFiles {
  readonly answer: (path: string, acceptEncoding: string) => Response;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.json': 'application/json',
};

// Components measure themselves by style elements they add, which a nonce cannot reach; scripts are ours alone.
const policyFor = (frameAncestors: "'none'" | "'self'"): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    // A reload asks Latchkey for the session in a frame of its own origin, which comes back to the console.
    "frame-src 'self'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ');

const headers = {
  'content-security-policy': policyFor("'none'"),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

// The one page that is framed, by the console itself: where the silent sign-in of a reload comes back to.
const framedPath = '/console/callback';
const framedHeaders = {
  ...headers,
  'content-security-policy': policyFor("'self'"),
  'x-frame-options': 'SAMEORIGIN',
} as const;
// A drawing may hold scripts; opened by itself it runs none.
const drawingHeaders = {
  ...headers,
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
} as const;

function headersFor(path: string, type: string): Readonly<Record<string, string>> {
  if (type === types['.svg']) return drawingHeaders;
  return path === framedPath ? framedHeaders : headers;
}

function readFolder(folder: string): ReadonlyMap<string, ConsoleFile> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  const bytes = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(folder, name)));
  const other = (name: string): Uint8Array<ArrayBuffer> | undefined =>
    names.includes(name) ? bytes(name) : undefined;
  return new Map(
    names
      .filter((name) => types[extname(name)] !== undefined)
      .map((name) => [
        `/${name.replaceAll('\\', '/')}`,
        {
          type: types[extname(name)] ?? '',
          plain: bytes(name),
          br: other(`${name}.br`),
          gz: other(`${name}.gz`),
        },
      ]),
  );
}

function unbuilt(): Response {
  return new Response('The console is not built. Run `npm run build` and start the server again.\n', {
    status: 503,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** Reads the built console from a folder. Without one, or before it is built, a sentence says what to do. */
export function loadConsoleFiles(folder: string | undefined): ConsoleFiles {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) return { answer: unbuilt };
  const files = readFolder(folder);
  return {
    answer: (path, acceptEncoding) => {
      const name = path.slice('/console'.length);
      const file = files.get(name);
      // An address of the app itself is its page; a file that is not there is not.
      const shown = file ?? (name.startsWith('/assets/') ? undefined : files.get('/index.html'));
      if (shown === undefined) return new Response('Not found\n', { status: 404, headers });
      const encoding =
        shown.br !== undefined && /\bbr\b/.test(acceptEncoding)
          ? 'br'
          : shown.gz !== undefined && /\bgzip\b/.test(acceptEncoding)
            ? 'gzip'
            : undefined;
      const body = encoding === 'br' ? shown.br : encoding === 'gzip' ? shown.gz : shown.plain;
      return new Response(body ?? shown.plain, {
        headers: {
          ...headersFor(path, shown.type),
          'content-type': shown.type,
          // Names of assets change with what is in them.
          'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
          vary: 'accept-encoding',
          ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
        },
      });
    },
  };
}

/** What tools of the dialect read to find the API behind a console. */
export function environmentOf(origin: string): Readonly<Record<string, string>> {
  return { api: origin, issuer: origin, clientid: ownClientIds.console };
}
