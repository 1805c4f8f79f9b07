import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium, watchComplaints } from './chromium.ts';
import { type Demo, startDemo, temporaryFolder } from './demo-process.ts';
import { giveLoginName, personOf, signInOnPages, signInToQuotes } from './person.ts';

let demo: Demo;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  [demo, browser] = await Promise.all([startDemo(folder.path), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.interrupt();
  await folder?.remove();
});

beforeEach(async () => {
  context = await browser.newContext({ locale: 'en' });
  page = await context.newPage();
  complaints = watchComplaints(page);
});

afterEach(() => context.close());

const quote = () => page.locator('[data-testid=quote]');
const generate = () => page.locator('[data-testid=generate-quote]');

async function untilNotBusy(): Promise<void> {
  await page.waitForSelector('[data-testid=generate-quote][data-busy=false]');
}

describe('from the quotes page to a quotation', () => {
  test('Ada signs in, is greeted by name, gets a quotation, stays signed in over a reload, and signs out', async () => {
    expect(await signInToQuotes(page, demo, personOf(demo, 'ada'))).toBe('Hello, Ada Lovelace');
    expect(page.url()).toBe(`${demo.web}/`);

    await generate().click();
    expect((await quote().innerText()).length).toBeGreaterThan(10);
    expect((await page.locator('[data-testid=author]').innerText()).length).toBeGreaterThan(2);
    await untilNotBusy();

    await page.reload();
    expect(await page.locator('[data-testid=greeting]').innerText()).toBe('Hello, Ada Lovelace');
    await generate().click();
    await quote().waitFor();
    await untilNotBusy();

    await page.click('[data-testid=sign-out]');
    await page.waitForSelector('[data-testid=sign-in]');
    expect(page.url()).toBe(`${demo.web}/`);
    // The session at Latchkey has ended too: another sign-in asks for the name again.
    await page.click('[data-testid=sign-in]');
    await page.waitForSelector('#loginName');
    expect(complaints).toEqual([]);
  });

  test('the panel shows every step of the way, and the introspection answer with active: true', async () => {
    await signInToQuotes(page, demo, personOf(demo, 'ada'));
    await generate().click();
    await quote().waitFor();
    const steps = page.locator('[data-testid=flow-panel] .flow-step');
    await steps.filter({ hasText: 'Asks whether the token is good' }).waitFor();
    const titles = await steps.locator('h3').allInnerTexts();
    expect(titles.slice(-6)).toEqual([
      'Asks for a sign-in',
      'Sends you back with a code',
      'Trades the code for tokens',
      'Hands out the tokens',
      'Asks for a quotation, gets 200',
      'Asks whether the token is good',
    ]);
    const introspection = steps.last();
    expect(await introspection.locator('code.flow-wire').innerText()).toBe('introspection · active: true');
    await introspection.locator('summary', { hasText: 'as the API saw it' }).click();
    const answer = await introspection.locator('details[open] dl').innerText();
    expect(answer).toContain('ada@example.com');
    expect(answer).toMatch(/active\s+true/);
    const panel = await page.locator('[data-testid=flow-panel]').innerText();
    expect(panel).not.toContain(demo.file.apps['quotes-api']?.clientSecret ?? 'no secret');
    expect(complaints).toEqual([]);
  });

  test('a wrong password and an unknown name are told in the same words, and the right password works after', async () => {
    await page.goto(`${demo.web}/`);
    await page.click('[data-testid=sign-in]');
    const sentence = 'The login name or the password is wrong. Check both and try again.';
    await giveLoginName(page, 'nobody@example.com');
    await page.fill('#password', 'not-the-password-at-all');
    await page.click('#submit');
    expect(await page.locator('#password-problem').innerText()).toBe(sentence);
    await page.click('#other-account');
    await page.waitForSelector('#loginName');
    await giveLoginName(page, 'ada@example.com');
    await page.fill('#password', 'not-the-password-at-all');
    await page.click('#submit');
    expect(await page.locator('#password-problem').innerText()).toBe(sentence);
    expect(await page.locator('#password').getAttribute('aria-invalid')).toBe('true');
    await page.fill('#password', personOf(demo, 'ada').password);
    await page.click('#submit');
    await page.waitForSelector('[data-testid=greeting]');
    // The browser itself notes the two refusals, 400, and nothing else is wrong.
    expect(complaints.filter((line) => !/status of 400/.test(line))).toEqual([]);
  });

  test('Grace signs in beside Ada in another browser, and each sees her own name', async () => {
    await signInToQuotes(page, demo, personOf(demo, 'ada'));
    const other = await browser.newContext({ locale: 'en' });
    try {
      const hers = await other.newPage();
      expect(await signInToQuotes(hers, demo, personOf(demo, 'grace'))).toBe('Hello, Grace Hopper');
      await page.reload();
      expect(await page.locator('[data-testid=greeting]').innerText()).toBe('Hello, Ada Lovelace');
    } finally {
      await other.close();
    }
    expect(complaints).toEqual([]);
  });
});

test('a deactivated user gets no quotation a second later, the page says so, and an activated one signs in again', async () => {
  const ada = personOf(demo, 'ada');
  await signInToQuotes(page, demo, ada);
  await generate().click();
  await quote().waitFor();
  await untilNotBusy();

  expect(await demo.latchkey('users', 'deactivate', ada.loginName)).toContain('is inactive now');
  const deactivatedAt = Date.now();
  let lastGoodAskedAt = 0;
  for (;;) {
    const askedAt = Date.now();
    await generate().click();
    await untilNotBusy();
    if ((await page.locator('[data-testid=error]').count()) > 0) break;
    lastGoodAskedAt = askedAt;
    expect(askedAt - deactivatedAt).toBeLessThan(1000);
  }
  expect(lastGoodAskedAt - deactivatedAt).toBeLessThan(1000);
  expect(await page.locator('[data-testid=error]').innerText()).toContain(
    'The API did not accept your access token',
  );

  await page.click('[data-testid=sign-out]');
  await page.click('[data-testid=sign-in]');
  await page.waitForSelector('#loginName');
  await signInOnPages(page, ada);
  expect(await page.locator('#password-problem').innerText()).toContain('is wrong');

  expect(await demo.latchkey('users', 'activate', ada.loginName)).toContain('is active now');
  await page.fill('#password', ada.password);
  await page.click('#submit');
  expect(await page.locator('[data-testid=greeting]').innerText()).toBe('Hello, Ada Lovelace');
  await generate().click();
  await quote().waitFor();
});

describe('the quotes API', () => {
  const ask = (headers: Readonly<Record<string, string>>, method = 'GET') =>
    fetch(`${demo.api}/api/quote`, { headers, method });

  test('RFC 6750 §3: 401 with a challenge, without a token and with a bad one', async () => {
    const without = await ask({});
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toMatch(/^Bearer/);
    const bad = await ask({ authorization: 'Bearer not-a-token' });
    expect(bad.status).toBe(401);
    expect(bad.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test('only the origin of the quotes page may read the answers', async () => {
    expect((await ask({ origin: demo.web })).headers.get('access-control-allow-origin')).toBe(demo.web);
    expect((await ask({ origin: 'https://evil.example' })).headers.has('access-control-allow-origin')).toBe(
      false,
    );
    const preflight = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    };
    const allowed = await ask({ ...preflight, origin: demo.web }, 'OPTIONS');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('Authorization, DPoP');
    const refused = await ask({ ...preflight, origin: 'https://evil.example' }, 'OPTIONS');
    expect([...refused.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
