import { drawPicture, motifNames, paletteNames } from '../content/pictures/draw-picture.ts';
import type { PictureDescription, PictureOptions } from './contract.ts';

/** What can be drawn. */
export const pictureOptions: PictureOptions = { motifs: [...motifNames], palettes: [...paletteNames] };

/** The picture of an article as SVG; the slug varies it. */
export function drawArticlePicture(
  picture: Pick<PictureDescription, 'motif' | 'palette'>,
  slug: string,
): string {
  return drawPicture({ ...picture, seed: slug });
}

/** A picture for an article that came without one, always the same for the same slug. */
export function choosePicture(slug: string): PictureDescription {
  let hash = 7;
  for (const character of slug) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  const pick = (names: readonly string[], number: number) => names[number % names.length] ?? '';
  return {
    motif: pick(pictureOptions.motifs, hash),
    palette: pick(pictureOptions.palettes, Math.floor(hash / 64)),
    alt: '',
  };
}
