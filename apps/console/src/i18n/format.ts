import { useMemo } from 'react';
import { useLanguage } from './language.ts';

const units = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** How numbers and times read in the chosen language. */
export interface Formats {
  readonly number: (value: number) => string;
  readonly date: (time: string) => string;
  readonly dateTime: (time: string) => string;
  /** "3 minutes ago", seen from `nowMs`. */
  readonly relative: (time: string, nowMs: number) => string;
  /** "12 hours", of seconds. */
  readonly duration: (seconds: number) => string;
}

/** Formats of one language. */
export function createFormats(language: string): Formats {
  const numbers = new Intl.NumberFormat(language);
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  return {
    number: (value) => numbers.format(value),
    date: (time) => dates.format(new Date(time)),
    dateTime: (time) => times.format(new Date(time)),
    relative: (time, nowMs) => {
      const seconds = (Date.parse(time) - nowMs) / 1000;
      const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
      return relative.format(Math.trunc(seconds / size), unit);
    },
    duration: (seconds) => {
      const [unit, size] = units.find(([, each]) => seconds >= each && seconds % each === 0) ?? ['second', 1];
      return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
        seconds / size,
      );
    },
  };
}

/** Formats of the chosen language. */
export function useFormats(): Formats {
  const { language } = useLanguage();
  return useMemo(() => createFormats(language), [language]);
}
