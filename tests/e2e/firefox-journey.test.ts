import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo, temporaryFolder } from './demo-process.ts';
import { type Firefox, launchFirefox } from './firefox.ts';
import { personOf } from './person.ts';

let demo: Demo;
let firefox: Firefox;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  [demo, firefox] = await Promise.all([startDemo(folder.path), launchFirefox()]);
}, 150_000);

afterAll(async () => {
  await firefox?.stop();
  await demo?.interrupt();
  await folder?.remove();
});

const greeting = '[data-testid=greeting]';

async function generateQuote(): Promise<string> {
  await firefox.click('[data-testid=generate-quote][data-busy=false]');
  return firefox
    .text('[data-testid=generate-quote][data-busy=false]')
    .then(() => firefox.text('[data-testid=quote]'));
}

test('in Firefox: sign-in, greeting, quotation, reload, a second tab, sign-out in both', async () => {
  const ada = personOf(demo, 'ada');
  await firefox.goto(`${demo.web}/`);
  await firefox.click('[data-testid=sign-in]');
  await firefox.type('#loginName', ada.loginName);
  await firefox.click('#submit');
  await firefox.type('#password', ada.password);
  await firefox.click('#submit');
  expect(await firefox.text(greeting)).toBe('Hello, Ada Lovelace');
  expect(await firefox.url()).toBe(`${demo.web}/`);
  expect((await generateQuote()).length).toBeGreaterThan(10);
  // The key binds the token here too, and cannot leave.
  const panel = `return document.querySelector('[data-testid=flow-panel]').textContent`;
  expect(await firefox.run(panel)).toMatch(/Authorization\s*DPoP/);

  await firefox.reload();
  expect(await firefox.text(greeting)).toBe('Hello, Ada Lovelace');
  expect((await generateQuote()).length).toBeGreaterThan(10);

  const first = await firefox.currentTab();
  const second = await firefox.newTab(`${demo.web}/`);
  expect(await firefox.text(greeting)).toBe('Hello, Ada Lovelace');
  expect((await generateQuote()).length).toBeGreaterThan(10);

  await firefox.switchTo(first);
  await firefox.click('[data-testid=sign-out]');
  await firefox.text('[data-testid=sign-in]');
  await firefox.switchTo(second);
  await firefox.text('[data-testid=sign-in]');
  // The session at Latchkey has ended too.
  await firefox.click('[data-testid=sign-in]');
  await firefox.type('#loginName', ada.loginName);
}, 120_000);
