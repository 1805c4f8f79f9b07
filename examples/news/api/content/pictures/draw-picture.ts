import { cityMotifs } from './motifs/city.ts';
import { landMotifs } from './motifs/land.ts';
import { scienceMotifs } from './motifs/science.ts';
import { seaMotifs } from './motifs/sea.ts';
import { thingMotifs } from './motifs/things.ts';
import { type Palette, palettes } from './palettes.ts';
import { createRandom, hashText } from './random.ts';
import type { Motif } from './scene.ts';
import { height, width } from './shapes.ts';

/** What to draw: the names of a motif and a palette, and a seed (the article's slug) that varies the picture. */
export interface Picture {
  readonly motif: string;
  readonly palette: string;
  readonly seed?: string;
}

const motifs: ReadonlyMap<string, Motif> = new Map(
  Object.entries({ ...cityMotifs, ...landMotifs, ...scienceMotifs, ...seaMotifs, ...thingMotifs }),
);
/** Motifs that would say the opposite when mirrored: a rising line would fall. */
const upright: ReadonlySet<string> = new Set(['coins']);
const paletteByName: ReadonlyMap<string, Palette> = new Map(Object.entries(palettes));

/** The motifs a picture may name, in alphabetical order. */
export const motifNames: readonly string[] = [...motifs.keys()].sort();

/** The palettes a picture may name. */
export const paletteNames: readonly string[] = [...paletteByName.keys()];

/**
 * Draws a picture as an SVG document of 960 × 540 without scripts, fonts or references to other files. The same picture
 * always gives the same document; another seed moves the sun, the hills and the motif and may mirror the whole.
 * Throws a `RangeError` when the motif or the palette is unknown.
 */
export function drawPicture({ motif, palette, seed = '' }: Picture): string {
  const draw = motifs.get(motif);
  if (draw === undefined) throw new RangeError(`Unknown motif: ${motif}`);
  const colors = paletteByName.get(palette);
  if (colors === undefined) throw new RangeError(`Unknown palette: ${palette}`);
  const random = createRandom(`${motif}/${palette}/${seed}`);
  const mirrored = random.chance(0.5) && !upright.has(motif);
  // Several pictures may stand in one HTML document, so the gradient's id differs between them.
  const id = `sky-${hashText(`${palette}/${seed}`).toString(36)}`;
  const shapes = draw({ palette: colors, random, skyPaint: `url(#${id})` });
  const [top, bottom] = colors.sky;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<defs><linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient></defs>`,
    mirrored ? `<g transform="translate(${width} 0) scale(-1 1)">${shapes}</g>` : shapes,
    '</svg>',
  ].join('');
}
