import { limits } from './limits.ts';
import { parseStrictJson } from './strict-json.ts';

/** A JWS in compact form, taken apart but not verified. */
export interface CompactJwt {
  readonly header: { readonly alg: string; readonly kid?: string; readonly typ?: string };
  readonly payload: Readonly<Record<string, unknown>>;
  /** The bytes the signature covers, as text. */
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

const shape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

function decodeBytes(part: string): Uint8Array | undefined {
  if (part.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return encodeBytes(bytes) === part ? bytes : undefined;
}

function encodeBytes(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function parseObject(part: string): Record<string, unknown> | undefined {
  const bytes = decodeBytes(part);
  if (bytes === undefined) return undefined;
  const text = decodeUtf8(bytes);
  const json = text === undefined ? undefined : parseStrictJson(text);
  return json?.kind === 'value' && isObject(json.value) ? json.value : undefined;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/**
 * Takes a compact JWS apart. `undefined` for anything else: wrong number of parts, base64url that is not canonical
 * (so that one token has one spelling), JSON that is not an object or that `parseStrictJson` refuses, a header with `crit`, `zip` or `b64`.
 * @see RFC 7515 §7.1, §4.1.11; RFC 8725 §3
 */
export function parseCompactJwt(text: string): CompactJwt | undefined {
  if (text.length > limits.readText || !shape.test(text)) return undefined;
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  const header = parseObject(text.slice(0, first));
  const payload = parseObject(text.slice(first + 1, second));
  const signature = decodeBytes(text.slice(second + 1));
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !optionalText(kid) || !optionalText(typ)) return undefined;
  if ('crit' in header || 'zip' in header || 'b64' in header) return undefined;
  return {
    header: { alg, ...(kid === undefined ? {} : { kid }), ...(typ === undefined ? {} : { typ }) },
    payload,
    signingInput: text.slice(0, second),
    signature,
  };
}
