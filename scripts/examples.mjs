import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What demo.json says of an application.
 * @typedef {{ clientId: string, clientSecret?: string, keyFile?: string, projectId: string }} DemoApp
 * @typedef {{ issuer: string, console: string, apps: Readonly<Record<string, DemoApp>>,
 *   users: { loginName: string, password: string, roles: string[] }[] }} DemoFile
 * @typedef {'quotesWeb' | 'quotesApi' | 'newsWeb' | 'newsApi'} ServiceKey
 * @typedef {Readonly<Record<ServiceKey, string>>} Urls
 */

/**
 * A program of an example: where it listens, how it is started and what it is told.
 * @typedef {{
 *   readonly key: ServiceKey,
 *   readonly label: string,
 *   readonly what: string,
 *   readonly variable: string,
 *   readonly port: number,
 *   readonly script: string,
 *   readonly shownPath: string,
 *   readonly healthPath: string,
 *   readonly environment: (demo: DemoFile, urls: Urls, folder: string, newsMode: string) => Readonly<Record<string, string | undefined>>,
 * }} Service
 */

/** @type {readonly Service[]} */
const all = [
  {
    key: 'quotesWeb',
    label: 'Quotes page',
    what: 'the quotes page',
    variable: 'LATCHKEY_QUOTES_WEB_PORT',
    port: 3000,
    script: 'examples/quotes/web/serve.ts',
    shownPath: '/',
    healthPath: '/',
    environment: (demo, urls) => webEnvironment(demo.apps['quotes-web'], urls.quotesApi),
  },
  {
    key: 'quotesApi',
    label: 'Quotes API',
    what: 'the quotes API',
    variable: 'LATCHKEY_QUOTES_API_PORT',
    port: 5000,
    script: 'examples/quotes/api/src/main.ts',
    shownPath: '/api/quote',
    healthPath: '/healthz',
    environment: ({ apps: { 'quotes-api': api } }, urls) => ({
      CLIENT_ID: api?.clientId,
      CLIENT_SECRET: api?.clientSecret,
      PROJECT_ID: api?.projectId,
      WEB_ORIGIN: urls.quotesWeb,
    }),
  },
  {
    key: 'newsWeb',
    label: 'News portal',
    what: 'the news portal',
    variable: 'LATCHKEY_NEWS_WEB_PORT',
    port: 3001,
    script: 'examples/news/web/serve.ts',
    shownPath: '/',
    healthPath: '/',
    environment: (demo, urls, _folder, newsMode) =>
      newsMode === 'bff'
        ? serverEnvironment(demo.apps['news-bff'], urls.newsApi, urls.newsWeb)
        : webEnvironment(demo.apps['news-web'], urls.newsApi),
  },
  {
    key: 'newsApi',
    label: 'News API',
    what: 'the news API',
    variable: 'LATCHKEY_NEWS_API_PORT',
    port: 5001,
    script: 'examples/news/api/src/main.ts',
    shownPath: '/api/articles',
    healthPath: '/healthz',
    environment: ({ apps: { 'news-api': api, 'news-robot': robot } }, urls, folder) => ({
      KEY_FILE: api?.keyFile,
      PROJECT_ID: api?.projectId,
      ACCOUNTS_CLIENT_ID: robot?.clientId,
      ACCOUNTS_CLIENT_SECRET: robot?.clientSecret,
      WEB_ORIGIN: urls.newsWeb,
      NEWS_DATA_DIR: process.env.NEWS_DATA_DIR || join(folder, 'news'),
    }),
  },
];

/** @param {DemoApp | undefined} app @param {string} apiUrl */
function webEnvironment(app, apiUrl) {
  return { CLIENT_ID: app?.clientId, PROJECT_ID: app?.projectId, API_URL: apiUrl };
}

/**
 * Of a front end behind its web server. The secret for cookies comes of the client secret, so sessions outlive a restart.
 * @param {DemoApp | undefined} app @param {string} apiUrl @param {string} baseUrl
 */
function serverEnvironment(app, apiUrl, baseUrl) {
  const cookieSecret = createHash('sha256').update(`cookies of ${app?.clientSecret}`).digest('base64');
  return {
    ...webEnvironment(app, apiUrl),
    ...{ MODE: 'bff', CLIENT_SECRET: app?.clientSecret, COOKIE_SECRET: cookieSecret, BASE_URL: baseUrl },
  };
}

/**
 * The services of the examples that are there.
 * @param {string} root
 */
export function findServices(root) {
  return all.filter(({ script }) => existsSync(join(root, script)));
}

/**
 * The addresses of all services, from the ports that were chosen.
 * @param {(service: Service) => number} portOf
 * @returns {Urls}
 */
export function urlsOf(portOf) {
  const entries = all.map((service) => [service.key, `http://localhost:${portOf(service)}`]);
  return Object.fromEntries(entries);
}
