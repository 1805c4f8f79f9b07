import { describe, expect, test } from 'vitest';
import type { CertificateNames } from '../wire/certificate-names.ts';
import { isCertificateOf, registeredSubject } from './certificate-subject.ts';

const names: CertificateNames = {
  subject: [
    [{ type: '2.5.4.6', value: 'DE' }],
    [
      { type: '2.5.4.10', value: 'Shop' },
      { type: '2.5.4.11', value: 'Tills' },
    ],
    [{ type: '2.5.4.3', value: 'till 7' }],
  ],
  dns: ['till.example', '*.example.com'],
  uri: ['https://till.example/7'],
  email: ['Till@example.com'],
  ip: [Uint8Array.of(192, 0, 2, 7), Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7)],
};

describe('isCertificateOf', () => {
  test.each([
    ['tls_client_auth_subject_dn', 'CN=till 7,O=Shop+OU=Tills,C=DE'],
    ['tls_client_auth_subject_dn', 'cn=Till  7, ou=TILLS + o=shop, c=de'],
    ['tls_client_auth_san_dns', 'till.example'],
    ['tls_client_auth_san_dns', 'TILL.example'],
    ['tls_client_auth_san_uri', 'https://till.example/7'],
    ['tls_client_auth_san_ip', '192.0.2.7'],
    ['tls_client_auth_san_ip', '2001:db8::7'],
    ['tls_client_auth_san_ip', '2001:0DB8:0:0:0:0:0:7'],
    ['tls_client_auth_san_email', 'Till@EXAMPLE.com'],
  ])('RFC 8705 §2.1.2: %s %s is this certificate', (member, value) => {
    expect(isCertificateOf({ [member]: value }, names)).toBe(true);
  });

  test.each([
    ['tls_client_auth_subject_dn', 'CN=till 8,O=Shop+OU=Tills,C=DE', 'another name'],
    ['tls_client_auth_subject_dn', 'CN=till 7', 'a part of the name'],
    ['tls_client_auth_subject_dn', 'CN=till 7,O=Shop,C=DE', 'an attribute too few'],
    ['tls_client_auth_subject_dn', 'CN=till 7,O=Shop,OU=Tills,C=DE', 'parts in place of a set'],
    ['tls_client_auth_subject_dn', 'C=DE,O=Shop+OU=Tills,CN=till 7', 'the other order'],
    ['tls_client_auth_subject_dn', 'O=till 7,O=Shop+OU=Tills,C=DE', 'another type'],
    ['tls_client_auth_subject_dn', 'nonsense', 'no name'],
    ['tls_client_auth_subject_dn', 'CN=\u212ailo', 'a letter that folds elsewhere'],
    ['tls_client_auth_san_dns', 'a.example.com', 'covered by a wildcard only'],
    ['tls_client_auth_san_dns', 'example', 'a suffix'],
    ['tls_client_auth_san_uri', 'https://till.example/7/', 'another path'],
    ['tls_client_auth_san_uri', 'HTTPS://till.example/7', 'another spelling'],
    ['tls_client_auth_san_ip', '192.0.2.8', 'another address'],
    ['tls_client_auth_san_ip', '192.0.2', 'no address'],
    ['tls_client_auth_san_ip', '::ffff:192.0.2.7', 'the address mapped'],
    ['tls_client_auth_san_ip', 'till.example', 'a name'],
    ['tls_client_auth_san_email', 'till@example.com', 'another local part'],
    ['tls_client_auth_san_email', '@example.com', 'no local part'],
    ['tls_client_auth_san_dns', 'https://till.example/7', 'the value of another kind'],
    ['tls_client_auth_cn', 'till 7', 'an unknown member'],
  ])('RFC 8705 §2.1: %s %s is another certificate (%s)', (member, value) => {
    expect(isCertificateOf({ [member]: value }, names)).toBe(false);
  });

  test('RFC 8705 §2.1.2: a client registers exactly one name', () => {
    const dns = { tls_client_auth_san_dns: 'till.example' };
    expect(registeredSubject(dns)).toEqual({ member: 'tls_client_auth_san_dns', value: 'till.example' });
    for (const registered of [
      {},
      { ...dns, tls_client_auth_san_ip: '192.0.2.7' },
      { tls_client_auth_san_dns: '' },
      { tls_client_auth_san_dns: ['till.example'] },
      { ...dns, other: 'x' },
    ]) {
      expect(registeredSubject(registered)).toBeUndefined();
      expect(isCertificateOf(registered, names)).toBe(false);
    }
  });
});
