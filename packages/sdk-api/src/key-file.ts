import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type JsonObject, parseJsonObject, stringOf } from './json.ts';

/** An application key file as the console or the API hands it out, once. */
export interface KeyFile {
  readonly type: 'application';
  readonly keyId: string;
  /** RSA private key as PEM, PKCS#1 or PKCS#8. */
  readonly key: string;
  readonly appId?: string;
  readonly clientId: string;
}

/** What signs this API's assertions. */
export interface AssertionKey {
  readonly clientId: string;
  readonly keyId: string | undefined;
  readonly key: KeyObject;
  readonly algorithm: 'RS256' | 'ES256' | 'EdDSA';
}

/** Loads a key file, by path or already parsed. Throws with what to do instead when it is not an application's. */
export function loadKeyFile(keyFile: string | KeyFile): AssertionKey {
  const content: JsonObject = typeof keyFile === 'string' ? readKeyFile(keyFile) : { ...keyFile };
  if (content.type === 'serviceaccount') {
    throw new Error(
      'keyFile is the key of a service account, which fetches tokens. An API needs the key of its own application: ' +
        'create one in the console under project > application > keys.',
    );
  }
  const [clientId, keyId, key] = [stringOf(content.clientId), stringOf(content.keyId), stringOf(content.key)];
  if (content.type !== 'application' || clientId === undefined || keyId === undefined || key === undefined) {
    throw new Error('keyFile must hold {"type":"application","keyId":…,"key":…,"appId":…,"clientId":…}.');
  }
  return { ...parsePrivateKey(key, 'keyFile'), clientId, keyId };
}

/** Reads a PEM private key and says which algorithm it signs with. */
export function parsePrivateKey(pem: string, setting: string): Pick<AssertionKey, 'key' | 'algorithm'> {
  const key = readPem(pem, setting);
  if (key.asymmetricKeyType === 'rsa') return { key, algorithm: 'RS256' };
  if (key.asymmetricKeyType === 'ed25519') return { key, algorithm: 'EdDSA' };
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return { key, algorithm: 'ES256' };
  throw new Error(`${setting} must be an RSA, P-256 or Ed25519 key.`);
}

function readKeyFile(path: string): JsonObject {
  const content = parseJsonObject(readFileSync(path, 'utf8'));
  if (content === undefined) throw new Error(`keyFile ${path} is not a JSON object.`);
  return content;
}

function readPem(pem: string, setting: string): KeyObject {
  try {
    // PKCS#1 and PKCS#8 are told apart by the PEM label. Line breaks may have been escaped on the way through a variable.
    return createPrivateKey(pem.replace(/\\n/g, '\n'));
  } catch {
    // The parser's own message may quote its input.
    throw new Error(`${setting} does not hold a readable PEM private key (unencrypted PKCS#1 or PKCS#8).`);
  }
}
