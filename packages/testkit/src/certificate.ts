import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate made for a test, with its key. */
export interface TestCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly der: Buffer;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** What `x5t#S256` of this certificate is (RFC 8705 §3.1). */
  readonly thumbprint: string;
  /** Its subject as DER, for those it issues. */
  readonly subjectDer: Buffer;
}

/** What a test certificate says. */
export interface CertificateSeed {
  /** Attributes of the subject, most general first, such as `[['O', 'Shop'], ['CN', 'till']]`. */
  readonly subject: readonly (readonly ['C' | 'O' | 'OU' | 'CN' | 'DC', string])[];
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
  readonly email?: readonly string[];
  /** IPv4, or the 16 bytes of IPv6 in hex. */
  readonly ip?: readonly string[];
  /** Who signs it; itself without one. */
  readonly issuer?: TestCertificate;
  readonly role?: 'authority' | 'end-entity';
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const oids = {
  C: '550406',
  O: '55040a',
  OU: '55040b',
  CN: '550403',
  DC: '0992268993f22c640119',
} as const;

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, Math.floor(size / 256), size % 256];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function timeOf(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  // RFC 5280 §4.1.2.5: years through 2049 have two digits.
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}

function nameOf(subject: CertificateSeed['subject']): Buffer {
  const parts = subject.map(([type, value]) => {
    const stringTag = type === 'C' ? 0x13 : type === 'DC' ? 0x16 : 0x0c;
    return der(0x31, der(0x30, oid(oids[type]), der(stringTag, Buffer.from(value))));
  });
  return der(0x30, ...parts);
}

function extensionsOf({ dns = [], uri = [], email = [], ip = [], role }: CertificateSeed): Buffer {
  const names = [
    ...email.map((text) => der(0x81, Buffer.from(text))),
    ...dns.map((text) => der(0x82, Buffer.from(text))),
    ...uri.map((text) => der(0x86, Buffer.from(text))),
    ...ip.map((text) =>
      der(0x87, isIPv4(text) ? Buffer.from(text.split('.').map(Number)) : Buffer.from(text, 'hex')),
    ),
  ];
  const isAuthority = role === 'authority' ? [der(0x01, Buffer.of(0xff))] : [];
  const constraints = der(
    0x30,
    oid('551d13'),
    der(0x01, Buffer.of(0xff)),
    der(0x04, der(0x30, ...isAuthority)),
  );
  const alternatives = der(0x30, oid('551d11'), der(0x04, der(0x30, ...names)));
  return der(0xa3, der(0x30, constraints, ...(names.length === 0 ? [] : [alternatives])));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** Makes a certificate with a fresh P-256 key, valid for a day around now unless told otherwise (RFC 5280 §4.1). */
export function createCertificate(seed: CertificateSeed): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subjectDer = nameOf(seed.subject);
  const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'));
  const day = 86_400_000;
  const signed = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(0x40), randomBytes(8)])),
    ecdsaWithSha256,
    seed.issuer?.subjectDer ?? subjectDer,
    der(
      0x30,
      timeOf(seed.notBefore ?? new Date(Date.now() - day)),
      timeOf(seed.notAfter ?? new Date(Date.now() + day)),
    ),
    subjectDer,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensionsOf(seed),
  );
  const signature = sign('sha256', signed, seed.issuer?.privateKey ?? privateKey);
  const bytes = der(0x30, signed, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
  return {
    certificatePem: pem('CERTIFICATE', bytes),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    der: bytes,
    publicKey,
    privateKey,
    thumbprint: createHash('sha256').update(bytes).digest('base64url'),
    subjectDer,
  };
}
