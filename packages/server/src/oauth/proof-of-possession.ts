import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  type AccessTokenFacts,
  type ApplicationFacts,
  type Confirmation,
  checkDpopClaims,
  checkTokenPossession,
  type DpopExpectation,
  type DpopProof,
  dpopAlgorithmsOf,
  type OAuthErrorCode,
  type Params,
  parseDpopProof,
} from '@latchkey/protocol';
import { consumeOnce } from '@latchkey/store';
import { clientCertificateOf } from '../platform/client-certificate.ts';
import { isKnownNonce, oweNonce } from '../platform/dpop-nonce.ts';
import { OAuthError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { verifyJws } from '../platform/jws.ts';
import { sha256Base64Url, sha256Hex } from '../platform/random.ts';
import { jwkThumbprint } from '../platform/signing-keys.ts';
import type { AuthenticatedClient } from './client-auth.ts';

// Longer than any proof is accepted, counted from either side of its iat.
const rememberMs = 300_000;

/** The application whose settings say what a proof must be like. */
type Application = ApplicationFacts | undefined;

/** How a refusal is told: 400 at our own endpoints, 401 with a challenge where a token is presented. */
type Refuse = (code: OAuthErrorCode, detail: string) => OAuthError;

function isNonceRequired(context: RequestContext, application: Application): boolean {
  if (context.instance.settings.isDpopNonceRequired) return true;
  return application !== undefined && application.securityProfile !== 'standard';
}

function importKey(jwk: DpopProof['jwk']): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

interface Demand {
  readonly application: Application;
  readonly refuse: Refuse;
  readonly accessTokenHash?: string;
}

interface CheckedProof {
  readonly jkt: string;
  readonly jti: string;
}

/** Everything about a proof but whether it was used before (RFC 9449 §4.3). */
function checkProof(context: RequestContext, header: string, demand: Demand): CheckedProof {
  const { instance, deps, path, request } = context;
  const { application, refuse, accessTokenHash } = demand;
  const proof = parseDpopProof(header, dpopAlgorithmsOf(application));
  if (proof.kind === 'dpop-refusal') throw refuse('invalid_dpop_proof', proof.detail);
  const key = importKey(proof.jwk);
  if (key === undefined || !verifyJws(proof.jwt, key, proof.jwt.header.alg))
    throw refuse(
      'invalid_dpop_proof',
      'the signature of the DPoP proof is wrong, or the key in jwk does not fit alg',
    );
  const now = deps.clock.now();
  const expected: DpopExpectation = {
    method: request.method,
    url: publicUrl(instance, path),
    now,
    ...(accessTokenHash === undefined ? {} : { accessTokenHash }),
  };
  const refusal = checkDpopClaims(proof, expected);
  if (refusal !== undefined) throw refuse('invalid_dpop_proof', refusal.detail);
  if (isNonceRequired(context, application)) {
    oweNonce(context);
    if (proof.nonce === undefined || !isKnownNonce(instance, proof.nonce, now))
      throw refuse('use_dpop_nonce', 'repeat the request with the value of the DPoP-Nonce header as nonce');
  }
  return { jkt: jwkThumbprint(proof.jwk), jti: proof.jti };
}

/**
 * Takes a proof's id once. Only for those who have shown something of ours is that written down for all nodes; what
 * strangers send is remembered in memory, so that they cannot fill the database.
 */
async function spendProof(
  context: RequestContext,
  { jkt, jti }: CheckedProof,
  caller: 'known' | 'stranger',
): Promise<boolean> {
  const { deps, instance, path } = context;
  const id = sha256Hex(`${jkt} ${path} ${jti}`);
  const name = `${instance.id} ${id}`;
  if (!deps.usedProofs.take(name, caller)) return false;
  if (caller === 'stranger') return true;
  const keepUntilMs = deps.clock.now() + rememberMs;
  return await consumeOnce(deps.store.db, instance.scope, { kind: 'dpop', id, keepUntilMs });
}

function atOwnEndpoint(code: OAuthErrorCode, detail: string): OAuthError {
  return new OAuthError(code, detail);
}

function applicationOf(client: AuthenticatedClient | undefined): Application {
  return client?.kind === 'application' ? client.facts.application : undefined;
}

/** Whether a request shows something only we give out, or a client that has proved who it is. */
function isKnownCaller(
  context: RequestContext,
  client: AuthenticatedClient | undefined,
  params: Params,
): boolean {
  if (client !== undefined && client.provenBy !== 'none') return true;
  const { sealer } = context.instance;
  return (
    sealer.open('code', params.get('code') ?? '') !== undefined ||
    sealer.open('refresh-token', params.get('refresh_token') ?? '') !== undefined
  );
}

/**
 * The thumbprint of the key whose proof the DPoP header carries, for the token endpoint and pushed requests; `undefined`
 * without a header. Throws `OAuthError` `invalid_dpop_proof` or `use_dpop_nonce` (400). Source: RFC 9449 §5, §8, §10.1.
 */
export async function readDpopKey(
  context: RequestContext,
  client: AuthenticatedClient | undefined,
  params: Params,
): Promise<string | undefined> {
  const header = context.request.headers.get('dpop');
  if (header === null) return undefined;
  const application = applicationOf(client);
  const proof = checkProof(context, header, { application, refuse: atOwnEndpoint });
  const caller = isKnownCaller(context, client, params) ? 'known' : 'stranger';
  if (!(await spendProof(context, proof, caller)))
    throw atOwnEndpoint(
      'invalid_dpop_proof',
      'the DPoP proof was used before; sign a new one for every request',
    );
  return proof.jkt;
}

/**
 * The key the caller of the token endpoint proves to hold, to which its tokens are bound; `undefined` for bearer tokens.
 * A DPoP proof counts before a certificate. Throws `OAuthError`: `invalid_dpop_proof` for a proof that is wrong or one an
 * application owes, `use_dpop_nonce`, `invalid_request` without the certificate an application owes.
 * Source: RFC 9449 §5, RFC 8705 §3, FAPI 2.0 Security Profile §5.3.2.1.
 */
export async function readConfirmation(
  context: RequestContext,
  client: AuthenticatedClient | undefined,
  params: Params,
): Promise<Confirmation | undefined> {
  const jkt = await readDpopKey(context, client, params);
  if (jkt !== undefined) return { kind: 'dpop', jkt };
  const application = applicationOf(client);
  if (application === undefined) return undefined;
  if (application.isDpopRequired)
    throw new OAuthError('invalid_dpop_proof', 'this application must send a DPoP proof in the DPoP header');
  const { authMethod, securityProfile } = application;
  const isFapi = securityProfile !== 'standard';
  const authenticatesByTls = authMethod === 'tls_client_auth' || authMethod === 'self_signed_tls_client_auth';
  const usesCertificate = application.isCertificateBound || authenticatesByTls || isFapi;
  const certificate = usesCertificate ? clientCertificateOf(context) : undefined;
  if (certificate !== undefined) return { kind: 'certificate', thumbprint: certificate.thumbprint };
  if (application.isCertificateBound)
    throw new OAuthError('invalid_request', 'this application must connect with its client certificate');
  if (isFapi)
    throw new OAuthError(
      'invalid_dpop_proof',
      'FAPI 2.0 wants bound tokens: send a DPoP proof, or register for certificate-bound tokens',
    );
  return undefined;
}

/** An access token as a request presents it. */
export interface PresentedToken {
  readonly text: string;
  readonly token: AccessTokenFacts;
  readonly scheme: 'bearer' | 'dpop';
  /** The application the token was issued to; a machine user has none. */
  readonly application: Application;
}

function challenger(algorithms: readonly string[]): Refuse {
  return (code, detail) =>
    new OAuthError(code, detail, {
      status: 401,
      headers: {
        'www-authenticate': `DPoP realm="Latchkey", algs="${algorithms.join(' ')}", error="${code}", error_description="${detail}"`,
      },
    });
}

async function readResourceProof(
  context: RequestContext,
  presented: PresentedToken,
  refuse: Refuse,
): Promise<string> {
  const header = context.request.headers.get('dpop');
  if (header === null)
    throw refuse('invalid_dpop_proof', 'the request lacks a DPoP proof in the DPoP header');
  const { application } = presented;
  const accessTokenHash = sha256Base64Url(presented.text);
  const proof = checkProof(context, header, { application, refuse, accessTokenHash });
  const bound = presented.token.confirmation;
  const isHolder = bound?.kind === 'dpop' && bound.jkt === proof.jkt;
  if (!(await spendProof(context, proof, isHolder ? 'known' : 'stranger')))
    throw refuse('invalid_dpop_proof', 'the DPoP proof was used before; sign a new one for every request');
  return proof.jkt;
}

/**
 * Makes sure that whoever presents a live access token at an endpoint of ours holds the key it is bound to. Throws
 * `OAuthError` (401 with a challenge) when not. Source: RFC 9449 §7.1, §7.2, §9, RFC 8705 §3.
 */
export async function checkPossession(context: RequestContext, presented: PresentedToken): Promise<void> {
  const { token, scheme, application } = presented;
  const { confirmation } = token;
  // The usual case, and the one that must cost nothing.
  if (confirmation === undefined && scheme === 'bearer') return;
  const refuse = challenger(dpopAlgorithmsOf(application));
  const proofJkt =
    scheme === 'dpop' && confirmation?.kind === 'dpop'
      ? await readResourceProof(context, presented, refuse)
      : undefined;
  const certificate = confirmation?.kind === 'certificate' ? clientCertificateOf(context) : undefined;
  const refusal = checkTokenPossession(confirmation, {
    scheme,
    ...(proofJkt === undefined ? {} : { proofJkt }),
    ...(certificate === undefined ? {} : { certificateThumbprint: certificate.thumbprint }),
  });
  if (refusal === undefined) return;
  if (confirmation?.kind === 'dpop' || scheme === 'dpop') throw refuse('invalid_token', refusal.detail);
  throw new OAuthError('invalid_token', refusal.detail, {
    status: 401,
    headers: {
      'www-authenticate': `Bearer realm="Latchkey", error="invalid_token", error_description="${refusal.detail}"`,
    },
  });
}
