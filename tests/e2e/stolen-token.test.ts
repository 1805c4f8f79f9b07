import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';
import { type Demo, startDemo, temporaryFolder } from './demo-process.ts';
import { personOf, signInOnPages, signInToQuotes } from './person.ts';

let demo: Demo;
let browser: Browser;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  [demo, browser] = await Promise.all([startDemo(folder.path), launchChromium()]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await demo?.interrupt();
  await folder?.remove();
});

/** What somebody sees who reads along: the request with its token and its proof. */
interface Stolen {
  readonly url: string;
  readonly token: string;
  readonly proof: string;
}

async function steal(request: Request): Promise<Stolen> {
  const { authorization = '', dpop = '' } = await request.allHeaders();
  expect(authorization).toMatch(/^DPoP /);
  expect((await request.response())?.status()).toBe(200);
  return { url: request.url(), token: authorization.slice('DPoP '.length), proof: dpop };
}

/** A proof for this very request and token, by a key of the thief's own. */
function foreignProof({ url, token }: Stolen): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { origin, pathname } = new URL(url);
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) };
  const claims = {
    jti: randomUUID(),
    htm: 'GET',
    htu: origin + pathname,
    iat: Math.floor(Date.now() / 1000),
    ath: createHash('sha256').update(token).digest('base64url'),
  };
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** Replays the token from outside of the browser, in every way a thief could. */
async function replay(stolen: Stolen): Promise<Record<string, number>> {
  const { url, token, proof } = stolen;
  const ways = {
    'as a bearer token': { authorization: `Bearer ${token}` },
    'as a bearer token with the proof that was seen': { authorization: `Bearer ${token}`, dpop: proof },
    'without a proof': { authorization: `DPoP ${token}` },
    'with the proof that was seen': { authorization: `DPoP ${token}`, dpop: proof },
    'with a proof by another key': { authorization: `DPoP ${token}`, dpop: foreignProof(stolen) },
  };
  const statuses: Record<string, number> = {};
  for (const [way, headers] of Object.entries(ways)) {
    const answer = await fetch(url, { headers });
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP /);
    statuses[way] = answer.status;
  }
  return statuses;
}

const all401 = {
  'as a bearer token': 401,
  'as a bearer token with the proof that was seen': 401,
  'without a proof': 401,
  'with the proof that was seen': 401,
  'with a proof by another key': 401,
};

async function openPage(): Promise<Page> {
  return (await browser.newContext({ locale: 'en' })).newPage();
}

test('an access token stolen on its way to the quotes API is refused from another machine', async () => {
  const page = await openPage();
  await signInToQuotes(page, demo, personOf(demo, 'ada'));
  const sent = page.waitForRequest(`${demo.api}/api/quote`);
  await page.locator('[data-testid=generate-quote]').click();
  const stolen = await steal(await sent);
  await page.locator('[data-testid=quote]').waitFor();
  expect(await replay(stolen)).toEqual(all401);
  // The browser it was stolen from goes on.
  await page.waitForSelector('[data-testid=generate-quote][data-busy=false]');
  const next = page.waitForResponse(`${demo.api}/api/quote`);
  await page.locator('[data-testid=generate-quote]').click();
  expect((await next).status()).toBe(200);
  await page.context().close();
}, 60_000);

test('an access token stolen on its way to the news API is refused from another machine', async () => {
  const page = await openPage();
  await page.goto(`http://localhost:${demo.ports.newsWeb}/`);
  const sent = page.waitForRequest((request) => {
    const isOwn = request.url().startsWith(`http://localhost:${demo.ports.newsApi}/api/preferences`);
    return isOwn && request.method() === 'GET';
  });
  await page.click('[data-testid=sign-in]');
  await page.waitForSelector('#loginName');
  await signInOnPages(page, personOf(demo, 'grace'));
  const stolen = await steal(await sent);
  expect(await replay(stolen)).toEqual(all401);
  await page.context().close();
}, 60_000);
