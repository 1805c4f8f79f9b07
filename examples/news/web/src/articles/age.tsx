import { formatAge, formatExact } from './format-time.ts';

/** When something happened: relative, with the exact time as a tooltip. */
export function Age({ at }: { readonly at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatExact(date)}>
      {formatAge(date, new Date())}
    </time>
  );
}
