/** How a chosen file ended. */
export type ChosenLogo =
  | { readonly kind: 'logo'; readonly url: string }
  | { readonly kind: 'too-large'; readonly sizeKb: number }
  | { readonly kind: 'other-type' };

const maximumBytes = 65_536;

/** Reads a picture somebody chose as a `data:` address the API takes. Rejects when the file cannot be read. */
export async function readLogo(file: Blob): Promise<ChosenLogo> {
  if (file.type !== 'image/svg+xml' && file.type !== 'image/png') return { kind: 'other-type' };
  if (file.size > maximumBytes) return { kind: 'too-large', sizeKb: Math.ceil(file.size / 1024) };
  const bytes = new Uint8Array(await file.arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return { kind: 'logo', url: `data:${file.type};base64,${btoa(letters)}` };
}
