/** Boots the real Latchkey server for tests, with a movable clock, a browser-like agent and seed builders. */
export {
  type BrowserAgent,
  type BrowserStop,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
} from './browser-agent.ts';
export { type CertificateSeed, createCertificate, type TestCertificate } from './certificate.ts';
export { type CookieJar, createCookieJar } from './cookie-jar.ts';
export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { findFreePort } from './free-port.ts';
export { type HtmlButton, type HtmlForm, type HtmlPage, parseHtmlPage } from './html-page.ts';
export {
  type AssertionOptions,
  createKeyPair,
  type KeyFile,
  type KeyPair,
  signAssertion,
} from './key-file.ts';
export * from './seed.ts';
export * from './seed-credentials.ts';
export type { SendInit } from './send-request.ts';
export {
  startTestServer,
  type TestEngine,
  type TestServer,
  type TestServerOptions,
} from './start-test-server.ts';
export { startTemporaryPgbouncer, type TemporaryPgbouncer } from './temporary-pgbouncer.ts';
export {
  startTemporaryPostgres,
  type TemporaryPostgres,
  type TemporaryPostgresOptions,
} from './temporary-postgres.ts';
