/**
 * Whether colours can be read: contrast by WCAG 2.2, and the nearest colour that can. Free of zod, so that the console can
 * show while somebody types what the API will say.
 */

/** Text on a ground needs this much (WCAG 2.2, success criterion 1.4.3). */
export const neededContrast = 4.5;

/** A theme of the sign-in pages. */
export type Theme = 'light' | 'dark';

type Triple = readonly [number, number, number];

/** What the sign-in pages are painted with besides an organization's own colours, as sRGB. `grounds` carry links. */
export const pageColors = {
  light: { canvas: '#f6f8f9', grounds: ['#ffffff', '#f6f9f9', '#f6f8f9'], muted: '#525d5f', text: '#151f21' },
  dark: { canvas: '#0a0e0f', grounds: ['#101617', '#161d1e', '#0a0e0f'], muted: '#9ba7a9', text: '#e7eced' },
} as const satisfies Readonly<
  Record<
    Theme,
    {
      readonly canvas: string;
      readonly grounds: readonly string[];
      readonly muted: string;
      readonly text: string;
    }
  >
>;

/** The accent where nobody has chosen one. */
export const defaultAccent: Readonly<Record<Theme, string>> = { light: '#006263', dark: '#6ac2c3' };

function channelsOf(color: string): Triple {
  const value = Number.parseInt(color.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

// IEC 61966-2-1; WCAG 2.2 rounds the threshold to the same effect.
function toLinear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

function toEncoded(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

function hexOf(channels: Triple): string {
  const digits = channels.map((channel) =>
    Math.round(Math.min(1, Math.max(0, channel)) * 255)
      .toString(16)
      .padStart(2, '0'),
  );
  return `#${digits.join('')}`;
}

/** Relative luminance of a colour such as `#0a7f5c` (WCAG 2.2). */
export function luminanceOf(color: string): number {
  const [red, green, blue] = channelsOf(color);
  return 0.2126 * toLinear(red) + 0.7152 * toLinear(green) + 0.0722 * toLinear(blue);
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2). */
export function contrastOf(one: string, other: string): number {
  const [first, second] = [luminanceOf(one), luminanceOf(other)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

/** A ratio as people read it, never better than it is: 4.4999 is 4.49. */
export function roundedContrast(ratio: number): number {
  return Math.floor(ratio * 100) / 100;
}

interface Oklch {
  readonly lightness: number;
  readonly a: number;
  readonly b: number;
}

// The matrices of Björn Ottosson's OKLab, as CSS Color 4 §10 has them for linear sRGB.
function toOklab(color: string): Oklch {
  const [red, green, blue] = channelsOf(color);
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {
    lightness: 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    a: 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    b: 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  };
}

function toRgb({ lightness, a, b }: Oklch): Triple {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toEncoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    toEncoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    toEncoded(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

/** The same hue at another lightness, with as much of its colour as a screen can show. */
function withLightness(color: Oklch, lightness: number): string {
  for (let share = 1; share > 0; share -= 0.05) {
    const channels = toRgb({ lightness, a: color.a * share, b: color.b * share });
    if (channels.every((channel) => channel > -0.001 && channel < 1.001)) return hexOf(channels);
  }
  return hexOf(toRgb({ lightness, a: 0, b: 0 }));
}

/** A colour a little lighter (above 0) or darker (below 0), by `step` of OKLCH lightness from 0 to 1. */
export function shifted(color: string, step: number): string {
  const from = toOklab(color);
  return withLightness(from, Math.min(1, Math.max(0, from.lightness + step)));
}

function worstContrast(color: string, others: readonly string[]): number {
  return Math.min(...others.map((other) => contrastOf(color, other)));
}

/** The colour of the same hue, nearest in lightness, that has enough contrast with all of `others`; black or white if none has. */
export function nearestLegible(color: string, others: readonly string[]): string {
  if (worstContrast(color, others) >= neededContrast) return color;
  const from = toOklab(color);
  for (let distance = 0.004; distance <= 1; distance += 0.004) {
    for (const lightness of [from.lightness - distance, from.lightness + distance]) {
      if (lightness < 0 || lightness > 1) continue;
      const candidate = withLightness(from, lightness);
      if (worstContrast(candidate, others) >= neededContrast) return candidate;
    }
  }
  return worstContrast('#000000', others) > worstContrast('#ffffff', others) ? '#000000' : '#ffffff';
}

/** How well a colour can be read where the sign-in pages use it. */
export interface ContrastVerdict {
  readonly isEnough: boolean;
  /** Two decimals, rounded down. */
  readonly ratio: number;
  /** The colour it was held against. */
  readonly against: string;
  /** The colour itself when it is good enough, else the nearest that is. */
  readonly nearest: string;
}

function judge(color: string, others: readonly string[]): ContrastVerdict {
  const sorted = [...others].sort((one, other) => contrastOf(color, one) - contrastOf(color, other));
  const against = sorted[0] ?? color;
  const ratio = contrastOf(color, against);
  return {
    isEnough: ratio >= neededContrast,
    ratio: roundedContrast(ratio),
    against,
    nearest: nearestLegible(color, others),
  };
}

/** Whether an accent can be read as a link on the grounds of a theme, the page's own canvas included. */
export function judgeAccent(color: string, theme: Theme): ContrastVerdict {
  return judge(color, pageColors[theme].grounds);
}

/** Whether the quiet text below the card can be read on a background. */
export function judgeBackground(color: string, theme: Theme): ContrastVerdict {
  return judge(color, [pageColors[theme].muted]);
}

/** Black or white, whichever can be read better on a colour: the text of a button. */
export function textOn(color: string): string {
  return contrastOf('#ffffff', color) >= contrastOf('#0b0f10', color) ? '#ffffff' : '#0b0f10';
}
