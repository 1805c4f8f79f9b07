import { expect, test } from 'vitest';
import { readLogo } from './read-logo.ts';

test('an SVG becomes a data: address with what was in the file', async () => {
  const text = '<svg xmlns="http://www.w3.org/2000/svg"><title>Käse</title></svg>';
  const read = await readLogo(new Blob([text], { type: 'image/svg+xml' }));
  if (read.kind !== 'logo') throw new Error(read.kind);
  const [head, body = ''] = read.url.split(',');
  expect(head).toBe('data:image/svg+xml;base64');
  expect(Buffer.from(body, 'base64').toString('utf8')).toBe(text);
});

test('what is too large or no picture of the two kinds is told as such', async () => {
  const large = new Blob([new Uint8Array(65_537)], { type: 'image/png' });
  expect(await readLogo(large)).toEqual({ kind: 'too-large', sizeKb: 65 });
  expect(await readLogo(new Blob(['GIF89a'], { type: 'image/gif' }))).toEqual({ kind: 'other-type' });
});
