import type { Confirmation, Params } from '@latchkey/protocol';
import type { RequestContext } from '../../platform/http.ts';
import type { AuthenticatedClient } from '../client-auth.ts';

/** The token endpoint's answer, by member. */
export type TokenAnswer = Readonly<Record<string, unknown>>;

/**
 * One grant type: from an authenticated client and its parameters to the token endpoint's answer. `confirmation` is the
 * key the caller proved to hold; the tokens are bound to it.
 */
export type Grant = (
  context: RequestContext,
  client: AuthenticatedClient,
  params: Params,
  confirmation: Confirmation | undefined,
) => Promise<TokenAnswer>;

/** A grant whose parameters prove who asks, so that no client authenticates besides (RFC 7523 §2.1). */
export type SelfAuthenticatingGrant = (context: RequestContext, params: Params) => Promise<TokenAnswer>;
