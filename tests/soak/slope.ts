/** A value measured at a time; both in any unit. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** The least-squares slope of the samples: how much the value grows per unit of time. 0 with fewer than two times. */
export function slopeOf(samples: readonly Sample[]): number {
  const { length } = samples;
  const mean = (pick: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / length;
  const [meanAt, meanValue] = [mean(({ at }) => at), mean(({ value }) => value)];
  const spread = samples.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  if (length < 2 || spread === 0) return 0;
  return samples.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0) / spread;
}
