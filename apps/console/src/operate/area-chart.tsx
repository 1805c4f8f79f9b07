interface AreaChartProps {
  readonly label: string;
  readonly values: readonly number[];
}

const width = 300;
const height = 100;

/** A small area chart; the figures stand in the table beside it. */
export function AreaChart({ label, values }: AreaChartProps) {
  const highest = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const points = values.map(
    (value, index) =>
      `${(index * step).toFixed(1)},${(height - (value / highest) * (height - 6)).toFixed(1)}`,
  );
  const line = `M${points.join('L')}`;
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path className="area" d={`${line}L${width},${height}L0,${height}Z`} />
      <path className="line" d={line} />
    </svg>
  );
}
