import * as oauth from 'oauth4webapi';
import type { AuthError } from './auth-error.ts';
import { describeError } from './describe-error.ts';
import { type DpopKey, openDpopKey, signProof } from './dpop-key.ts';
import { createIssuer, type Issuer } from './issuer.ts';
import type { Session } from './session.ts';
import { redeemAnswer, refreshSession, type TokenDeps } from './tokens.ts';
import type { Trace } from './trace.ts';
import { type Preparation, type Vault, type VaultConfig, VaultError } from './vault-contract.ts';

/** What the vault asks of where it runs: a worker or the page. */
export type VaultDeps = {
  readonly fetch: typeof globalThis.fetch;
  readonly trace: Trace;
  readonly nowMs: () => number;
};

/**
 * Creates the half of the client that talks to the issuer: redeems, refreshes, revokes and signs proofs. With
 * `holdsRefreshToken` refresh tokens stay in here and the sessions given out have none. Throws `AuthError` only.
 */
export function createVault(config: VaultConfig, { fetch, trace, nowMs }: VaultDeps): Vault {
  const issuer = createIssuer(config, fetch, trace, nowMs);
  let proof: Promise<Proof> | undefined;
  let held: { readonly session: string; readonly refreshToken: string } | undefined;

  // RFC 9449 §5.1: proofs are sent where the issuer says that it takes them.
  const findProof = async (): Promise<Proof | undefined> => {
    const metadata = await issuer.metadata();
    if (!config.dpop || metadata.dpop_signing_alg_values_supported?.includes('ES256') !== true)
      return undefined;
    proof ??= openDpopKey(`${config.issuer} ${config.clientId}`).then((key) => {
      const withTime = { [oauth.modifyAssertion]: stampTime(issuer) };
      return { key, thumbprint: key.thumbprint, handle: oauth.DPoP({}, key.pair, withTime) };
    });
    return proof;
  };
  const deps = async (): Promise<TokenDeps> => ({ issuer, trace, nowMs, proof: await findProof() });
  const keep = (session: Session): Session => {
    if (!config.holdsRefreshToken) return session;
    const { refreshToken, ...shown } = session;
    if (refreshToken !== undefined) held = { session: nameOf(session), refreshToken };
    return { ...shown, refreshToken: undefined };
  };
  const refreshTokenOf = (session: Session): string | undefined =>
    session.refreshToken ?? (held?.session === nameOf(session) ? held.refreshToken : undefined);

  const vault: Vault = {
    async prepare(): Promise<Preparation> {
      const metadata = await issuer.metadata();
      const found = await findProof();
      return {
        issuer: metadata.issuer,
        authorizationEndpoint: metadata.authorization_endpoint,
        endSessionEndpoint: metadata.end_session_endpoint,
        // A key that does not survive the way to the issuer and back must not be promised.
        dpopJkt: found?.key.isKept === true ? found.thumbprint : undefined,
      };
    },
    async redeem({ transaction, parameters, purpose }) {
      const session = await redeemAnswer(await deps(), transaction, new URLSearchParams(parameters));
      if (purpose === 'token') return { ...session, refreshToken: undefined };
      held = undefined;
      return keep(session);
    },
    async refresh({ session, resource, scope }) {
      const refreshToken = refreshTokenOf(session);
      if (refreshToken === undefined)
        throw new VaultError('no_refresh_token', 'There is no refresh token here.');
      return keep(await refreshSession(await deps(), session, refreshToken, { resource, scope }));
    },
    async revoke({ session }) {
      const token = refreshTokenOf(session);
      if (token !== undefined) held = undefined;
      const metadata = await issuer.metadata();
      if (token === undefined || metadata.revocation_endpoint === undefined) return;
      const { clientAuth, farewellOptions } = issuer;
      const response = await oauth.revocationRequest(
        metadata,
        issuer.client(),
        clientAuth,
        token,
        farewellOptions,
      );
      await oauth.processRevocationResponse(response);
    },
    async sign({ keyThumbprint, nowMs: wanted, ...request }) {
      const found = await findProof();
      if (found === undefined || found.thumbprint !== keyThumbprint)
        throw new VaultError('foreign_key', 'The access token is bound to a key of another tab.');
      return signProof(found.key, { ...request, nowMs: wanted ?? issuer.nowMs() });
    },
  };
  return describingErrors(vault, config);
}

type Proof = { readonly key: DpopKey } & NonNullable<TokenDeps['proof']>;

// The handle would read the device's clock, which may be known to be wrong.
function stampTime(issuer: Pick<Issuer, 'nowMs'>): oauth.ModifyAssertionFunction {
  return (_header, claims) => {
    claims.iat = Math.floor(issuer.nowMs() / 1000);
  };
}

// One sign-in of one user, whichever tab speaks of it.
function nameOf(session: Session): string {
  return `${session.signedInAtMs} ${session.idTokenClaims.sub}`;
}

function describingErrors(vault: Vault, config: VaultConfig): Vault {
  const describe = (thrown: unknown): AuthError => describeError(thrown, config, config.redirectUri);
  const wrap =
    <Input extends readonly unknown[], Output>(work: (...input: Input) => Promise<Output>) =>
    (...input: Input): Promise<Output> =>
      work(...input).catch((thrown: unknown) => {
        throw describe(thrown);
      });
  return {
    prepare: wrap(vault.prepare),
    redeem: wrap(vault.redeem),
    refresh: wrap(vault.refresh),
    revoke: wrap(vault.revoke),
    sign: wrap(vault.sign),
  };
}
