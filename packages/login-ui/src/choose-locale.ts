import { defaultLocale, supportedLocales } from './locales.ts';

/** Nobody lists more languages than this; what follows is not read. */
const maxRanges = 20;
/** RFC 5646 §4.4.1: 35 characters hold every ordinary tag. A longer range costs time and finds nothing. */
const maxRangeLength = 35;

const weightPattern = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

interface WeightedRange {
  readonly range: string;
  readonly weight: number;
}

/** RFC 9110 §12.5.4: one `range;q=weight`; undefined when the weight is malformed or says "not acceptable". */
function parseWeightedRange(text: string): WeightedRange | undefined {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim());
  const parameter = parameters[0];
  if (parameter === undefined) return { range, weight: 1 };
  const weight = Number(weightPattern.exec(parameter)?.[1] ?? 0);
  return weight > 0 ? { range, weight } : undefined;
}

function parseAcceptLanguage(header: string): string[] {
  return header
    .split(',', maxRanges)
    .map(parseWeightedRange)
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.weight - a.weight)
    .map((entry) => entry.range);
}

/** RFC 4647 §3.4: the range is shortened from its end until it names a language we have. */
function lookUp(range: string, offered: readonly string[]): string | undefined {
  if (range.length > maxRangeLength) return undefined;
  const subtags = range.toLowerCase().split('-');
  while (subtags.length > 0) {
    const candidate = subtags.join('-');
    const found = offered.find((tag) => tag.toLowerCase() === candidate);
    if (found !== undefined) return found;
    subtags.pop();
    // A single letter only introduces what followed it, so it goes as well.
    if (subtags.at(-1)?.length === 1) subtags.pop();
  }
  return undefined;
}

/**
 * Chooses the language of a page by the lookup of RFC 4647 §3.4.
 *
 * @param uiLocales the `ui_locales` parameter: tags separated by spaces, best first (OpenID Connect Core 1.0 §3.1.2.1)
 * @param acceptLanguage the `Accept-Language` header (RFC 9110 §12.5.4), asked when `uiLocales` names nothing we have
 * @param offered the languages to choose from, all of ours by default
 * @returns one of `offered`; the first of them when nothing fits
 */
export function chooseLocale(
  uiLocales: string | undefined,
  acceptLanguage: string | undefined,
  offered: readonly string[] = supportedLocales,
): string {
  const ranges = [...(uiLocales ?? '').split(' ', maxRanges), ...parseAcceptLanguage(acceptLanguage ?? '')];
  for (const range of ranges) {
    const found = lookUp(range, offered);
    if (found !== undefined) return found;
  }
  return offered[0] ?? defaultLocale.tag;
}
