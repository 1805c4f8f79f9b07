/** An attribute of a distinguished name: its type as a dotted object identifier, and its value. */
export interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

/** A distinguished name, most general part first, as certificates write it; each part is a set of attributes. */
export type DistinguishedName = readonly (readonly NameAttribute[])[];

/** Whom a certificate is about. */
export interface CertificateNames {
  readonly subject: DistinguishedName;
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
  /** The bytes of each address: 4 or 16. */
  readonly ip: readonly Uint8Array[];
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

const tags = { oid: 0x06, octets: 0x04, sequence: 0x30, set: 0x31, version: 0xa0, extensions: 0xa3 } as const;
const subjectAltName = '2.5.29.17';

/** The bytes are not the DER of what they should be. Never leaves this file. */
class NotDer extends Error {}

/** The elements that lie one after another in some bytes (X.690 §8.1, definite lengths). */
function elementsOf(bytes: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0x80;
    at += 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 3) throw new NotDer();
      length = 0;
      for (let index = 0; index < size; index += 1) length = length * 256 + (bytes[at + index] ?? 0);
      at += size;
    }
    if (at + length > bytes.length) throw new NotDer();
    elements.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return elements;
}

function contentOf(element: Element | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw new NotDer();
  return element.content;
}

function oidOf(bytes: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = numbers;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join('.');
}

/** A directory string of any of its types; BMP and universal strings have wider characters. */
function textOf({ tag, content }: Element): string {
  if (tag === 0x1e) return new TextDecoder('utf-16be', { fatal: true }).decode(content);
  if (tag === 0x0c) return new TextDecoder('utf-8', { fatal: true }).decode(content);
  if (![0x12, 0x13, 0x14, 0x16].includes(tag)) throw new NotDer();
  return Array.from(content, (byte) => String.fromCharCode(byte)).join('');
}

function nameOf(bytes: Uint8Array): DistinguishedName {
  return elementsOf(bytes).map((part) =>
    elementsOf(contentOf(part, tags.set)).map((attribute) => {
      const [type, value] = elementsOf(contentOf(attribute, tags.sequence));
      if (value === undefined) throw new NotDer();
      return { type: oidOf(contentOf(type, tags.oid)), value: textOf(value) };
    }),
  );
}

function alternativesOf(extensions: Element | undefined): readonly Element[] {
  if (extensions === undefined) return [];
  const [list] = elementsOf(extensions.content);
  for (const extension of elementsOf(contentOf(list, tags.sequence))) {
    const parts = elementsOf(contentOf(extension, tags.sequence));
    if (oidOf(contentOf(parts[0], tags.oid)) !== subjectAltName) continue;
    const [names] = elementsOf(contentOf(parts.at(-1), tags.octets));
    return elementsOf(contentOf(names, tags.sequence));
  }
  return [];
}

function read(der: Uint8Array): CertificateNames {
  const [certificate] = elementsOf(der);
  const [signed] = elementsOf(contentOf(certificate, tags.sequence));
  const fields = elementsOf(contentOf(signed, tags.sequence));
  // After an optional version: serial number, signature algorithm, issuer, validity, subject (RFC 5280 §4.1).
  const offset = fields[0]?.tag === tags.version ? 1 : 0;
  const subject = nameOf(contentOf(fields[offset + 4], tags.sequence));
  const alternatives = alternativesOf(fields.find(({ tag }) => tag === tags.extensions));
  const contents = (number: number): readonly Uint8Array[] =>
    alternatives.filter(({ tag }) => tag === 0x80 + number).map(({ content }) => content);
  const texts = (number: number): readonly string[] =>
    contents(number).map((content) => textOf({ tag: 0x16, content }));
  return { subject, email: texts(1), dns: texts(2), uri: texts(6), ip: contents(7) };
}

/**
 * Reads whom a certificate, given as DER, is about: its subject and alternative names. `undefined` when it is not DER or
 * uses string types no certificate should. Nothing is verified.
 * @see RFC 5280 §4.1.2.6, §4.2.1.6
 */
export function parseCertificateNames(der: Uint8Array): CertificateNames | undefined {
  try {
    return read(der);
  } catch {
    return undefined;
  }
}

/** Short names of RFC 4514 §3 and those that tools of our day write. */
const attributeTypes: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  S: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  TITLE: '2.5.4.12',
  BUSINESSCATEGORY: '2.5.4.15',
  POSTALCODE: '2.5.4.17',
  GN: '2.5.4.42',
  ORGANIZATIONIDENTIFIER: '2.5.4.97',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
  EMAILADDRESS: '1.2.840.113549.1.9.1',
  JURISDICTIONC: '1.3.6.1.4.1.311.60.2.1.3',
  JURISDICTIONCOUNTRYNAME: '1.3.6.1.4.1.311.60.2.1.3',
};

const maximumNameLength = 1024;

/** Cuts a text at unescaped separators outside quotation marks. */
function splitAt(text: string, separators: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      part += character + text.charAt(at + 1);
      at += 1;
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && separators.includes(character)) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part];
}

/** Undoes escapes: `\` before a character, or before two hex digits of a UTF-8 byte (RFC 4514 §2.4). */
function unescapeValue(text: string): string | undefined {
  const trimmed = text.replace(/^ +/, '').replace(/((?:^|[^\\])(?:\\\\)*) +$/, '$1');
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/su.exec(trimmed) ?? [];
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [, hex, escaped, plain] of (quoted ?? trimmed).matchAll(/\\([0-9A-Fa-f]{2})|\\(.)|([^\\])/gsu)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else bytes.push(...encoder.encode(escaped ?? plain ?? ''));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

function parseAttribute(text: string): NameAttribute | undefined {
  const equals = text.indexOf('=');
  if (equals < 0) return undefined;
  const name = text
    .slice(0, equals)
    .trim()
    .replace(/^oid\./i, '');
  const type = /^\d+(\.\d+)+$/.test(name) ? name : attributeTypes[name.toUpperCase()];
  const value = text.slice(equals + 1);
  // `#` begins the hex of a whole DER value, which nobody writes for these types.
  if (type === undefined || /^ *#/.test(value)) return undefined;
  const plain = unescapeValue(value);
  return plain === undefined || plain === '' ? undefined : { type, value: plain };
}

/**
 * Reads a distinguished name written as text, the most specific part first. `undefined` when it is empty, longer than
 * 1024 characters, malformed or has an attribute of unknown name; such a one is written by its number.
 * @see RFC 4514 §2, §3
 */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  if (text.length > maximumNameLength) return undefined;
  const parts: NameAttribute[][] = [];
  for (const part of splitAt(text, ',;')) {
    const attributes: NameAttribute[] = [];
    for (const piece of splitAt(part, '+')) {
      const attribute = parseAttribute(piece);
      if (attribute === undefined) return undefined;
      attributes.push(attribute);
    }
    parts.push(attributes);
  }
  return parts.reverse();
}
