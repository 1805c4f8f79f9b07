import { importPKCS8 } from 'jose';
import * as oauth from 'oauth4webapi';
import { ConfigurationError } from './bff-error.ts';
import { isRecord, parseJson, textOf } from './json.ts';

/** An application key file as the console or the management API hands it out, once. */
export interface KeyFile {
  readonly type: string;
  readonly keyId: string;
  /** Private key as PEM, PKCS#1 or PKCS#8. */
  readonly key: string;
  readonly clientId?: string;
}

/** How this server proves to the issuer that it is the client: exactly one of the three. */
export type ClientKeyOptions = {
  readonly clientSecret?: string | undefined;
  /** A key file of the application for `private_key_jwt`: its path or its parsed content. */
  readonly keyFile?: string | KeyFile | undefined;
  /** A private key for `private_key_jwt` as PEM (RSA, P-256 or Ed25519), with its key ID where the issuer needs one. */
  readonly privateKey?: string | { readonly pem: string; readonly keyId?: string } | undefined;
};

/** The credential that was chosen; a key file named by a path is read at the first use. */
export type ClientSecretOrKey =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'key'; readonly pem: string; readonly keyId: string | undefined }
  | { readonly kind: 'file'; readonly path: string };

/** Chooses the credential. Throws `ConfigurationError` unless there is exactly one. */
export function parseClientKey({ clientSecret, keyFile, privateKey }: ClientKeyOptions): ClientSecretOrKey {
  const given = [clientSecret, keyFile, privateKey].filter((each) => each !== undefined && each !== '');
  if (given.length !== 1)
    throw new ConfigurationError(
      'client_credential',
      `createBff takes exactly one of clientSecret, keyFile and privateKey; ${given.length} were given. A backend for frontend is a confidential client.`,
    );
  if (keyFile) return typeof keyFile === 'string' ? { kind: 'file', path: keyFile } : keyOf(keyFile);
  if (privateKey) {
    const { pem, keyId } =
      typeof privateKey === 'string' ? { pem: privateKey, keyId: undefined } : privateKey;
    return { kind: 'key', pem, keyId };
  }
  return { kind: 'secret', secret: clientSecret ?? '' };
}

function keyOf(content: unknown): ClientSecretOrKey {
  const [key, keyId] = isRecord(content) ? [textOf(content.key), textOf(content.keyId)] : [];
  if (!isRecord(content) || content.type !== 'application' || key === undefined || keyId === undefined)
    throw new ConfigurationError(
      'invalid_key_file',
      'keyFile must be the key of an application: {"type":"application","keyId":…,"key":…}. Create one at the application in the console.',
    );
  return { kind: 'key', pem: key, keyId };
}

/** Client authentication for oauth4webapi: HTTP Basic (RFC 6749 §2.3.1) or a signed assertion (RFC 7523 §2.2). */
export async function buildClientAuth(credential: ClientSecretOrKey): Promise<oauth.ClientAuth> {
  switch (credential.kind) {
    case 'secret':
      return oauth.ClientSecretBasic(credential.secret);
    case 'file': {
      // Loaded here alone, so that the rest runs where there is no file system.
      const { readFile } = await import('node:fs/promises');
      return buildClientAuth(keyOf(parseJson(await readFile(credential.path, 'utf8'))));
    }
    case 'key': {
      const key = await importPrivateKey(credential.pem);
      return oauth.PrivateKeyJwt(credential.keyId === undefined ? key : { key, kid: credential.keyId });
    }
  }
}

async function importPrivateKey(pem: string): Promise<CryptoKey> {
  const text = pem.replaceAll('\\n', '\n').trim();
  const pkcs8 = text.includes('BEGIN RSA PRIVATE KEY') ? wrapPkcs1(text) : text;
  for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
    try {
      return await importPKCS8(pkcs8, algorithm);
    } catch {
      // It is a key of another type; the parser's message may quote its input.
    }
  }
  throw new ConfigurationError(
    'invalid_private_key',
    'The private key cannot be read. It must be an unencrypted PEM of an RSA, P-256 or Ed25519 key.',
  );
}

/** RFC 5958 §2: a PKCS#1 key is the content of a PKCS#8 one, whose algorithm is rsaEncryption without parameters. */
function wrapPkcs1(pem: string): string {
  const inner = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (each) => each.charCodeAt(0));
  const version = [0x02, 0x01, 0x00];
  const rsaEncryption = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
  ];
  const body = [...version, ...rsaEncryption, ...tagged(0x04, inner)];
  const der = Uint8Array.from(tagged(0x30, body));
  const base64 = btoa(String.fromCharCode(...der));
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----`;
}

// X.690 §8.1.3: a length from 128 on is written as the number of its bytes and the bytes.
function tagged(tag: number, content: ArrayLike<number>): number[] {
  const { length } = content;
  const bytes =
    length > 0xffff ? [length >> 16, (length >> 8) & 0xff, length & 0xff] : [length >> 8, length & 0xff];
  return [tag, ...(length < 128 ? [length] : [0x80 | bytes.length, ...bytes]), ...Array.from(content)];
}
