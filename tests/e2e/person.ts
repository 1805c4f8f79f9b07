import type { Page } from 'playwright-core';
import type { Demo } from './demo-process.ts';

/** Somebody who can sign in. */
export interface Person {
  readonly loginName: string;
  readonly password: string;
}

/** A user of the demo by the beginning of the login name. */
export function personOf(demo: Demo, name: 'ada' | 'grace'): Person {
  const found = demo.file.users.find((user) => user.loginName.startsWith(`${name}@`));
  if (found === undefined) throw new Error(`The demo has no ${name}.`);
  return found;
}

/** Fills in the login-name page, which must be open. */
export async function giveLoginName(page: Page, loginName: string): Promise<void> {
  await page.fill('#loginName', loginName);
  await page.click('#submit');
  await page.waitForSelector('#password');
}

/** Goes through both sign-in pages, which must be open at the first. */
export async function signInOnPages(page: Page, person: Person): Promise<void> {
  await giveLoginName(page, person.loginName);
  await page.fill('#password', person.password);
  await page.click('#submit');
}

/** Opens the quotes page, signs in and waits for the greeting; resolves to its text. */
export async function signInToQuotes(page: Page, demo: Demo, person: Person): Promise<string> {
  await page.goto(`${demo.web}/`);
  await page.click('[data-testid=sign-in]');
  await page.waitForSelector('#loginName');
  await signInOnPages(page, person);
  return await page.locator('[data-testid=greeting]').innerText();
}
