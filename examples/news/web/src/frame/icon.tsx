const paths = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 4.5 4.5',
  bookmark: 'M6.5 4h11v16.5L12 16.2l-5.5 4.300Z',
  system: 'M4 5h16v11H4Zm5 15h6m-3-4v4',
  light:
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-5v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.400M18.4 5.6 17 7M7 17l-1.4 1.4',
  dark: 'M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10Z',
  down: 'm6 9.5 6 6 6-6',
} as const;

/** A drawn sign of 24 × 24; what it means is said in text beside it. */
export function Icon({
  name,
  isFilled = false,
}: {
  readonly name: keyof typeof paths;
  readonly isFilled?: boolean;
}) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      width="20"
      height="20"
      aria-hidden="true"
      fill={isFilled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}
