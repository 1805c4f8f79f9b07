import { request } from 'node:https';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import {
  type ApplicationSeed,
  createCertificate,
  type SeededApplication,
  seedApplication,
  seedProject,
  type TestCertificate,
  type TestServer,
} from '@latchkey/testkit';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FlowServer, startFlowServer } from './flow-world.ts';

const authority = createCertificate({ subject: [['CN', 'Shop CA']], role: 'authority' });
const stranger = createCertificate({ subject: [['CN', 'Shop CA']], role: 'authority' });
const own = createCertificate({ subject: [['CN', 'localhost']], dns: ['localhost'] });
const names = {
  subject: [
    ['C', 'DE'],
    ['O', 'Shop, Ltd'],
    ['CN', 'till 7'],
  ],
  dns: ['till.example'],
  uri: ['urn:till:7'],
  email: ['till@example.com'],
  ip: ['192.0.2.7', '20010db8000000000000000000000007'],
} as const;
const till = createCertificate({ ...names, issuer: authority });
const forged = createCertificate({ ...names, issuer: stranger });
const selfSigned = createCertificate(names);
const subjectDn = 'CN=till 7,O=Shop\\, Ltd,C=DE';

type Certificate = TestCertificate | undefined;

/** Seeds an application and revokes nothing in its name: the status says whether it was believed. */
function callerOf(server: TestServer, application: SeededApplication, path = '/oauth/v2/revoke') {
  return async (certificate: Certificate, headers: Readonly<Record<string, string>> = {}) => {
    const response = await server.fetch(path, {
      body: new URLSearchParams({ token: 'x', client_id: application.clientId }),
      headers,
      ...(certificate === undefined ? {} : { clientCertificate: certificate }),
    });
    const body: unknown = await response.json();
    if (response.status !== 200) expect(body).toMatchObject({ error: 'invalid_client' });
    return response.status;
  };
}

async function seedTill(server: TestServer, settings: Partial<ApplicationSeed>): Promise<SeededApplication> {
  return await seedApplication(server, await seedProject(server), { type: 'web', ...settings });
}

function seedNamed(server: TestServer, registered: Readonly<Record<string, string>>, more = {}) {
  const tlsClientAuth = JSON.stringify(registered);
  return seedTill(server, { authMethod: 'tls_client_auth', tlsClientAuth, ...more });
}

async function seedRegistered(server: TestServer, certificate: TestCertificate, more = {}) {
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(certificate.publicKey)), ...more }] });
  return await seedTill(server, { authMethod: 'self_signed_tls_client_auth', jwks });
}

describe('certificates of the connection', () => {
  let flow: FlowServer;
  let server: TestServer;
  beforeAll(async () => {
    flow = await startFlowServer('pglite', {
      tls: { key: own.privateKeyPem, cert: own.certificatePem },
      clientAuthorities: [authority.certificatePem],
      clientCertificateHeader: 'Client-Cert',
    });
    server = flow.server;
  });
  afterAll(() => flow?.stop());

  test('the server answers over TLS, with a certificate of the client and without', async () => {
    expect(server.issuer).toMatch(/^https:/);
    for (const clientCertificate of [till, selfSigned]) {
      const answer = await server.fetch('/.well-known/openid-configuration', { clientCertificate });
      expect(await answer.json()).toMatchObject({ issuer: server.issuer });
    }
    expect((await server.fetch('/.well-known/openid-configuration')).status).toBe(200);
  });

  test.each([
    ['tls_client_auth_subject_dn', subjectDn],
    ['tls_client_auth_san_dns', 'till.example'],
    ['tls_client_auth_san_uri', 'urn:till:7'],
    ['tls_client_auth_san_ip', '192.0.2.7'],
    ['tls_client_auth_san_ip', '2001:db8::7'],
    ['tls_client_auth_san_email', 'till@example.com'],
  ])(
    'RFC 8705 §2.1: a certificate of an accepted authority that bears %s authenticates the client (%s)',
    async (member, value) => {
      const send = callerOf(server, await seedNamed(server, { [member]: value }));
      expect(await send(till)).toBe(200);
      expect(await send(undefined)).toBe(401);
      expect(await send(selfSigned)).toBe(401);
      expect(await send(forged)).toBe(401);
    },
  );

  test('RFC 8705 §2.1: the same authority’s certificate for another name is refused', async () => {
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: 'CN=till 8,C=DE' }));
    expect(await send(till)).toBe(401);
    const nameless = callerOf(server, await seedNamed(server, {}));
    expect(await nameless(till)).toBe(401);
  });

  test('RFC 8705 §2.1: an expired certificate is refused', async () => {
    const day = 86_400_000;
    const expired = createCertificate({
      ...names,
      issuer: authority,
      notBefore: new Date(Date.now() - 2 * day),
      notAfter: new Date(Date.now() - day),
    });
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(expired)).toBe(401);
  });

  test('RFC 8705 §2.1: what an end-entity certificate issues is refused', async () => {
    const below = createCertificate({ ...names, issuer: till });
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(below)).toBe(401);
  });

  test('RFC 8705 §2.2: a certificate whose key the client registered authenticates it, whoever issued it', async () => {
    const send = callerOf(server, await seedRegistered(server, selfSigned));
    expect(await send(selfSigned)).toBe(200);
    expect(await send(till)).toBe(401);
    expect(await send(undefined)).toBe(401);
  });

  test('RFC 8705 §2.2: where a certificate was registered with the key, it has to be that certificate', async () => {
    const x5c = [selfSigned.der.toString('base64')];
    const send = callerOf(server, await seedRegistered(server, selfSigned, { x5c }));
    expect(await send(selfSigned)).toBe(200);
    const other = callerOf(
      server,
      await seedRegistered(server, selfSigned, { x5c: [till.der.toString('base64')] }),
    );
    expect(await other(selfSigned)).toBe(401);
    const forEncryption = callerOf(server, await seedRegistered(server, selfSigned, { use: 'enc' }));
    expect(await forEncryption(selfSigned)).toBe(401);
  });

  test('RFC 8705 §2: a certificate alone is no proof for a client that is registered for something else', async () => {
    const basic = await seedTill(server, {
      tlsClientAuth: JSON.stringify({ tls_client_auth_subject_dn: subjectDn }),
    });
    expect(await callerOf(server, basic)(till)).toBe(401);
  });

  test('RFC 8705 §2: a client with a certificate may not send a secret or an assertion as well', async () => {
    const application = await seedNamed(server, { tls_client_auth_subject_dn: subjectDn });
    const response = await server.fetch('/oauth/v2/revoke', {
      body: new URLSearchParams({ token: 'x', client_id: application.clientId, client_secret: 'x' }),
      clientCertificate: till,
    });
    expect(response.status).toBe(401);
  });

  test('RFC 9440 §4: the header of somebody who is no trusted proxy is ignored', async () => {
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(undefined, { 'client-cert': `:${till.der.toString('base64')}:` })).toBe(401);
  });

  test('a request that takes the longer way through the server has its certificate too', async () => {
    const application = await seedNamed(server, { tls_client_auth_subject_dn: subjectDn });
    const status = await new Promise((resolve, reject) => {
      const outgoing = request({
        ...{ host: '127.0.0.1', port: server.port, path: '/oauth/v2/revoke', method: 'POST' },
        ...{ ca: own.certificatePem, cert: till.certificatePem, key: till.privateKeyPem, agent: false },
        headers: {
          host: new URL(server.issuer).host,
          'content-type': 'application/x-www-form-urlencoded',
          'transfer-encoding': 'chunked',
        },
      });
      outgoing.once('response', (message) => resolve(message.resume().statusCode));
      outgoing.once('error', reject);
      outgoing.end(`token=x&client_id=${application.clientId}`);
    });
    expect(status).toBe(200);
  });

  function handshake(options: {
    readonly version: SecureVersion;
    readonly ciphers?: string;
  }): Promise<string> {
    return new Promise((resolve) => {
      const socket: TLSSocket = connect({
        ...{ host: '127.0.0.1', port: server.port, servername: 'localhost', ca: own.certificatePem },
        ...{ minVersion: options.version, maxVersion: options.version },
        ...(options.ciphers === undefined ? {} : { ciphers: options.ciphers }),
      });
      socket.once('secureConnect', () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
        socket.destroy();
      });
      socket.once('error', () => resolve('refused'));
    });
  }

  test('FAPI 2.0 Security Profile §5.2.2: TLS 1.3, and 1.2 by ECDHE with AES-GCM alone', async () => {
    expect(await handshake({ version: 'TLSv1.3' })).toMatch(/^TLSv1\.3 TLS_/);
    expect(await handshake({ version: 'TLSv1.2' })).toMatch(/^TLSv1\.2 ECDHE-ECDSA-AES(128|256)-GCM/);
    const old = ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'];
    for (const ciphers of old) expect(await handshake({ version: 'TLSv1.2', ciphers })).toBe('refused');
    const weak = { version: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
    expect(await handshake(weak)).toBe('refused');
  });
});

describe('certificates that a proxy tells of', () => {
  const flows: FlowServer[] = [];
  afterAll(async () => {
    for (const flow of flows) await flow.stop();
  });

  async function start(options: Parameters<typeof startFlowServer>[1]): Promise<TestServer> {
    const flow = await startFlowServer('pglite', { clientCertificateHeader: 'X-SSL-Cert', ...options });
    flows.push(flow);
    return flow.server;
  }

  const asBytes = ({ der }: TestCertificate) => ({ 'x-ssl-cert': `:${der.toString('base64')}:` });
  const asPem = ({ certificatePem }: TestCertificate) => ({
    'x-ssl-cert': encodeURIComponent(certificatePem),
  });

  test('RFC 9440 §2: a trusted proxy tells of it as a byte sequence, or as percent-encoded PEM', async () => {
    const server = await start({ trustedProxies: ['127.0.0.1'] });
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(undefined, asBytes(till))).toBe(200);
    expect(await send(undefined, asPem(till))).toBe(200);
    expect(await send(undefined, { 'client-cert': asBytes(till)['x-ssl-cert'] })).toBe(401);
    const registered = callerOf(server, await seedRegistered(server, selfSigned));
    expect(await registered(undefined, asPem(selfSigned))).toBe(200);
    expect(await registered(undefined, asPem(till))).toBe(401);
  });

  test.each([
    ['nothing', ''],
    ['base64 without colons', till.der.toString('base64')],
    ['broken DER', `:${till.der.subarray(9).toString('base64')}:`],
    ['two of them', `:${till.der.toString('base64')}:, :${till.der.toString('base64')}:`],
    ['two in one PEM', encodeURIComponent(till.certificatePem + selfSigned.certificatePem)],
    ['a private key', encodeURIComponent(till.privateKeyPem)],
    ['a broken escape', '%-----BEGIN'],
    ['nonsense', '(null)'],
  ])('RFC 9440 §2.2: a header that holds %s is no certificate', async (_, value) => {
    const server = flows[0]?.server ?? (await start({ trustedProxies: ['127.0.0.1'] }));
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(undefined, { 'x-ssl-cert': value })).toBe(401);
  });

  test('RFC 9440 §4: without a trusted proxy the header counts for nothing', async () => {
    const server = await start({ trustedProxies: ['192.0.2.1'] });
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(undefined, asBytes(till))).toBe(401);
  });

  test('RFC 8705 §2.1: with authorities of our own, what the proxy lets through is checked again', async () => {
    const server = await start({
      trustedProxies: ['127.0.0.1'],
      clientAuthorities: [authority.certificatePem],
    });
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(undefined, asBytes(till))).toBe(200);
    for (const certificate of [selfSigned, forged, createCertificate({ ...names, issuer: till })])
      expect(await send(undefined, asBytes(certificate))).toBe(401);
    server.clock.advance(2 * 86_400_000);
    expect(await send(undefined, asBytes(till))).toBe(401);
  });

  test('RFC 8705 §2: behind a proxy that speaks TLS to us, its own certificate is never the client’s', async () => {
    const server = await start({
      trustedProxies: ['127.0.0.1'],
      tls: { key: own.privateKeyPem, cert: own.certificatePem },
      clientAuthorities: [authority.certificatePem],
    });
    const send = callerOf(server, await seedNamed(server, { tls_client_auth_subject_dn: subjectDn }));
    expect(await send(till)).toBe(401);
    expect(await send(forged, asBytes(till))).toBe(200);
  });
});
