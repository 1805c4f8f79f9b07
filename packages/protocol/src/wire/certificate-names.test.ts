import { describe, expect, test } from 'vitest';
import { parseCertificateNames, parseDistinguishedName } from './certificate-names.ts';

// Made by OpenSSL 3.0: C=DE, O="Ex, ample"+OU=Två, DC=shop, CN="  till  7 #1", with alternative names of every kind.
const encoded = [
  'MIICajCCAhCgAwIBAgIURrKWy5YCBH/Zx2cuEfA0n4y5F0cwCgYIKoZIzj0EAwIwWzELMAkGA1UEBhMCREUxHzALBgNVBAsMBFR2',
  'w6UwEAYDVQQKDAlFeCwgYW1wbGUxFDASBgoJkiaJk/IsZAEZFgRzaG9wMRUwEwYDVQQDDAwgIHRpbGwgIDcgIzEwIBcNMjYxMTIz',
  'MjM1NjU4WhgPMjEyNjEwMzAyMzU2NThaMFsxCzAJBgNVBAYTAkRFMR8wCwYDVQQLDARUdsOlMBAGA1UECgwJRXgsIGFtcGxlMRQw',
  'EgYKCZImiZPyLGQBGRYEc2hvcDEVMBMGA1UEAwwMICB0aWxsICA3ICMxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmnRWR4Xb',
  'XMBfZCfj3XRF3unuW6suUNw87NSQA25fP3NK+Q9b9dpu54WH7ZVE/ehXTgAdM3VETotAH3v9VS3FdaOBrzCBrDAdBgNVHQ4EFgQU',
  'p2FcgvT4F09eBI2GYq4A73eNQU8wHwYDVR0jBBgwFoAUp2FcgvT4F09eBI2GYq4A73eNQU8wDwYDVR0TAQH/BAUwAwEB/zBZBgNV',
  'HREEUjBQggx0aWxsLmV4YW1wbGWGCnVybjp0aWxsOjeBEFRpbGxARXhhbXBsZS5jb22HBMAAAgeHECABDbgAAAAAAAAAAAAAAAeg',
  'CgYDKgMEoAMMAXgwCgYIKoZIzj0EAwIDSAAwRQIgXkxaLmVo5ZwxCK0edLOwQNJZxBhPRlKGbZJpLH8pu0cCIQCJhQjJMgoz2YBR',
  'kr+NjoeoPeoyt9zX355XAKuCzoLzeg==',
].join('');
const der = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));

const subject = [
  [{ type: '2.5.4.6', value: 'DE' }],
  [
    { type: '2.5.4.11', value: 'Två' },
    { type: '2.5.4.10', value: 'Ex, ample' },
  ],
  [{ type: '0.9.2342.19200300.100.1.25', value: 'shop' }],
  [{ type: '2.5.4.3', value: '  till  7 #1' }],
];

describe('parseCertificateNames', () => {
  test('RFC 5280 §4.1.2.6, §4.2.1.6: subject and alternative names of a certificate of OpenSSL are read', () => {
    expect(parseCertificateNames(der)).toEqual({
      subject,
      dns: ['till.example'],
      uri: ['urn:till:7'],
      email: ['Till@Example.com'],
      ip: [
        Uint8Array.of(192, 0, 2, 7),
        Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7),
      ],
    });
  });

  test('what is cut off anywhere is no certificate', () => {
    for (let length = 0; length < der.length; length += 1)
      expect(parseCertificateNames(der.subarray(0, length)), String(length)).toBeUndefined();
  });

  test('any byte may be wrong: the answer is names or nothing, never an exception', () => {
    for (let at = 0; at < der.length; at += 1) {
      for (const value of [0x00, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
        const broken = der.slice();
        broken[at] = value;
        expect(() => parseCertificateNames(broken)).not.toThrow();
      }
    }
  });
});

describe('parseDistinguishedName', () => {
  test('RFC 4514 §2: the text OpenSSL writes for a subject is read as that subject', () => {
    const written = 'CN=\\  till  7 #1,DC=shop,O=Ex\\, ample+OU=Tv\\C3\\A5,C=DE';
    expect(parseDistinguishedName(written)).toEqual([
      subject[0],
      [
        { type: '2.5.4.10', value: 'Ex, ample' },
        { type: '2.5.4.11', value: 'Två' },
      ],
      subject[2],
      subject[3],
    ]);
  });

  test.each([
    ['cn = a , o = b', 'a'],
    ['CN="a",O=b', 'a'],
    ['2.5.4.3=a,O=b', 'a'],
    ['oid.2.5.4.3=a,O=b', 'a'],
    ['CN="a, b",O=b', 'a, b'],
    ['CN=a\\2C b,O=b', 'a, b'],
    ['CN=a\\"b,O=b', 'a"b'],
    ['CN=a\\\\,O=b', 'a\\'],
    ['CN=a\\ ,O=b', 'a '],
    ['CN=a=b,O=b', 'a=b'],
    ['CN=\\23a;O=b', '#a'],
  ])('RFC 4514 §2.4: %s is read', (text, value) => {
    expect(parseDistinguishedName(text)).toEqual([
      [{ type: '2.5.4.10', value: 'b' }],
      [{ type: '2.5.4.3', value }],
    ]);
  });

  test.each([
    '',
    'CN',
    'CN=',
    '=a',
    'XYZ=a',
    'CN=a,',
    ',CN=a',
    'CN=a++O=b',
    'CN=#0403',
    'CN=\\ff',
    `CN=${'a'.repeat(1025)}`,
  ])('RFC 4514 §2: %j is no distinguished name', (text) => {
    expect(parseDistinguishedName(text)).toBeUndefined();
  });
});
