import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ApplicationSeed,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  startTestServer,
  type TestServer,
} from '@latchkey/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium, watchComplaints } from './chromium.ts';
import { signInOnPages } from './person.ts';

/** An application whose addresses send the browser on to another origin, as brokers and `api.` → `app.` do. */
interface Broker {
  readonly origin: string;
  /** Where the browser ends. */
  readonly app: string;
  /** Code and state that arrived, whichever way. */
  readonly answers: URLSearchParams[];
  readonly close: () => Promise<void>;
}

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function startBroker(): Promise<Broker> {
  const answers: URLSearchParams[] = [];
  const app = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>the app</title><h1>arrived</h1>');
  });
  const appOrigin = `http://127.0.0.1:${await listen(app, '127.0.0.1')}`;
  const broker = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { searchParams } = new URL(request.url ?? '/', 'http://broker');
      answers.push(request.method === 'POST' ? new URLSearchParams(body) : searchParams);
      response.writeHead(303, { location: `${appOrigin}/home` }).end();
    });
  });
  const port = await listen(broker, 'localhost');
  return {
    origin: `http://localhost:${port}`,
    app: `${appOrigin}/home`,
    answers,
    close: async () => {
      for (const each of [app, broker]) {
        each.closeAllConnections();
        await new Promise((resolve) => each.close(resolve));
      }
    },
  };
}

let server: TestServer;
let broker: Broker;
let person: SeededUser;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite' });
  [broker, browser] = await Promise.all([startBroker(), launchChromium()]);
  person = await seedUser(server);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await broker?.close();
});

beforeEach(async () => {
  context = await browser.newContext({ locale: 'en' });
  page = await context.newPage();
  complaints = watchComplaints(page);
  broker.answers.length = 0;
});

afterEach(() => context.close());

async function seedClient(settings: Partial<ApplicationSeed> = {}): Promise<SeededApplication> {
  return await seedApplication(server, await seedProject(server), {
    type: 'user_agent',
    developmentMode: true,
    redirectUris: [`${broker.origin}/callback`],
    postLogoutRedirectUris: [`${broker.origin}/goodbye`],
    ...settings,
  });
}

function authorizeUrl({ clientId, redirectUri }: SeededApplication, more: object = {}): string {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    state: 'the-state',
    ...more,
  });
  return `${server.issuer}/oauth/v2/authorize?${query}`;
}

async function expectArrival(): Promise<void> {
  await page.waitForURL(broker.app, { timeout: 15_000 });
  expect(await page.innerText('h1')).toBe('arrived');
  expect(complaints).toEqual([]);
}

describe('an application that sends the browser on to another origin is reached', () => {
  test('after the password', async () => {
    await page.goto(authorizeUrl(await seedClient()));
    await signInOnPages(page, person);
    await expectArrival();
    expect(broker.answers[0]?.get('code')).toMatch(/^lk_ac_/);
  });

  test('after the account was chosen', async () => {
    const client = await seedClient();
    await page.goto(authorizeUrl(client));
    await signInOnPages(page, person);
    await expectArrival();
    await page.goto(authorizeUrl(client, { prompt: 'select_account' }));
    await page.click('#account-1');
    await expectArrival();
    expect(broker.answers).toHaveLength(2);
  });

  test('after consent', async () => {
    await page.goto(authorizeUrl(await seedClient({ isThirdParty: true })));
    await signInOnPages(page, person);
    await page.waitForSelector('[data-page=consent]');
    await page.click('#submit');
    await expectArrival();
    expect(broker.answers[0]?.get('code')).toMatch(/^lk_ac_/);
  });

  test('by form_post', async () => {
    await page.goto(authorizeUrl(await seedClient(), { response_mode: 'form_post' }));
    await signInOnPages(page, person);
    await expectArrival();
    expect(broker.answers[0]?.get('state')).toBe('the-state');
  });

  test('after the sign-out was confirmed', async () => {
    const client = await seedClient();
    await page.goto(authorizeUrl(client));
    await signInOnPages(page, person);
    await expectArrival();
    const query = new URLSearchParams({
      client_id: client.clientId,
      post_logout_redirect_uri: `${broker.origin}/goodbye`,
      state: 'bye',
    });
    await page.goto(`${server.issuer}/oidc/v1/end_session?${query}`);
    await page.click('#submit');
    await expectArrival();
    expect(broker.answers.at(-1)?.get('state')).toBe('bye');
  });
});
