import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealer, type SealKind, sealerOfDomain } from './seal.ts';

const bytes = randomBytes(32);
const sealer = createSealer('1', [{ version: 1, bytes }]);
const kinds: readonly SealKind[] = [
  'access-token',
  'refresh-token',
  'token-id',
  'code',
  'authorize-request',
  'login-step',
  'sign-out',
];

describe('sealed texts', () => {
  test('what was sealed opens again, whatever it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.string({ unit: 'grapheme' }), (kind, payload) => {
        expect(sealer.open(kind, sealer.seal(kind, payload))).toBe(payload);
      }),
    );
  });

  test('no kind opens as another, with or without its prefix', () => {
    for (const kind of kinds) {
      const text = sealer.seal(kind, 'payload');
      const bare = text.replace(/^lk_.._/, '');
      for (const other of kinds) {
        if (other === kind) continue;
        for (const attempt of [text, bare, `lk_at_${bare}`, `lk_rt_${bare}`, `lk_ac_${bare}`])
          expect(sealer.open(other, attempt)).toBeUndefined();
      }
    }
  });

  test('another instance cannot open it, even with the same data key', () => {
    const foreign = createSealer('2', [{ version: 1, bytes }]);
    expect(foreign.open('code', sealer.seal('code', 'payload'))).toBeUndefined();
  });

  test('a text cut short, lengthened, padded or with any character changed does not open', () => {
    const text = sealer.seal('access-token', 'payload');
    for (let length = 0; length < text.length; length += 1)
      expect(sealer.open('access-token', text.slice(0, length))).toBeUndefined();
    for (const extra of ['=', '==', 'A', ' ', '\n', '.', 'AAAA']) {
      expect(sealer.open('access-token', text + extra)).toBeUndefined();
      expect(sealer.open('access-token', extra + text)).toBeUndefined();
    }
    for (let index = 0; index < text.length; index += 1) {
      const flipped = `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
      expect(sealer.open('access-token', flipped), `changed at ${index}`).toBeUndefined();
    }
  });

  test('opening never throws, whatever is sent', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.string({ maxLength: 300 }), (kind, text) => {
        expect(sealer.open(kind, text)).toBeUndefined();
      }),
    );
    expect(sealer.open('code', `lk_ac_${'A'.repeat(100_000)}`)).toBeUndefined();
  });

  test('two seals of one payload differ', () => {
    expect(sealer.seal('code', 'same')).not.toBe(sealer.seal('code', 'same'));
  });

  test('a new data key seals, the old one still opens', () => {
    const old = sealer.seal('refresh-token', 'payload');
    const rotated = createSealer('1', [
      { version: 2, bytes: randomBytes(32) },
      { version: 1, bytes },
    ]);
    expect(rotated.open('refresh-token', old)).toBe('payload');
    expect(sealer.open('refresh-token', rotated.seal('refresh-token', 'payload'))).toBeUndefined();
  });

  test('what is sealed at rest opens in its own place only', () => {
    const sealed = sealer.sealAtRest('keys|private|1', Buffer.from('secret'));
    expect(sealer.openAtRest('keys|private|1', sealed).toString()).toBe('secret');
    expect(() => sealer.openAtRest('keys|private|2', sealed)).toThrow(/cannot be decrypted/);
    expect(() => sealer.openAtRest('keys|private|1', Buffer.concat([sealed, Buffer.of(0)]))).toThrow(
      /cannot be decrypted/,
    );
  });
});

describe('the domains of an instance', () => {
  const [one, two] = [
    sealerOfDomain(sealer, 'https://one.example'),
    sealerOfDomain(sealer, 'https://two.example'),
  ];
  const bound = [
    'refresh-token',
    'code',
    'authorize-request',
    'login-step',
    'pushed-request',
    'sign-out',
  ] as const;
  const free = ['access-token', 'token-id', 'personal-access-token'] as const;

  test.each(bound)('a %s is good at the domain that gave it out, and at no other', (kind) => {
    for (const giver of [sealer, one, two])
      for (const taker of [sealer, one, two])
        expect(taker.open(kind, giver.seal(kind, 'payload'))).toBe(giver === taker ? 'payload' : undefined);
  });

  test.each(free)('a %s is good at every domain', (kind) => {
    for (const giver of [sealer, one, two])
      for (const taker of [sealer, one, two])
        expect(taker.open(kind, giver.seal(kind, 'payload'))).toBe('payload');
  });

  test('user codes differ by domain; pairwise subjects and what is at rest do not', () => {
    const digests = (purpose: string) => new Set([sealer, one, two].map((each) => each.digest(purpose, 'x')));
    expect(digests('user-code').size).toBe(3);
    expect(digests('pairwise').size).toBe(1);
    const sealed = one.sealAtRest('t|c|1', Buffer.from('secret'));
    expect(two.openAtRest('t|c|1', sealed).toString()).toBe('secret');
  });
});
