import type { Palette } from './palettes.ts';
import type { Random } from './random.ts';
import { circle, d, height, path, rect, repeat, stroke, width } from './shapes.ts';

/** What a motif draws with. */
export interface Scene {
  readonly palette: Palette;
  readonly random: Random;
  /** The paint of the background gradient, `url(#…)`. */
  readonly skyPaint: string;
}

/** Draws one motif over the whole picture. */
export type Motif = (scene: Scene) => string;

/** The background with a sun or moon; `x` and `y` say where about it stands. */
export function sky({ palette, random, skyPaint }: Scene, x = 700, y = 150): string {
  const cx = x + random.between(-90, 90);
  const cy = y + random.between(-30, 30);
  const r = random.between(48, 70);
  return [
    rect(0, 0, width, height, skyPaint),
    circle(cx, cy, r * 2.3, palette.glow, 0.14),
    circle(cx, cy, r * 1.55, palette.glow, 0.2),
    circle(cx, cy, r, palette.glow, 0.95),
  ].join('');
}

/** A ridge of rolling hills across the picture, filled down to the lower edge. */
export function hills({ random }: Scene, base: number, rise: number, color: string): string {
  const step = 160;
  let data = `M0 ${height}`;
  let previous = base - random.between(0, rise);
  data += d`L0 ${previous}`;
  for (let x = step; x <= width; x += step) {
    const next = base - random.between(0, rise);
    data += d`C${x - step / 2} ${previous} ${x - step / 2} ${next} ${x} ${next}`;
    previous = next;
  }
  return path(`${data}L${width} ${height}Z`, color);
}

/** Water from `top` to the lower edge, with streaks of light. */
export function sea({ palette, random }: Scene, top: number): string {
  const streaks = repeat(13, (index) => {
    const y = top + 16 + (index * (height - top - 26)) / 13;
    const x = random.between(20, width - 240);
    return stroke(d`M${x} ${y}h${random.between(50, 210)}`, palette.light, 3, 0.22);
  });
  return [
    rect(0, top, width, height - top, palette.mid),
    path(d`M0 ${top + 62}Q240 ${top + 44} 480 ${top + 64}T960 ${top + 58}V540H0Z`, palette.near, 0.55),
    streaks,
  ].join('');
}

/** Flat clouds in the upper half. */
export function clouds({ palette, random }: Scene, count: number, opacity = 0.55): string {
  return repeat(count, (index) => {
    const x = (width / count) * index + random.between(10, 120);
    const y = random.between(50, 190);
    const w = random.between(90, 160);
    return path(
      d`M${x} ${y}h${w}a18 18 0 0 0 0 -36h${-w * 0.18}a${w * 0.26} ${w * 0.22} 0 0 0 ${-w * 0.5} -6a24 24 0 0 0 ${-w * 0.32} 42Z`,
      palette.light,
      opacity,
    );
  });
}

/** Scattered stars, for pictures of the night sky. */
export function stars({ palette, random }: Scene, count: number): string {
  return repeat(count, () =>
    circle(
      random.between(0, width),
      random.between(0, 330),
      random.between(1.2, 3.2),
      palette.glow,
      random.chance(0.5) ? 0.9 : 0.5,
    ),
  );
}

/** A table in front of a plain wall with a large disk of light: the stage for things that stand indoors. */
export function table({ palette, random, skyPaint }: Scene): string {
  const cx = 480 + random.between(-70, 70);
  const r = random.between(205, 240);
  return [
    rect(0, 0, width, height, skyPaint),
    circle(cx, 250, r * 1.28, palette.glow, 0.2),
    circle(cx, 250, r, palette.glow, 0.55),
    rect(0, 420, width, 120, palette.mid),
    rect(0, 420, width, 12, palette.far),
  ].join('');
}

/** A tree with a round crown, standing on `y`. */
export function tree(x: number, y: number, size: number, crown: string, trunk: string): string {
  return [
    rect(x - size * 0.06, y - size * 0.6, size * 0.12, size * 0.6, trunk),
    path(
      d`M${x} ${y - size * 1.5}C${x + size * 0.55} ${y - size * 1.3} ${x + size * 0.5} ${y - size * 0.45} ${x} ${y - size * 0.42}C${x - size * 0.5} ${y - size * 0.45} ${x - size * 0.55} ${y - size * 1.3} ${x} ${y - size * 1.5}Z`,
      crown,
    ),
  ].join('');
}
