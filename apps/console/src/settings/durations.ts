/** Units a duration is written in. */
export const durationUnits = ['seconds', 'minutes', 'hours', 'days'] as const;

/** A unit a duration is written in. */
export type DurationUnit = (typeof durationUnits)[number];

const secondsOf: Readonly<Record<DurationUnit, number>> = {
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
};

/** The largest unit that says a duration without a fraction. */
export function fittingUnit(seconds: number): DurationUnit {
  const fitting = durationUnits.filter(
    (unit) => seconds >= secondsOf[unit] && seconds % secondsOf[unit] === 0,
  );
  return fitting.at(-1) ?? 'seconds';
}

/** A duration in a unit, rounded to what people read: two decimals. */
export function inUnit(seconds: number, unit: DurationUnit): number {
  return Math.round((seconds / secondsOf[unit]) * 100) / 100;
}

/** Whole seconds of an amount in a unit. */
export function toSeconds(amount: number, unit: DurationUnit): number {
  return Math.round(amount * secondsOf[unit]);
}
