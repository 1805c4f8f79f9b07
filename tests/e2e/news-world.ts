import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import {
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedProject,
  seedUser,
} from '@latchkey/testkit';
import type { Hono } from 'hono';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createApp } from '../../examples/news/api/src/app.ts';
import { openDatabase } from '../../examples/news/api/src/database/open-database.ts';
import { contentFolder, loadContent } from '../../examples/news/api/src/load-content.ts';
import { createNewsBff } from '../../examples/news/web/news-bff.ts';
import { createWebApp } from '../../examples/news/web/web-app.ts';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';
import { launchChromium, watchComplaints } from './chromium.ts';
import { projectRoot } from './demo-process.ts';

/** How the front end signs people in: from the browser, or behind a server of its own. */
export type NewsMode = 'spa' | 'bff';

/** The news portal with its API, its own database and Latchkey, in this process. */
export interface NewsWorld {
  readonly world: ManagementWorld;
  readonly browser: Browser;
  /** Origin of the front end. */
  readonly web: string;
  readonly api: string;
  /** Where pages call the API. */
  readonly calls: string;
  /** Cuts a page's app off from Latchkey. Resolves to the way back. */
  readonly cutOffIssuer: (page: Page) => Promise<() => Promise<void>>;
  readonly reader: SeededUser;
  readonly editor: SeededUser;
  readonly stop: () => Promise<void>;
}

/** A window of the browser and what it objected to. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** A server on a free port. What it answers is set later, when its address is known to all others. */
interface Place {
  readonly origin: string;
  app: Hono | undefined;
  readonly close: () => Promise<void>;
}

async function openPlace(): Promise<Place> {
  return new Promise((resolve) => {
    const server = serve(
      {
        fetch: (request) => place.app?.fetch(request) ?? new Response(null, { status: 503 }),
        hostname: '127.0.0.1',
        port: 0,
      },
      ({ port }) => {
        place.origin = `http://localhost:${port}`;
        resolve(place);
      },
    );
    const place = { origin: '', app: undefined as Hono | undefined, close: () => close(server) };
  });
}

async function close(server: ServerType): Promise<void> {
  if ('closeAllConnections' in server) server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Registers the front end and the API of the news in a project with the role `editor`. */
async function registerNews({ server, owner }: ManagementWorld, web: string) {
  const project = await seedProject(server, { name: 'News', roleKeys: ['editor'], roleAssertion: true });
  const front = await seedApplication(server, project, {
    type: 'user_agent',
    name: 'News',
    developmentMode: true,
    idTokenUserinfoAssertion: true,
    redirectUris: [`${web}/`],
    postLogoutRedirectUris: [`${web}/`],
  });
  const serverFront = await seedApplication(server, project, {
    type: 'web',
    name: 'News BFF',
    developmentMode: true,
    idTokenUserinfoAssertion: true,
    redirectUris: [`${web}/auth/callback`],
    postLogoutRedirectUris: [`${web}/`],
    backchannelLogoutUri: `${web}/auth/backchannel-logout`,
  });
  const api = await seedApplication(server, project, { type: 'api', authMethod: 'private_key_jwt' });
  const reader = await seedUser(server, {
    displayName: 'Grace Hopper',
    givenName: 'Grace',
    familyName: 'Hopper',
  });
  const editor = await seedUser(server, {
    displayName: 'Ada Lovelace',
    givenName: 'Ada',
    familyName: 'Lovelace',
  });
  await seedAuthorization(server, { userId: editor.id, project, roleKeys: ['editor'] });
  // Tokens that outlive the time since the sign-in, so that it is the sign-in that is too old.
  const lifetimes = { accessTokenSeconds: 7200, idTokenSeconds: 7200 };
  await owner.call('updateInstanceSettings', { body: { lifetimes } });
  return { project, front, serverFront, api, reader, editor };
}

/** `fetch` of the web server: it can be cut off from an issuer, and the clocks of others show the test's time. */
function serverFetch(issuer: string, now: () => number) {
  const state = { isCutOff: false };
  const fetchWatched: typeof fetch = async (input, init) => {
    if (state.isCutOff && String(input).startsWith(issuer)) throw new TypeError('fetch failed');
    const response = await fetch(input, init);
    const headers = new Headers(response.headers);
    headers.set('date', new Date(now()).toUTCString());
    const { status, statusText, body } = response;
    return new Response(body, { status, statusText, headers });
  };
  return { state, fetch: fetchWatched };
}

/** Starts all of it. The front end must be built. */
export async function startNewsWorld(mode: NewsMode): Promise<NewsWorld> {
  const root = join(projectRoot, 'examples/news/web/dist');
  if (!existsSync(join(root, 'index.html'))) throw new Error('Run `npm run build` first.');
  const [world, browser, webPlace, apiPlace] = await Promise.all([
    startManagementWorld('pglite', { outboundAllow: ['127.0.0.0/8', '::1/128'] }),
    launchChromium(),
    openPlace(),
    openPlace(),
  ]);
  const web = webPlace.origin;
  const api = apiPlace.origin;
  const { project, front, serverFront, api: apiApplication, reader, editor } = await registerNews(world, web);
  const { issuer, clock } = world.server;
  const database = await openDatabase({ kind: 'memory' });
  await loadContent(database.db, contentFolder, new Date(clock.now()));
  const { keyFile } = apiApplication;
  if (keyFile === undefined) throw new Error('The API authenticates by a key file.');
  apiPlace.app = createApp({ issuer, projectId: project.id, webOrigin: web, keyFile }, database.db, {
    now: () => new Date(clock.now()),
  });
  const fromServer = serverFetch(issuer, () => clock.now());
  webPlace.app = {
    spa: () => {
      const { clientId } = front;
      return createWebApp({ mode: 'spa', issuer, clientId, apiUrl: api, projectId: project.id }, root);
    },
    bff: () => {
      const { clientId, clientSecret } = serverFront;
      const cookieSecret = 'a secret for cookies of a test, long enough';
      const client = {
        issuer,
        clientId,
        clientSecret,
        apiUrl: api,
        projectId: project.id,
        baseUrl: web,
        cookieSecret,
      };
      return createWebApp(
        { mode: 'bff' },
        root,
        createNewsBff(client, { fetch: fromServer.fetch, log: () => undefined }),
      );
    },
  }[mode]();
  const cutOffIssuer = async (page: Page) => {
    const all = `${issuer}/**`;
    fromServer.state.isCutOff = true;
    await page.route(all, (route) => route.abort());
    return async () => {
      fromServer.state.isCutOff = false;
      await page.unroute(all);
    };
  };
  return {
    ...{ world, browser, web, api, reader, editor, cutOffIssuer },
    calls: mode === 'bff' ? `${web}/api` : `${api}/api`,
    stop: async () => {
      await browser.close();
      await Promise.all([webPlace.close(), apiPlace.close()]);
      await database.close();
      await world.stop();
    },
  };
}

/** Opens a window of its own on the front page. */
export async function openNews(
  { browser, web }: NewsWorld,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Visit> {
  const context = await browser.newContext({
    locale: 'en',
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const complaints = watchComplaints(page);
  await page.goto(`${web}/`);
  await page.locator('[data-testid=story]').first().waitFor();
  return { context, page, complaints };
}

/** Fills in the sign-in pages, which must be open; skips the name when the page knows it. */
export async function signInOnNewsPages(page: Page, person: SeededUser): Promise<void> {
  await page.locator('#loginName, #password').first().waitFor();
  if (await page.locator('#loginName').isVisible()) {
    await page.fill('#loginName', person.loginName);
    await page.click('#submit');
  }
  await page.fill('#password', person.password);
  await page.click('#submit');
}

/** Signs a person in from the page shown; resolves to the greeting. */
export async function signInToNews(page: Page, person: SeededUser): Promise<string> {
  await page.click('[data-testid=sign-in]');
  await signInOnNewsPages(page, person);
  return await page.locator('[data-testid=greeting]').innerText();
}

/** Signs out through the account menu. */
export async function signOutOfNews(page: Page): Promise<void> {
  await page.click('[data-testid=account]');
  await page.click('[data-testid=sign-out]');
  await page.locator('[data-testid=sign-in]').waitFor();
}
