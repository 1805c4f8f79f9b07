import {
  authorizeParameters,
  checkAuthorizeRequest,
  checkPushedBinding,
  type Params,
  type ParsedParams,
} from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext, readOAuthForm } from '../platform/http.ts';
import type { InstanceContext } from '../platform/instances.ts';
import { randomId } from '../platform/random.ts';
import { type AuthenticatedClient, authenticateClient } from './client-auth.ts';
import { readIdTokenHint } from './id-token-hint.ts';
import { noteRefusedRequest } from './note-refused-request.ts';
import { readDpopKey } from './proof-of-possession.ts';
import { authorizeFacts, resolveRequestObject } from './request-object.ts';

/** How long a pushed request may be taken to the authorization endpoint. */
const pushedLifeMs = 60_000;
/** Its single use is remembered for as long as a sign-in that began with it may take. */
const memoryMs = 45 * 60_000;
const prefix = 'urn:ietf:params:oauth:request_uri:';

/** What a pushed request stands for; sealed into its own reference. */
export interface PushedRequest {
  readonly id: string;
  readonly clientId: string;
  readonly expiresAtMs: number;
  readonly keepUntilMs: number;
  readonly isSigned: boolean;
  readonly params: ReadonlyMap<string, string>;
  /** Whom the id_token_hint named when the request was pushed; the hint itself is not kept. */
  readonly hintedSubject?: string;
}

/** Whether a request_uri is of those this server gives out (RFC 9126 §2.2). */
export function isPushedReference(requestUri: string): boolean {
  return requestUri.startsWith(prefix);
}

/** Opens the reference of a pushed request; `undefined` for anything this instance did not give out. */
export function openPushedRequest(instance: InstanceContext, requestUri: string): PushedRequest | undefined {
  if (!isPushedReference(requestUri)) return undefined;
  const sealed = instance.sealer.open('pushed-request', requestUri.slice(prefix.length));
  if (sealed === undefined) return undefined;
  const value: Omit<PushedRequest, 'params'> & { readonly params: readonly (readonly [string, string])[] } =
    JSON.parse(sealed);
  return { ...value, params: new Map(value.params) };
}

function applicationOf(client: AuthenticatedClient) {
  if (client.kind === 'application') return client.facts;
  throw new OAuthError('unauthorized_client', 'a machine user has nobody to sign in; use an application');
}

// Proofs of who asks are for this endpoint alone.
const credentials = ['client_assertion', 'client_assertion_type', 'client_secret'];

function requestOf(form: Params): ParsedParams {
  if (form.has('request_uri'))
    throw new OAuthError('invalid_request', 'a pushed request cannot hold a request_uri; push its content');
  return { params: new Map([...form].filter(([name]) => !credentials.includes(name))) };
}

/** What is read when the reference comes back. The hint has been read by then, and may be as long as an ID token. */
function keptParams(params: Params): readonly (readonly [string, string])[] {
  return [...params].filter(([name]) => authorizeParameters.has(name) && name !== 'id_token_hint');
}

/** POST /oauth/v2/par: RFC 9126 §2. Everything the authorization endpoint would refuse is refused here already. */
export async function pushedAuthorization(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const form = await readOAuthForm(context);
  const caller = await authenticateClient(context, form, 'single-use');
  const client = applicationOf(caller);
  const { clientId } = client.application;
  const provenJkt = await readDpopKey(context, caller, form);
  const resolved = await resolveRequestObject(context, client, requestOf(form));
  const params = new Map(resolved.parsed.params).set('client_id', clientId);
  const mismatch = checkPushedBinding(params.get('dpop_jkt'), provenJkt);
  if (mismatch !== undefined) throw new OAuthError('invalid_dpop_proof', mismatch.detail);
  if (provenJkt !== undefined) params.set('dpop_jkt', provenJkt);
  const origin = { ...resolved.origin, isPushed: true };
  const verdict = checkAuthorizeRequest(await authorizeFacts(context, client, { params }, origin));
  if (verdict.kind !== 'checked') {
    const error =
      origin.problem !== undefined
        ? new OAuthError(...origin.problem)
        : verdict.kind === 'page-error'
          ? new OAuthError('invalid_request', verdict.problem.detail)
          : new OAuthError(verdict.error, verdict.description);
    await noteRefusedRequest(context, { type: 'authorization.refused', clientId, params, error });
    throw error;
  }
  const now = deps.clock.now();
  const sealed = instance.sealer.sealCompact(
    'pushed-request',
    JSON.stringify({
      id: randomId(),
      clientId,
      expiresAtMs: now + pushedLifeMs,
      keepUntilMs: now + memoryMs,
      isSigned: origin.isSigned,
      params: keptParams(params),
      hintedSubject: readIdTokenHint(instance, params.get('id_token_hint'))?.userId,
    }),
  );
  return json(201, { request_uri: prefix + sealed, expires_in: pushedLifeMs / 1000 });
}
