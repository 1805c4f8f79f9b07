import type { BffOptions } from '@latchkey/bff';

/**
 * What `createAuth` takes: the options of `createBff`. Those that usually come from the environment may be undefined here and
 * are asked for by name at the first request.
 */
export type AuthOptions = Omit<BffOptions, 'issuer' | 'clientId' | 'baseUrl' | 'cookieSecret'> & {
  /** The issuer's URL. Plain http is allowed for loopback hosts only. */
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  /** The address of the app as browsers see it: `https://app.example.com`. Its callback is `<baseUrl>/auth/callback`. */
  readonly baseUrl: string | undefined;
  /** Seals cookies and stored sessions; 32 or more random characters. Several to rotate: the first seals, all open. */
  readonly cookieSecret: string | readonly string[] | undefined;
};
