import { AuthError } from './auth-error.ts';
import type { Session } from './session.ts';
import type { Transaction } from './transaction.ts';

/** The settings the vault works by. Everything in and out of a vault can be posted to a worker. */
export type VaultConfig = {
  /** Without a trailing slash. */
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly allowInsecure: boolean;
  /** Bind tokens to a key where the issuer offers that (RFC 9449). */
  readonly dpop: boolean;
  /** Refresh tokens stay in the vault. */
  readonly holdsRefreshToken: boolean;
};

/** What an authorization request or a sign-out needs to know of the issuer. */
export type Preparation = {
  readonly issuer: string;
  readonly authorizationEndpoint: string | undefined;
  readonly endSessionEndpoint: string | undefined;
  /** The thumbprint of the key that will redeem the code (RFC 9449 §10). */
  readonly dpopJkt: string | undefined;
};

/** One request to an API that needs a proof. */
export type ProofRequest = {
  readonly method: string;
  readonly url: string;
  readonly accessToken: string;
  /** The key the token is bound to. */
  readonly keyThumbprint: string;
  readonly nonce: string | undefined;
  /** The time to stamp, epoch milliseconds; by the clock of the issuer unless given. */
  readonly nowMs: number | undefined;
};

/** The half of the client that holds secrets and talks to the issuer. Throws `AuthError`. */
export type Vault = {
  prepare(): Promise<Preparation>;
  /** Redeems the answer of the issuer, its parameters as a query string. A `token` leaves the session as it is. */
  redeem(request: {
    readonly transaction: Transaction;
    readonly parameters: string;
    readonly purpose: 'session' | 'token';
  }): Promise<Session>;
  /** Gets fresh tokens; `VaultError` `no_refresh_token` where this vault holds none for the session. */
  refresh(request: {
    readonly session: Session;
    readonly resource?: string | undefined;
    readonly scope?: string | undefined;
  }): Promise<Session>;
  /** Revokes the refresh token and forgets it. */
  revoke(request: { readonly session: Session }): Promise<void>;
  /** A DPoP proof; `VaultError` `foreign_key` when the token is bound to a key this vault does not hold. */
  sign(request: ProofRequest): Promise<string>;
};

/** Something between the page and its vault that the client deals with: `no_refresh_token`, `foreign_key`, `worker_lost`. */
export class VaultError extends AuthError {}
