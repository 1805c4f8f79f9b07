import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificateThumbprint } from './client-certificate.ts';

const pem = [
  '-----BEGIN CERTIFICATE-----',
  'MIICajCCAhCgAwIBAgIURrKWy5YCBH/Zx2cuEfA0n4y5F0cwCgYIKoZIzj0EAwIw',
  'WzELMAkGA1UEBhMCREUxHzALBgNVBAsMBFR2w6UwEAYDVQQKDAlFeCwgYW1wbGUx',
  'FDASBgoJkiaJk/IsZAEZFgRzaG9wMRUwEwYDVQQDDAwgIHRpbGwgIDcgIzEwIBcN',
  'MjYxMTIzMjM1NjU4WhgPMjEyNjEwMzAyMzU2NThaMFsxCzAJBgNVBAYTAkRFMR8w',
  'CwYDVQQLDARUdsOlMBAGA1UECgwJRXgsIGFtcGxlMRQwEgYKCZImiZPyLGQBGRYE',
  'c2hvcDEVMBMGA1UEAwwMICB0aWxsICA3ICMxMFkwEwYHKoZIzj0CAQYIKoZIzj0D',
  'AQcDQgAEmnRWR4XbXMBfZCfj3XRF3unuW6suUNw87NSQA25fP3NK+Q9b9dpu54WH',
  '7ZVE/ehXTgAdM3VETotAH3v9VS3FdaOBrzCBrDAdBgNVHQ4EFgQUp2FcgvT4F09e',
  'BI2GYq4A73eNQU8wHwYDVR0jBBgwFoAUp2FcgvT4F09eBI2GYq4A73eNQU8wDwYD',
  'VR0TAQH/BAUwAwEB/zBZBgNVHREEUjBQggx0aWxsLmV4YW1wbGWGCnVybjp0aWxs',
  'OjeBEFRpbGxARXhhbXBsZS5jb22HBMAAAgeHECABDbgAAAAAAAAAAAAAAAegCgYD',
  'KgMEoAMMAXgwCgYIKoZIzj0EAwIDSAAwRQIgXkxaLmVo5ZwxCK0edLOwQNJZxBhP',
  'RlKGbZJpLH8pu0cCIQCJhQjJMgoz2YBRkr+NjoeoPeoyt9zX355XAKuCzoLzeg==',
  '-----END CERTIFICATE-----',
].join('\n');

test('RFC 8705 §3.1: x5t#S256 is the SHA-256 of the certificate’s DER, base64url without padding', () => {
  const thumbprint = certificateThumbprint(new X509Certificate(pem));
  expect(thumbprint).toMatch(/^[A-Za-z0-9_-]{43}$/);
  // What `openssl x509 -outform der | sha256sum` says of it.
  expect(Buffer.from(thumbprint, 'base64url').toString('hex')).toBe(
    'e0c244a7fd69d6a6e58beac4ae42e5127b9082369e0a552aacf6359a99555b0e',
  );
});
