import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { projectRoot } from './demo-process.ts';

/** Starts the browser the journeys are made with. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * Has the pages of a context use workers of their own: Playwright sees no request of a shared worker end, so `networkidle`
 * would never come, and it can intercept none.
 */
export async function withoutSharedWorkers(context: BrowserContext): Promise<void> {
  await context.addInitScript('delete window.SharedWorker');
}

/** Gathers what the browser objects to: console errors and warnings (violated policies among them) and thrown errors. */
export function watchComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  return complaints;
}

/** What axe finds on the page, a line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    (rule) => `${page.url().split('?')[0]}: ${rule.id}: ${rule.nodes.map((node) => node.html).join(' | ')}`,
  );
}

/** Keeps a picture of the whole page as artefacts/screenshots/NAME.png. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = join(projectRoot, 'artefacts', 'screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' });
}
