import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyFile } from './key-file.ts';
import { createVerifier } from './verifier.ts';
import { parseVerifierOptions } from './verifier-options.ts';

const issuer = 'https://id.test';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const keyFile: KeyFile = { type: 'application', keyId: 'k', key: pkcs1, appId: 'a', clientId: '1' };

describe('createVerifier throws at once and says what to change', () => {
  for (const [what, options, message] of [
    ['mode jwt without audience', { issuer, mode: 'jwt' }, /needs audience: the id of your project/],
    ['mode jwt with credentials but no audience', { issuer, mode: 'jwt', keyFile }, /needs audience/],
    [
      'mode introspect without credentials',
      { issuer, mode: 'introspect', audience: 'p' },
      /needs this API's own credentials/,
    ],
    ['nothing but an issuer', { issuer }, /needs credentials .* or audience/],
    ['a secret without client id', { issuer, clientSecret: 's' }, /need clientId/],
    ['an empty secret', { issuer, clientId: '1', clientSecret: '' }, /clientSecret is empty/],
    ['two kinds of credentials', { issuer, clientId: '1', clientSecret: 's', keyFile }, /one of/],
    ['a client id that is not the key file’s', { issuer, clientId: '2', keyFile }, /belongs to 1/],
    ['an empty audience', { issuer, audience: [''] }, /audience must not be empty/],
    ['an issuer that is no URL', { issuer: 'id.test', audience: 'p' }, /issuer must be a URL/],
    ['an issuer with credentials', { issuer: 'https://u:p@id.test', audience: 'p' }, /issuer must be a URL/],
    ['a cache of more than 30 s', { issuer, audience: 'p', positiveCacheSeconds: 31 }, /from 0 to 30/],
    ['a time-out of nothing', { issuer, audience: 'p', timeoutMs: 0 }, /timeoutMs/],
    ['a key that is no PEM', { issuer, clientId: '1', privateKey: 'secret-text' }, /readable PEM/],
  ] as const) {
    test(what, () => {
      expect(() => createVerifier(options)).toThrow(message);
    });
  }

  test('an unreadable key is not quoted in the message', () => {
    expect(() => createVerifier({ issuer, clientId: '1', privateKey: 'secret-text' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret-text') }),
    );
  });

  test('the key file of a service account', () => {
    const wrong = { ...keyFile, type: 'serviceaccount' } as unknown as KeyFile; // what a JSON file may hold
    expect(() => createVerifier({ issuer, keyFile: wrong })).toThrow(/application > keys/);
  });
});

describe('defaults', () => {
  test('mode auto, 2 s, 10 s, 2 s and 5 s', () => {
    expect(parseVerifierOptions({ issuer, audience: 'p' })).toMatchObject({
      mode: 'auto',
      timeoutMs: 2000,
      positiveCacheSeconds: 10,
      negativeCacheSeconds: 2,
      clockToleranceSeconds: 5,
      projectIds: ['p'],
    });
  });

  test('an issuer on another machine without TLS is accepted with a warning; loopback without one', () => {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    createVerifier({ issuer: 'http://localhost:8080', audience: 'p', log });
    createVerifier({ issuer: 'http://127.0.0.1:8080', audience: 'p', log });
    expect(lines).toEqual([]);
    createVerifier({ issuer: 'http://id.test', audience: 'p', log });
    expect(lines).toEqual([expect.stringContaining('without TLS')]);
  });
});

describe('key files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-api-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  for (const [label, key] of [
    ['PKCS#1', pkcs1],
    ['PKCS#8', pkcs8],
    ['a PEM with escaped line breaks', pkcs1.replaceAll('\n', '\\n')],
  ] as const) {
    test(`${label} loads from an object and from a path`, () => {
      const path = join(folder, 'key.json');
      writeFileSync(path, JSON.stringify({ ...keyFile, key }));
      for (const given of [{ ...keyFile, key }, path]) {
        expect(parseVerifierOptions({ issuer, keyFile: given }).credentials).toMatchObject({
          kind: 'assertion',
          clientId: '1',
          keyId: 'k',
          algorithm: 'RS256',
        });
      }
    });
  }

  test('a bare private key signs with the algorithm of its kind', () => {
    for (const [pair, algorithm] of [
      [generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ES256'],
      [generateKeyPairSync('ed25519'), 'EdDSA'],
    ] as const) {
      const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const { credentials } = parseVerifierOptions({ issuer, clientId: '1', privateKey: pem, keyId: 'k2' });
      expect(credentials).toMatchObject({ algorithm, keyId: 'k2' });
    }
  });

  test('a file that is no JSON object and a file that is missing throw', () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, '[1]');
    expect(() => createVerifier({ issuer, keyFile: path })).toThrow(/not a JSON object/);
    expect(() => createVerifier({ issuer, keyFile: join(folder, 'none.json') })).toThrow(/ENOENT/);
  });
});
