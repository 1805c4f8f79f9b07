import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '@latchkey/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigurationProblem, readConfiguration } from '../../apps/latchkey/src/configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const own = createCertificate({ subject: [['CN', 'localhost']] });
const other = createCertificate({ subject: [['CN', 'other']], role: 'authority' });
const certFile = file('cert.pem', own.certificatePem);
const keyFile = file('key.pem', own.privateKeyPem);
const otherKeyFile = file('other-key.pem', other.privateKeyPem);
const authorities = file('ca.pem', `# both\n${own.certificatePem}\n${other.certificatePem}`);

describe('settings of TLS and outbound calls', () => {
  test('without them there is no TLS, no authority, no header and no exception', () => {
    expect(readConfiguration({})).toMatchObject({
      origin: 'http://localhost:8080',
      tls: undefined,
      clientAuthorities: [],
      clientCertificateHeader: undefined,
      outboundAllow: [],
    });
  });

  test('files are read, and the issuer is https by default', () => {
    const configuration = readConfiguration({
      LATCHKEY_TLS_CERT_FILE: certFile,
      LATCHKEY_TLS_KEY_FILE: keyFile,
      LATCHKEY_CLIENT_CA_FILE: authorities,
      LATCHKEY_CLIENT_CERTIFICATE_HEADER: 'Client-Cert',
      LATCHKEY_OUTBOUND_ALLOW: 'inner.example:8080, 10.0.0.0/8,[::1]:443',
    });
    expect(configuration).toMatchObject({
      origin: 'https://localhost:8080',
      tls: { key: own.privateKeyPem, cert: own.certificatePem },
      clientCertificateHeader: 'Client-Cert',
      outboundAllow: ['inner.example:8080', '10.0.0.0/8', '[::1]:443'],
    });
    expect(configuration.clientAuthorities).toEqual([own.certificatePem.trim(), other.certificatePem.trim()]);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['a certificate without a key', { LATCHKEY_TLS_CERT_FILE: certFile }, /belong together/],
    ['a key without a certificate', { LATCHKEY_TLS_KEY_FILE: keyFile }, /belong together/],
    [
      'a key of another certificate',
      { LATCHKEY_TLS_CERT_FILE: certFile, LATCHKEY_TLS_KEY_FILE: otherKeyFile },
      /not a PEM certificate and its key/,
    ],
    [
      'a file that is not there',
      { LATCHKEY_TLS_CERT_FILE: join(folder, 'none.pem'), LATCHKEY_TLS_KEY_FILE: keyFile },
      /LATCHKEY_TLS_CERT_FILE cannot be read/,
    ],
    ['no certificate among the authorities', { LATCHKEY_CLIENT_CA_FILE: keyFile }, /no PEM certificate/],
    [
      'a broken authority',
      {
        LATCHKEY_CLIENT_CA_FILE: file(
          'broken.pem',
          '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
        ),
      },
      /broken certificate/,
    ],
    ['a header with a space', { LATCHKEY_CLIENT_CERTIFICATE_HEADER: 'Client Cert' }, /name of a header/],
    ['an exception without a port', { LATCHKEY_OUTBOUND_ALLOW: 'inner.example' }, /host:port/],
    ['an exception with a wrong port', { LATCHKEY_OUTBOUND_ALLOW: 'inner.example:99999' }, /host:port/],
    ['an exception that is a URL', { LATCHKEY_OUTBOUND_ALLOW: 'http://inner.example' }, /host:port/],
  ])('%s stops the start with a message that says so', (_, env, message) => {
    expect(() => readConfiguration(env)).toThrow(ConfigurationProblem);
    expect(() => readConfiguration(env)).toThrow(message);
  });
});
