import { X509Certificate } from 'node:crypto';
import { createCertificate } from '@latchkey/testkit';
import { expect, test } from 'vitest';
import { certificateThumbprint } from './client-certificate.ts';

test('RFC 8705 §3.1: x5t#S256 is the SHA-256 of the certificate’s DER, base64url without padding', () => {
  const x509 = new X509Certificate(createCertificate({ subject: [['CN', 'till']] }).certificatePem);
  const thumbprint = certificateThumbprint(x509);
  expect(thumbprint).toMatch(/^[A-Za-z0-9_-]{43}$/);
  // OpenSSL's own reckoning of the same hash.
  const hex = x509.fingerprint256.replaceAll(':', '').toLowerCase();
  expect(Buffer.from(thumbprint, 'base64url').toString('hex')).toBe(hex);
});
