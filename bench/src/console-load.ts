import type { Page } from 'playwright-core';
import { startConsoleWorld } from '../../tests/e2e/console-world.ts';
import { quantile } from './quantile.ts';

/** How quickly the console is there, in Chromium on the same machine as the server. */
export interface ConsoleResult {
  /** Largest contentful paint of a signed-in page with an empty cache, worst of the samples. */
  readonly coldPaintMs: number;
  /** The same with what the browser keeps. */
  readonly warmPaintMs: number;
  /** From the click on a page visited before until its rows are painted. */
  readonly navigationMedianMs: number;
  readonly navigationWorstMs: number;
}

const visited = ['projects', 'applications', 'users', 'events', 'organizations'] as const;

/** Time of the largest paint since the navigation began, once nothing is under way any more. */
async function largestPaintMs(page: Page, address: string): Promise<number> {
  await page.goto(address);
  await page.waitForSelector('main h1');
  await page.waitForLoadState('networkidle');
  return await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? 0)).observe({
          type: 'largest-contentful-paint',
          buffered: true,
        });
      }),
  );
}

/** Presses a link of the sidebar; time until the list is painted. */
async function navigationMs(page: Page, path: string): Promise<number> {
  return await page.evaluate(async (href) => {
    const link = document.querySelector<HTMLAnchorElement>(`nav a[href="/console/${href}"]`);
    if (link === null) throw new Error(`The sidebar has no ${href}.`);
    const began = performance.now();
    link.click();
    while (
      link.getAttribute('aria-current') !== 'page' ||
      document.querySelector('main h1') === null ||
      document.querySelector('main tbody tr, main .object-list li') === null
    )
      await new Promise((resolve) => requestAnimationFrame(resolve));
    // The next frame begins when this one is painted.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - began;
  }, path);
}

/** Opens the built console over and over. */
export async function measureConsole(samples: number): Promise<ConsoleResult> {
  const desk = await startConsoleWorld();
  try {
    const { page, context, world } = desk;
    await world.owner.call('createProject', { body: { name: 'Measured' } });
    const address = `${world.server.issuer}/console/users`;
    const session = await context.newCDPSession(page);
    const paints = async (cacheDisabled: boolean): Promise<readonly number[]> => {
      await session.send('Network.setCacheDisabled', { cacheDisabled });
      const found: number[] = [];
      for (let sample = 0; sample < samples; sample += 1) found.push(await largestPaintMs(page, address));
      return found;
    };
    await session.send('Network.enable');
    await largestPaintMs(page, address);
    const [cold, warm] = [await paints(true), await paints(false)];
    const times: number[] = [];
    for (let round = 0; round <= samples; round += 1)
      for (const path of visited) {
        const time = await navigationMs(page, path);
        // The first round fills the cache.
        if (round > 0) times.push(time);
        else await page.waitForLoadState('networkidle');
      }
    return {
      coldPaintMs: Math.max(...cold),
      warmPaintMs: Math.max(...warm),
      navigationMedianMs: quantile(times, 0.5),
      navigationWorstMs: Math.max(...times),
    };
  } finally {
    await desk.stop();
  }
}
