import { hash } from 'node:crypto';

/** The hash functions of the crypt family of this module. */
export type CryptDigest = 'md5' | 'sha256' | 'sha512';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function digestOf(name: CryptDigest, ...parts: readonly Uint8Array[]): Buffer {
  return hash(name, Buffer.concat(parts), 'buffer');
}

/** A digest of parts that are put together in the same buffer each time: these are made a million times. */
function reusingDigest(name: CryptDigest, size: number): (...parts: readonly Uint8Array[]) => Buffer {
  const scratch = Buffer.alloc(size);
  return (...parts) => {
    let length = 0;
    for (const part of parts) {
      scratch.set(part, length);
      length += part.length;
    }
    return hash(name, scratch.subarray(0, length), 'buffer');
  };
}

/** `count` characters of six bits each, the lowest first. */
function letters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => alphabet[(value >>> (6 * index)) & 63]).join('');
}

/** Bytes in an order of their own, three to four characters, the first of three highest. */
function encodeInOrder(bytes: Buffer, order: readonly (readonly number[])[]): string {
  return order
    .map((places) => {
      const value = places.reduce((sum, place) => (sum << 8) | (bytes[place] ?? 0), 0);
      return letters(value, places.length + 1);
    })
    .join('');
}

function repeatTo(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

const md5Order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]] as const;

/**
 * The hash part of FreeBSD's md5-crypt, 1000 rounds. `magic` is `$1$`, or `$apr1$` for Apache's. Source: the algorithm of
 * FreeBSD's `crypt-md5.c`.
 */
export function md5Crypt(password: Buffer, salt: Buffer, magic: '$1$' | '$apr1$'): string {
  const inner = digestOf('md5', password, salt, password);
  const parts: Buffer[] = [password, Buffer.from(magic), salt, repeatTo(inner, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1)
    parts.push(bits & 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  let state = digestOf('md5', ...parts);
  for (let round = 0; round < 1000; round += 1) {
    const isOdd = round % 2 === 1;
    const mixed = [isOdd ? password : state];
    if (round % 3 !== 0) mixed.push(salt);
    if (round % 7 !== 0) mixed.push(password);
    mixed.push(isOdd ? state : password);
    state = digestOf('md5', ...mixed);
  }
  return encodeInOrder(state, md5Order);
}

/** Triples that begin with `first` and go on by one, turned by one place each time. */
function turningOrder(first: readonly [number, number, number], count: number, turn: 'left' | 'right') {
  const order: (readonly number[])[] = [];
  let [a, b, c]: readonly [number, number, number] = first;
  for (let index = 0; index < count; index += 1) {
    order.push([a, b, c]);
    [a, b, c] = turn === 'left' ? [b + 1, c + 1, a + 1] : [c + 1, a + 1, b + 1];
  }
  return order;
}

const shaOrders = {
  sha256: [...turningOrder([0, 10, 20], 10, 'right'), [31, 30]],
  sha512: [...turningOrder([0, 21, 42], 21, 'left'), [63]],
} as const;

/** The hash part of sha-crypt (`$5$`, `$6$`). Source: Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512". */
export function shaCrypt(name: 'sha256' | 'sha512', password: Buffer, salt: Buffer, rounds: number): string {
  const inner = digestOf(name, password, salt, password);
  const parts: Buffer[] = [password, salt, repeatTo(inner, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? inner : password);
  let state = digestOf(name, ...parts);
  const spreadPassword = repeatTo(
    digestOf(name, repeatTo(password, password.length * password.length)),
    password.length,
  );
  const spreadSalt = repeatTo(
    digestOf(name, repeatTo(salt, salt.length * (16 + (state[0] ?? 0)))),
    salt.length,
  );
  const mix = reusingDigest(name, state.length + 2 * password.length + salt.length);
  const none = Buffer.alloc(0);
  for (let round = 0; round < rounds; round += 1) {
    const salted = round % 3 === 0 ? none : spreadSalt;
    const again = round % 7 === 0 ? none : spreadPassword;
    state =
      round % 2 === 0 ? mix(state, salted, again, spreadPassword) : mix(spreadPassword, salted, again, state);
  }
  return encodeInOrder(state, shaOrders[name]);
}

/** The hash part of phpass: MD5 as WordPress and phpBB use it, SHA-512 as Drupal 7 does. `log2` is that of the rounds. */
export function phpass(name: 'md5' | 'sha512', password: Buffer, salt: Buffer, log2: number): string {
  let state = digestOf(name, salt, password);
  const mix = reusingDigest(name, state.length + password.length);
  for (let round = 2 ** log2; round > 0; round -= 1) state = mix(state, password);
  let text = '';
  for (let place = 0; place < state.length; place += 3) {
    const bytes = state.subarray(place, place + 3);
    text += letters(bytes.readUIntLE(0, bytes.length), bytes.length + 1);
  }
  // Drupal cuts the hash off to fit a column of 55 characters.
  return name === 'sha512' ? text.slice(0, 43) : text;
}

/** The number a character of the crypt alphabet stands for; -1 for another. */
export function cryptDigit(character: string): number {
  return alphabet.indexOf(character);
}
