import type { Page } from '../src/page.ts';
import { openBrowserPage } from '../src/page.ts';
import type { FakeIssuer } from './fake-issuer.ts';

/** The page of the test DOM with its own clock, its navigations noted and the hidden frame played by the issuer. */
export type FakePage = Page & {
  readonly navigations: string[];
  readonly frames: string[];
  /** Moves the clock. */
  advance(ms: number): void;
};

/** Creates one over the test's `window`. */
export function createFakePage(issuer: FakeIssuer, overrides: Partial<Page> = {}): FakePage {
  const page = openBrowserPage();
  const navigations: string[] = [];
  const frames: string[] = [];
  let offsetMs = 0;
  return {
    ...page,
    nowMs: () => Date.now() + offsetMs,
    navigate: (url) => navigations.push(url),
    runSilentFrame: async (url) => {
      frames.push(url);
      return issuer.authorize(url, issuer.bend.session);
    },
    ...overrides,
    navigations,
    frames,
    advance(ms) {
      offsetMs += ms;
    },
  };
}

/** Puts an address into the address bar, as a load would. */
export function visit(url: string): void {
  window.history.replaceState(
    null,
    '',
    new URL(url, window.location.href).href.slice(window.location.origin.length),
  );
}
