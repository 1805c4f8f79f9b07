import { expect, test } from 'vitest';
import {
  contrastOf,
  defaultAccent,
  judgeAccent,
  judgeBackground,
  luminanceOf,
  nearestLegible,
  neededContrast,
  pageColors,
  roundedContrast,
  shifted,
  type Theme,
  textOn,
} from './contrast.ts';

const themes: readonly Theme[] = ['light', 'dark'];
/** Colours from everywhere in the cube. */
const colors = [0, 51, 102, 153, 204, 255].flatMap((red) =>
  [0, 85, 170, 255].flatMap((green) =>
    [0, 128, 255].map(
      (blue) => `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`,
    ),
  ),
);

test('WCAG 2.2: luminance and contrast are those of the definition', () => {
  expect(luminanceOf('#ffffff')).toBeCloseTo(1, 10);
  expect(luminanceOf('#000000')).toBe(0);
  expect(luminanceOf('#ff0000')).toBeCloseTo(0.2126, 10);
  expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21, 10);
  expect(contrastOf('#ffffff', '#000000')).toBeCloseTo(21, 10);
  expect(contrastOf('#123456', '#123456')).toBe(1);
  // The well-known pair around the limit: one grey passes on white, the next lighter one does not.
  expect(contrastOf('#767676', '#ffffff')).toBeGreaterThanOrEqual(4.5);
  expect(contrastOf('#777777', '#ffffff')).toBeLessThan(4.5);
});

test('a ratio is never told better than it is', () => {
  expect(roundedContrast(4.4999)).toBe(4.49);
  expect(roundedContrast(4.5)).toBe(4.5);
});

test('our own colours pass: accents on every ground, quiet text on the canvas', () => {
  for (const theme of themes) {
    expect(judgeAccent(defaultAccent[theme], theme).isEnough).toBe(true);
    expect(judgeBackground(pageColors[theme].canvas, theme).isEnough).toBe(true);
  }
});

test.each(themes)(
  '%s: the suggestion for any colour passes, and is the colour itself where that passes',
  (theme) => {
    for (const color of colors) {
      for (const judge of [judgeAccent, judgeBackground]) {
        const verdict = judge(color, theme);
        expect(judge(verdict.nearest, theme).isEnough, `${color} → ${verdict.nearest}`).toBe(true);
        expect(verdict.nearest === color).toBe(verdict.isEnough);
        expect(verdict.isEnough).toBe(verdict.ratio >= neededContrast);
      }
    }
  },
);

test('the suggestion keeps the hue: yellow becomes a darker yellow, not grey', () => {
  const { nearest } = judgeAccent('#ffcc00', 'light');
  const [red = 0, green = 0, blue = 0] = (nearest.slice(1).match(/../g) ?? []).map((part) =>
    Number.parseInt(part, 16),
  );
  expect(red).toBeGreaterThan(green);
  expect(green).toBeGreaterThan(blue * 2);
});

test('text on an accent is the better of black and white, and can be read on every accent that passes', () => {
  for (const color of colors) {
    for (const theme of themes) {
      const accent = judgeAccent(color, theme).nearest;
      expect(contrastOf(textOn(accent), accent), accent).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('under the pointer an accent is a little darker or lighter, and text on it can still be read', () => {
  for (const color of colors) {
    for (const [theme, step] of [
      ['light', -0.05],
      ['dark', 0.05],
    ] as const) {
      const accent = judgeAccent(color, theme).nearest;
      const hover = shifted(accent, step);
      expect(contrastOf(textOn(accent), hover), `${accent} → ${hover}`).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(luminanceOf(shifted('#006263', -0.05))).toBeLessThan(luminanceOf('#006263'));
});

test('where no lightness will do it is black or white', () => {
  expect(nearestLegible('#777777', ['#777777', '#ffffff', '#000000'])).toMatch(/^#(000000|ffffff)$/);
});
