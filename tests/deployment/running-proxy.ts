import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '@latchkey/testkit';

const docs = new URL('../../docs/proxies/', import.meta.url);

/** The authority that signs the certificate of the proxy. */
export const authority = createCertificate({ subject: [['CN', 'Proxy test CA']], role: 'authority' });

const certificate = createCertificate({
  subject: [['CN', 'id.example.com']],
  dns: ['id.example.com'],
  issuer: authority,
});

/** Where a proxy of the documentation is put. */
export interface ProxySite {
  readonly httpsPort: number;
  readonly httpPort: number;
  /** The ports of both nodes on 127.0.0.1. */
  readonly nodes: readonly [number, number];
  readonly clientCertificates: 'asked-for' | 'not-asked-for';
}

type Change = readonly [written: string, instead: string];

/** A proxy of the documentation: its file there, and how it is run. */
export interface DocumentedProxy {
  readonly name: string;
  readonly program: string;
  /** The file in `docs/proxies`. */
  readonly file: string;
  /** The header in which it tells of a client's certificate. */
  readonly certificateHeader: string;
  /** `asked`: it asks /readyz; `tried`: it notices that a node refuses connections. */
  readonly health: 'asked' | 'tried';
  readonly changes: (site: ProxySite, folder: string) => readonly Change[];
  readonly command: (file: string, folder: string) => readonly string[];
  /** Files it needs beside its configuration, by name. */
  readonly files?: (folder: string) => Readonly<Record<string, string>>;
}

const nodesOf = ({ nodes }: ProxySite): readonly Change[] => [
  ['10.0.0.11:8080', `127.0.0.1:${nodes[0]}`],
  ['10.0.0.12:8080', `127.0.0.1:${nodes[1]}`],
];

const nginx: DocumentedProxy = {
  name: 'nginx',
  program: process.env.NGINX_PATH ?? '/usr/sbin/nginx',
  file: 'nginx.conf',
  certificateHeader: 'X-SSL-Cert',
  health: 'tried',
  changes: (site, folder) => [
    ...nodesOf(site),
    ['listen 80;', `listen 127.0.0.1:${site.httpPort};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${site.httpsPort} ssl http2;`],
    ['listen [::]:443 ssl http2;', ''],
    ['/etc/nginx/tls/', `${folder}/`],
    ['/var/log/nginx/latchkey.log', `${folder}/access.log`],
    ...(site.clientCertificates === 'asked-for'
      ? [['# ssl_verify_client', 'ssl_verify_client'] as const]
      : []),
  ],
  // The page's file is one that nginx.conf of the distribution includes.
  command: (_, folder) => ['-p', folder, '-c', join(folder, 'main.conf'), '-e', 'stderr'],
  files: (folder) => ({
    'main.conf': [
      'daemon off; error_log stderr; worker_processes 1; pid main.pid; events {}',
      'http {',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`),
      'access_log off; include configuration;',
      '}',
    ].join('\n'),
  }),
};

const haproxy: DocumentedProxy = {
  name: 'HAProxy',
  program: process.env.HAPROXY_PATH ?? '/usr/sbin/haproxy',
  file: 'haproxy.cfg',
  certificateHeader: 'Client-Cert',
  health: 'asked',
  changes: (site, folder) => [
    ...nodesOf(site),
    ['bind :80', `bind 127.0.0.1:${site.httpPort}`],
    ...(site.clientCertificates === 'asked-for'
      ? ([
          ['\n    bind :443 ssl crt /etc/haproxy/tls/id.example.com.pem alpn h2,http/1.1\n', '\n'],
          ['# bind :443', 'bind :443'],
        ] as const)
      : []),
    ['bind :443', `bind 127.0.0.1:${site.httpsPort}`],
    ['/etc/haproxy/tls/', `${folder}/`],
  ],
  command: (file) => ['-db', '-f', file],
};

const ownCertificate = 'tls /etc/caddy/tls/id.example.com.crt /etc/caddy/tls/id.example.com.key';
const commented = '\t# \tclient_auth {\n\t# \t\tmode request\n\t# \t}\n\t# }\n';

const caddy: DocumentedProxy = {
  name: 'Caddy',
  program: process.env.CADDY_PATH ?? '/usr/bin/caddy',
  file: 'Caddyfile',
  certificateHeader: 'Client-Cert',
  health: 'asked',
  changes: (site, folder) => [
    ...nodesOf(site),
    [
      '{\n\tservers {',
      `{\n\tadmin off\n\thttp_port ${site.httpPort}\n\thttps_port ${site.httpsPort}\n\tservers {`,
    ],
    site.clientCertificates === 'asked-for'
      ? [`# ${ownCertificate} {\n${commented}`, `${ownCertificate} {\n${commented.replaceAll('# ', '')}`]
      : [`# ${ownCertificate}\n`, `${ownCertificate}\n`],
    ['/etc/caddy/tls/', `${folder}/`],
  ],
  command: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
};

/** The proxies of the documentation that Debian has. */
export const proxies: readonly DocumentedProxy[] = [nginx, haproxy, caddy];

/** Why a proxy cannot be run here; `undefined` when it can. */
export function missing({ name, program }: DocumentedProxy): string | undefined {
  return existsSync(program) ? undefined : `${name} is not installed: there is no ${program}`;
}

/** The text with every change made. Throws when the page no longer holds what is to be changed. */
function changed(text: string, changes: readonly Change[]): string {
  return changes.reduce((all, [written, instead]) => {
    if (!all.includes(written)) throw new Error(`the file of the page does not hold: ${written}`);
    return all.replaceAll(written, instead);
  }, text);
}

/** A proxy that takes connections. */
export interface RunningProxy {
  /** Its access log. */
  readonly accessLog: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function untilTaken(child: ChildProcess, port: number, output: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (await takesConnections(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the proxy did not start:\n${output()}`);
}

/** Starts a proxy with its file of the documentation, where the site's ports, addresses and certificate are put in. */
export async function startProxy(proxy: DocumentedProxy, site: ProxySite): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'lk-proxy-'));
  // nginx gives its own folders to the user that its workers run as.
  await chmod(folder, 0o755);
  const written = await readFile(new URL(proxy.file, docs), 'utf8');
  const { certificatePem, privateKeyPem } = certificate;
  const files = {
    configuration: changed(written, proxy.changes(site, folder)),
    'id.example.com.crt': certificatePem,
    'id.example.com.key': privateKeyPem,
    'id.example.com.pem': certificatePem + privateKeyPem,
    'client-ca.pem': authority.certificatePem,
    ...proxy.files?.(folder),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const child = spawn(proxy.program, proxy.command(join(folder, 'configuration'), folder), {
    cwd: folder,
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.once('error', (error) => {
    text += error.message;
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      if (text.length < 500_000) text += more;
    });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(timer);
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilTaken(child, site.httpsPort, () => text);
  } catch (error) {
    await stop();
    throw error;
  }
  const file = join(folder, 'access.log');
  return {
    // Those that keep no file write it to the standard output, together with the rest.
    accessLog: async () => (existsSync(file) ? await readFile(file, 'utf8') : text),
    stop,
  };
}
