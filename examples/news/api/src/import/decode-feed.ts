import { ImportError } from './import-problem.ts';

// XML 1.0 Appendix F: a byte order mark decides, then what the transport says, then the declaration.
const marks: readonly (readonly [label: string, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/**
 * The text of a feed, in the encoding of its byte order mark, its `Content-Type` or its XML declaration, else UTF-8.
 * Throws `ImportError` for an encoding that is unknown or that the bytes are not in.
 */
export function decodeFeed(bytes: Buffer, charset: string | undefined): string {
  const { label, saidBy } = findEncoding(bytes, charset);
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(label, { fatal: true });
  } catch {
    throw new ImportError(`The encoding "${label}" of ${saidBy} is not known.`);
  }
  let text: string;
  try {
    text = withWindowsCharacters(decoder.decode(bytes), decoder.encoding);
  } catch {
    throw new ImportError(`The bytes are not ${decoder.encoding}, the encoding of ${saidBy}.`);
  }
  if (text.includes('\0')) {
    throw new ImportError(
      `The text contains U+0000, so its encoding is not ${decoder.encoding}, that of ${saidBy}.`,
    );
  }
  return text;
}

// What windows-1252 has from 0x80 to 0x9f; a dot for the five places it leaves empty.
const windowsCharacters = '€.‚ƒ„…†‡ˆ‰Š‹Œ.Ž..‘’“”•–—˜™š›œ.žŸ';

// Node 20 decodes windows-1252 as ISO 8859-1, which has control characters there.
function withWindowsCharacters(text: string, encoding: string): string {
  if (encoding !== 'windows-1252') return text;
  return text.replace(/[\u0080-\u009f]/g, (character) => {
    const replacement = windowsCharacters[character.charCodeAt(0) - 0x80];
    return replacement === undefined || replacement === '.' ? character : replacement;
  });
}

function findEncoding(bytes: Buffer, charset: string | undefined): { label: string; saidBy: string } {
  for (const [label, mark] of marks) {
    if (mark.every((byte, index) => bytes[index] === byte)) return { label, saidBy: 'the byte order mark' };
  }
  if (charset !== undefined) return { label: charset, saidBy: 'the Content-Type' };
  const declaration = /^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    bytes.toString('latin1', 0, 500),
  );
  const declared = declaration?.[1];
  if (declared !== undefined) return { label: declared, saidBy: 'the XML declaration' };
  return { label: 'utf-8', saidBy: 'feeds without a declaration' };
}
