/**
 * The pages' one style sheet. Colours are OKLCH tokens, light and dark side by side; each pair of text and ground has at
 * least 4.5:1, each control's edge 3:1. An engine without OKLCH gets the light colours as they are in sRGB.
 * Distances are logical (`inline`, `block`), so a right-to-left page needs nothing else.
 */
const source = `
:root {
  color-scheme: light dark;
  --canvas: oklch(97.8% 0.002 230);
  --surface: oklch(100% 0 0);
  --raised: oklch(98% 0.003 210);
  --hover: oklch(96% 0.005 210);
  --hairline: oklch(91% 0.006 210);
  --edge: oklch(63% 0.012 210);
  --text: oklch(23% 0.014 210);
  --muted: oklch(47% 0.014 210);
  --accent: oklch(45% 0.078 196);
  --accent-hover: oklch(40% 0.07 196);
  --on-accent: oklch(99% 0.005 196);
  --danger: oklch(50% 0.17 27);
  --danger-ground: oklch(96.5% 0.018 27);
  --danger-hairline: oklch(88% 0.06 27);
  --radius: 0.5rem;
  --font: -apple-system;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --canvas: oklch(16% 0.007 210);
    --surface: oklch(19.5% 0.009 210);
    --raised: oklch(22.5% 0.01 210);
    --hover: oklch(25.5% 0.012 210);
    --hairline: oklch(29% 0.012 210);
    --edge: oklch(54% 0.016 210);
    --text: oklch(94% 0.006 210);
    --muted: oklch(72% 0.014 210);
    --accent: oklch(76% 0.085 196);
    --accent-hover: oklch(81% 0.08 196);
    --on-accent: oklch(20% 0.03 196);
    --danger: oklch(78% 0.12 25);
    --danger-ground: oklch(25% 0.04 25);
    --danger-hairline: oklch(38% 0.07 25);
  }
}
@supports not (color: oklch(0% 0 0)) {
  :root {
    color-scheme: light;
    --canvas: #f6f8f9;
    --surface: #ffffff;
    --raised: #f6f9f9;
    --hover: #eef3f4;
    --hairline: #dde2e3;
    --edge: #818b8d;
    --text: #151f21;
    --muted: #525d5f;
    --accent: #006263;
    --accent-hover: #005354;
    --on-accent: #f8fdfd;
    --danger: #b02b27;
    --danger-ground: #ffefed;
    --danger-hairline: #fdc9c2;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-block-size: 100vh;
  min-block-size: 100dvh;
  display: flex;
  background: var(--canvas);
  color: var(--text);
  font: 400 1rem/1.5 var(--font), -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
button, input { font: inherit; color: inherit; }
a, button { -webkit-tap-highlight-color: transparent; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.column { inline-size: 100%; max-inline-size: 27.5rem; margin: auto; padding: 1.5rem 1.25rem; }
.wordmark { display: flex; align-items: center; gap: 0.625rem; margin-block-end: 1.75rem; font-size: 0.9375rem; font-weight: 600; }
.wordmark picture { flex: 1; min-inline-size: 0; }
.logo { display: block; block-size: 2.5rem; max-inline-size: 100%; object-fit: contain; object-position: left center; }
[dir="rtl"] .logo { object-position: right center; }
.key-mark { flex: none; inline-size: 2rem; block-size: 2rem; }
.key-mark-plate { fill: var(--text); }
.key-mark-line { fill: none; stroke: var(--surface); stroke-width: 1.8; stroke-linecap: round; }

.application-logo { display: block; inline-size: 3rem; block-size: 3rem; margin-block-end: 1rem; overflow: hidden; border-radius: var(--radius); }
.application-logo img { max-inline-size: 100%; max-block-size: 100%; }
h1 { font-size: 1.375rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.012em; text-wrap: balance; }
.subtitle { display: block; margin-block-start: 0.25rem; font-size: 1rem; line-height: 1.5; font-weight: 400; letter-spacing: 0; color: var(--muted); }
.subtitle .name { color: var(--text); }
.advice { margin-block-start: 0.5rem; color: var(--muted); text-wrap: pretty; }
.advice .name { color: var(--text); }
.name { font-weight: 600; }
.muted { color: var(--muted); }

form { margin-block-start: 1.5rem; }
.field { margin-block-end: 1.25rem; }
label { display: block; margin-block-end: 0.375rem; font-size: 0.875rem; font-weight: 600; }
input {
  display: block;
  inline-size: 100%;
  min-block-size: 2.75rem;
  padding: 0.5rem 0.75rem;
  font-size: max(1rem, 16px);
  background: var(--surface);
  border: 1px solid var(--edge);
  border-radius: var(--radius);
}
input:hover { border-color: var(--muted); }
input:focus-visible { border-color: var(--accent); outline-offset: 1px; }
input[aria-invalid] { border-color: var(--danger); }

.button {
  display: flex;
  align-items: center;
  justify-content: center;
  inline-size: 100%;
  min-block-size: 2.75rem;
  padding: 0.5rem 1rem;
  border: 1px solid transparent;
  border-radius: var(--radius);
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.button:hover { background: var(--accent-hover); }
.button-quiet { background: transparent; border-color: var(--edge); color: var(--text); }
.button-quiet:hover { background: var(--hover); }
.advice + .button { margin-block-start: 1.25rem; }
.button + .button { margin-block-start: 0.75rem; }

.cancel { margin-block-start: 0.75rem; }
.ways { margin-block-start: 1.25rem; }
.text-link, .quiet-link { color: var(--accent); font-size: 0.9375rem; text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
.text-link { display: flex; align-items: center; flex: none; min-block-size: 2.75rem; }
.quiet-link { display: flex; align-items: center; justify-content: center; min-block-size: 2.75rem; margin-block-start: 0.75rem; text-align: center; }
.quiet-link:last-child { margin-block-end: -0.5rem; }

.account { display: flex; align-items: center; gap: 0.75rem; min-inline-size: 0; text-align: start; }
.avatar {
  flex: none;
  display: flex;
  align-items: center;
  justify-content: center;
  inline-size: 2.25rem;
  block-size: 2.25rem;
  border-radius: 50%;
  background: var(--hover);
  border: 1px solid var(--hairline);
  color: var(--text);
  font-size: 0.875rem;
  font-weight: 600;
}
.lines { flex: 1; min-inline-size: 0; font-size: 0.875rem; line-height: 1.4; color: var(--muted); }
.lines bdi { display: block; }
.lines .name { font-size: 0.9375rem; color: var(--text); }
.chosen {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  column-gap: 0.75rem;
  margin-block-start: 1.5rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--hairline);
  border-radius: var(--radius);
  background: var(--raised);
}
.chosen .account { flex: 1 1 11rem; min-block-size: 2.75rem; }
.chosen + .button { margin-block-start: 1.25rem; }
.accounts { border: 1px solid var(--hairline); border-radius: var(--radius); overflow: clip; overflow-clip-margin: 4px; }
.accounts li + li { border-block-start: 1px solid var(--hairline); }
.account-choice {
  inline-size: 100%;
  min-block-size: 3.75rem;
  padding: 0.625rem 0.75rem;
  background: transparent;
  border: 0;
  border-radius: max(0px, calc(var(--radius) - 1px));
  cursor: pointer;
}
.account-choice:hover { background: var(--hover); }
.account-choice:focus-visible { outline-offset: -2px; }
.accounts-boxed { margin-block-start: 1.25rem; background: var(--raised); }
.accounts-boxed li { padding: 0.625rem 0.75rem; }

.sign { flex: none; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.chevron { color: var(--muted); }
[dir="rtl"] .chevron { transform: scaleX(-1); }
.problem { display: flex; gap: 0.5rem; color: var(--danger); font-size: 0.875rem; line-height: 1.45; }
.problem .sign { margin-block-start: 0.125rem; }
.problem-line { margin-block-start: 0.5rem; }
.problem-box { margin-block-end: 1.25rem; padding: 0.75rem; border: 1px solid var(--danger-hairline); border-radius: var(--radius); background: var(--danger-ground); }

.facts { margin-block-start: 1.5rem; padding: 0.875rem 1rem; border: 1px solid var(--hairline); border-radius: var(--radius); background: var(--raised); font-size: 0.8125rem; line-height: 1.5; color: var(--muted); }
.facts div + div { margin-block-start: 0.625rem; }
.facts dd { color: var(--text); }
code { font: 0.8125rem/1.5 var(--mono); user-select: all; -webkit-user-select: all; }

.hint { margin-block-start: 0.375rem; font-size: 0.875rem; line-height: 1.45; color: var(--muted); }
form + .hint { margin-block-start: 0.75rem; }
.asked-for { margin-block-start: 0.75rem; }
.asked-for li { display: flex; gap: 0.625rem; padding-block: 0.375rem; line-height: 1.45; }
.asked-for .sign { margin-block-start: 0.1875rem; color: var(--accent); }
.asked-of { margin-block-end: 1.25rem; padding: 1rem; border: 1px solid var(--hairline); border-radius: var(--radius); background: var(--raised); }
.asked-of .chosen { margin-block-start: 1rem; background: var(--surface); }
.asked-of .button:first-of-type { margin-block-start: 1rem; }
.user-code { font: 600 1.375rem/1.4 var(--mono); letter-spacing: 0.08em; text-transform: uppercase; }
.warning { margin-block: 1.25rem 0; padding: 0.75rem; border: 1px solid var(--hairline); border-radius: var(--radius); font-size: 0.9375rem; line-height: 1.45; }
.asked-of:last-child { margin-block-end: 0; }
.asked-of .facts dd { font-size: 1rem; font-weight: 600; }
form:has(> ul:empty) { margin: 0; }
.facts + .advice, .told + .advice { margin-block-start: 1.25rem; }
.told { margin-block: 1rem 0; padding: 0.75rem; border: 1px solid var(--hairline); border-radius: var(--radius); background: var(--raised); font-size: 0.9375rem; }
.reveal { min-block-size: 2.75rem; padding: 0; border: 0; background: transparent; color: var(--accent); font-size: 0.9375rem; text-decoration: underline; text-underline-offset: 0.2em; text-decoration-thickness: 1px; cursor: pointer; }
.application-links { display: flex; flex-wrap: wrap; column-gap: 1rem; margin-block: 0.75rem -0.75rem; font-size: 0.8125rem; }
.application-links a { display: flex; align-items: center; min-block-size: 2.75rem; color: var(--muted); text-underline-offset: 0.25em; text-decoration-thickness: 1px; }
.application-links a:hover { color: var(--text); }

.languages { display: flex; flex-wrap: wrap; justify-content: center; column-gap: 0.25rem; margin-block-start: 1rem; font-size: 0.8125rem; color: var(--muted); }
.languages a, .languages span { display: flex; align-items: center; min-block-size: 2.75rem; padding-inline: 0.625rem; border-radius: calc(var(--radius) * 0.75); }
.languages a { color: var(--muted); text-underline-offset: 0.25em; text-decoration-thickness: 1px; }
.languages a:hover { color: var(--text); }
.languages + .languages { margin-block-start: 0; }
.languages span { color: var(--text); font-weight: 600; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; min-block-size: 0; padding: 0; margin: -1px; border: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (min-width: 30rem) {
  .card { padding: 2rem; border: 1px solid var(--hairline); border-radius: calc(var(--radius) * 1.5); background: var(--surface); }
}
@media (prefers-reduced-motion: no-preference) {
  .button, .account-choice, input { transition: background-color 0.14s ease-out, border-color 0.14s ease-out; }
}
@media (forced-colors: active) {
  .key-mark-plate { fill: CanvasText; }
  .key-mark-line { stroke: Canvas; }
}
`;

/** The style sheet as it is sent: one line. */
export const pageStyles = source.replace(/\s+/g, ' ').trim();
