/** @jsxRuntime automatic */
/** @jsxImportSource preact */

const bow = { cx: 8, cy: 11.5, r: 3.25 };
const blade = 'M11.25 11.5h7.5v3.75M15 11.5v2.75';

/** The small key before the organization's name. It says nothing the name does not, so screen readers skip it. */
export function KeyMark() {
  return (
    <svg class="key-mark" viewBox="0 0 24 24" width="32" height="32" aria-hidden="true">
      <rect class="key-mark-plate" width="24" height="24" rx="6" />
      <circle class="key-mark-line" {...bow} />
      <path class="key-mark-line" d={blade} />
    </svg>
  );
}

/** The same key as a `data:` URL for the browser's tab, so that no icon is fetched. Its colours suit light and dark tabs. */
export const keyMarkIcon = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#0f6566"/>` +
    `<g fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"><circle cx="${bow.cx}" cy="${bow.cy}" r="${bow.r}"/>` +
    `<path d="${blade}"/></g></svg>`,
)}`;
