import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTemporaryPgbouncer } from '../../packages/testkit/src/temporary-pgbouncer.ts';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { withStore } from '../faults/seed.ts';
import { type Launched, launch, newMasterKeys, settingsFor } from '../faults/server-process.ts';

let plain: TemporaryPostgres;
let secured: TemporaryPostgres;
let folder: string;
const running: Launched[] = [];

const masterKeys = newMasterKeys();
const file = (name: string): string => join(folder, name);

async function script(url: string, sql: string): Promise<void> {
  await withStore({ kind: 'postgres', url }, (store) => store.engine.runScript(sql));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-start-'));
  chmodSync(folder, 0o755);
  [plain, secured] = await Promise.all([startTemporaryPostgres(), startTemporaryPostgres()]);
  const authority = createCertificate({ subject: [['CN', 'Authority of the test']], role: 'authority' });
  const other = createCertificate({ subject: [['CN', 'Another authority']], role: 'authority' });
  const server = createCertificate({ subject: [['CN', 'localhost']], dns: ['localhost'], issuer: authority });
  writeFileSync(file('root.crt'), authority.certificatePem);
  writeFileSync(file('other.crt'), other.certificatePem);
  const { uid, gid } = statSync(secured.dataDir);
  for (const [name, text] of [
    ['server.crt', server.certificatePem],
    ['server.key', server.privateKeyPem],
  ] as const) {
    const path = join(secured.dataDir, name);
    writeFileSync(path, text, { mode: 0o600 });
    chownSync(path, uid, gid);
  }
  await script(secured.url, 'alter system set ssl = on');
  await script(secured.url, "create role app login password 'right-password'");
  await script(secured.url, 'create database app owner app');
  // TLS only from here on: the operator of the test has the socket.
  writeFileSync(
    join(secured.dataDir, 'pg_hba.conf'),
    'hostssl all postgres all trust\nhostssl all app all scram-sha-256\n',
  );
  await secured.restart('fast');
});

afterAll(async () => {
  for (const { kill } of running) kill('SIGKILL');
  await Promise.all([plain?.stop(), secured?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function start(url: string, command: string): Launched {
  const launched = launch(settingsFor({ DATABASE_URL: url, LATCHKEY_MASTER_KEYS: masterKeys }), [command]);
  running.push(launched);
  return launched;
}

const neverAStack = /\n\s+at .*\(?(?:file|node):/;

/** Runs a command until it says the sentence; where the fault needs a person, it must then have ended by itself. */
async function expectSentence(
  url: string,
  command: string,
  sentence: RegExp,
  end: 'ends' | 'waits',
): Promise<void> {
  const launched = start(url, command);
  await expect.poll(launched.output, { timeout: 20_000, interval: 50 }).toMatch(sentence);
  expect(launched.output()).not.toMatch(neverAStack);
  if (end === 'ends') expect((await launched.ended).code).not.toBe(0);
  else expect(launched.isRunning()).toBe(true);
  launched.kill('SIGKILL');
  await launched.ended;
}

const through = (server: TemporaryPostgres, change: string): string =>
  `postgres://app:right-password@localhost:${server.port}/app${change}`;

describe.each(['serve', 'migrate'])('latchkey %s, when the database cannot be used', (command) => {
  test('a user without the right to create tables is told the GRANT that gives it', async () => {
    const url = await plain.createDatabase();
    await script(url, `drop role if exists lodger_${command}; create role lodger_${command} login`);
    const lodger = Object.assign(new URL(url), { username: `lodger_${command}` }).href;
    await expectSentence(
      lodger,
      command,
      new RegExp(`grant create, usage on schema public to lodger_${command};`),
      'ends',
    );
  });

  test('a server that takes TLS only says sslmode where the URL turned TLS off', async () => {
    await expectSentence(
      through(secured, '?sslmode=disable'),
      command,
      /without TLS\. Set sslmode=require/,
      'ends',
    );
  });

  test('a server without TLS is named where the URL demands it', async () => {
    await expectSentence(
      `${plain.url}?sslmode=require`,
      command,
      /does not speak TLS.*sslmode=disable/,
      'ends',
    );
  });

  test('an authority nobody named makes verify-full refuse the certificate, and says sslrootcert', async () => {
    await expectSentence(
      through(secured, '?sslmode=verify-full'),
      command,
      /cannot be trusted.*sslrootcert=FILE/,
      'ends',
    );
  });

  test('a wrong password is called a wrong user or password, not more', async () => {
    const url = through(secured, '').replace('right-password', 'wr0ng-one');
    await expectSentence(url, command, /refused the user or the password/, 'ends');
    expect(running.at(-1)?.output()).not.toContain('wr0ng-one');
  });

  test('a database that does not exist is named', async () => {
    await expectSentence(
      plain.url.replace(/postgres$/, 'nowhere'),
      command,
      /does not exist.*"nowhere"/,
      'ends',
    );
  });

  test('a start-up parameter the server refuses is named', async () => {
    await expectSentence(
      `${plain.url}?options=-c%20no_such=1`,
      command,
      /refused a start-up parameter.*no_such/,
      'ends',
    );
    const pooler = await startTemporaryPgbouncer(plain.port);
    try {
      const url = `${pooler.through(plain.url)}?options=-c%20geqo%3Doff`;
      await expectSentence(url, command, /refused a start-up parameter.*options/, 'ends');
    } finally {
      await pooler.stop();
    }
  });

  test('an unreadable root certificate is named', async () => {
    const url = `${plain.url}?sslmode=verify-full&sslrootcert=/nowhere/root.crt`;
    await expectSentence(
      url,
      command,
      /sslrootcert in the database URL names the file \/nowhere\/root\.crt.*ENOENT/,
      'ends',
    );
  });

  test.each([
    ['a host name that does not resolve', 'postgres://postgres@nowhere.invalid/app', /cannot be resolved/],
    [
      'a port where nobody listens',
      'postgres://postgres@127.0.0.1:1/app',
      /cannot be reached.*host and port/,
    ],
  ])('%s is waited for, and said', async (_what, url, sentence) => {
    await expectSentence(url, command, sentence, 'waits');
  });

  test('a server that is too old is named with its version', async () => {
    const old = await olderServer(plain.port);
    try {
      const url = Object.assign(new URL(plain.url), { port: String(portOf(old)) }).href;
      await expectSentence(url, command, /PostgreSQL 15 or newer is needed\. It is version 13/, 'ends');
    } finally {
      old.close();
    }
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The real server, calling itself 13: only the digits of its version number are changed on the way. */
async function olderServer(port: number): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) =>
      client.write(Buffer.from(chunk.toString('latin1').replace(/\b1[5-9]00\d\d\b/, '130004'), 'latin1')),
    );
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('what passes by itself is waited for', () => {
  test('a read-only server is named and served once it can be written', async () => {
    const url = await plain.createDatabase();
    const name = new URL(url).pathname.slice(1);
    await script(plain.url, `alter database ${name} set default_transaction_read_only = on`);
    const launched = start(url, 'serve');
    await expect
      .poll(launched.output, { timeout: 20_000 })
      .toMatch(/waiting for the database: The database server is read-only/);
    await script(plain.url, `alter database ${name} reset default_transaction_read_only`);
    expect(await launched.port).toBeGreaterThan(0);
  });

  test('a server without a connection left is named and served once there is one', async () => {
    const url = await plain.createDatabase();
    const name = new URL(url).pathname.slice(1);
    await script(
      plain.url,
      `create role narrow login; alter database ${name} owner to narrow; alter database ${name} connection limit 0`,
    );
    const launched = start(Object.assign(new URL(url), { username: 'narrow' }).href, 'serve');
    await expect
      .poll(launched.output, { timeout: 20_000 })
      .toMatch(/waiting for the database: The database has no connection left/);
    await script(plain.url, `alter database ${name} connection limit -1`);
    expect(await launched.port).toBeGreaterThan(0);
  });

  test('a migration that another process is at is waited for, and its holder named', async () => {
    const url = await plain.createDatabase();
    const steps: { release?: () => void } = {};
    const released = new Promise<void>((resolve) => {
      steps.release = resolve;
    });
    let holder: Promise<void> = Promise.resolve();
    await new Promise<void>((isHeld) => {
      holder = withStore({ kind: 'postgres', url }, (store) =>
        store.engine.withAdvisoryLock('latchkey-migrations', async () => {
          isHeld();
          await released;
        }),
      );
    });
    const launched = start(url, 'serve');
    await expect
      .poll(launched.output, { timeout: 20_000 })
      .toMatch(/Another process holds the lock.*Server process \d+ \(latchkey.*pg_terminate_backend/);
    steps.release?.();
    await holder;
    expect(await launched.port).toBeGreaterThan(0);
  });
});

describe('sslmode means what libpq means', () => {
  const ca = (name: string): string => `&sslrootcert=${encodeURIComponent(file(name))}`;
  test.each([
    ['nothing said: TLS where the server insists', ''],
    ['allow', '?sslmode=allow'],
    ['prefer', '?sslmode=prefer'],
    ['require: the certificate is not verified', '?sslmode=require'],
    ['verify-ca: the authority is', `?sslmode=verify-ca&root.crt`],
    ['verify-full: the name is, too', '?sslmode=verify-full&root.crt'],
  ])('%s: connects', async (_what, query) => {
    const url = through(secured, query.replace('&root.crt', ca('root.crt')));
    await withStore({ kind: 'postgres', url }, (store) => store.engine.ping(5000));
  });

  test.each([
    [
      'require with a root certificate verifies it as verify-ca does',
      '?sslmode=require&other',
      'certificate-refused',
    ],
    ['verify-ca refuses another authority', '?sslmode=verify-ca&other', 'certificate-refused'],
    ['verify-full refuses another authority', '?sslmode=verify-full&other', 'certificate-refused'],
  ])('%s', async (_what, query, reason) => {
    const url = through(secured, query.replace('&other', ca('other.crt')));
    const asked = withStore({ kind: 'postgres', url }, (store) => store.engine.ping(5000));
    await expect(asked).rejects.toMatchObject({ reason });
  });

  test('a certificate for another name: verify-ca takes it, verify-full does not', async () => {
    const ask = (mode: string) => {
      const url = through(secured, `?sslmode=${mode}${ca('root.crt')}`).replace('@localhost', '@127.0.0.1');
      return withStore({ kind: 'postgres', url }, (store) => store.engine.ping(5000));
    };
    await ask('verify-ca');
    await expect(ask('verify-full')).rejects.toMatchObject({ reason: 'certificate-name' });
  });

  test('a client certificate is shown where the server asks for it', async () => {
    const url = through(plain, '?sslmode=require&sslcert=/nowhere.crt&sslkey=/nowhere.key');
    const asked = withStore({ kind: 'postgres', url }, (store) => store.engine.ping(5000));
    await expect(asked).rejects.toThrow(/sslcert in the database URL names the file \/nowhere\.crt/);
  });
});
