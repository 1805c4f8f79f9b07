import type { Params } from '@latchkey/protocol';
import { endGrant, findGrantStanding, removePersonalAccessToken, revokeToken } from '@latchkey/store';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext, readOAuthForm } from '../platform/http.ts';
import { openAccessToken, openRefreshToken } from '../platform/tokens.ts';
import { type AuthenticatedClient, authenticateClient } from './client-auth.ts';

function idOf(client: AuthenticatedClient): string {
  return client.kind === 'application' ? client.facts.application.clientId : client.clientId;
}

function checkOwner(owner: string, clientId: string): void {
  if (owner !== clientId) throw new OAuthError('invalid_client', 'the token was issued to another client');
}

async function revokeAny(context: RequestContext, clientId: string, text: string): Promise<void> {
  const { deps, instance } = context;
  const { store, clock } = deps;
  const change = {
    scope: instance.scope,
    actor: { kind: 'client', id: clientId, ip: context.ip } as const,
    nowMs: clock.now(),
  };
  const refresh = openRefreshToken(instance, text);
  if (refresh !== undefined) {
    const standing = await findGrantStanding(store.db, instance.scope, refresh);
    if (standing?.grant === undefined || standing.grant.endedAtMs !== null) return;
    checkOwner(standing.grant.clientId, clientId);
    await store.change(change, (tx) =>
      endGrant(tx, refresh.grantId, { reason: 'revoked', userId: refresh.userId }),
    );
    return;
  }
  const token = openAccessToken(deps, instance, text);
  if (token === undefined || token.expiresAt * 1000 <= clock.now()) return;
  checkOwner(token.clientId, clientId);
  if (token.personal === true) {
    await store.change(change, (tx) => removePersonalAccessToken(tx, token.tokenId));
    return;
  }
  await store.change(change, (tx) => revokeToken(tx, token.tokenId, { userId: token.userId, clientId }));
}

/** POST /oauth/v2/revoke: RFC 7009. An unknown token is answered like a revoked one. */
export async function revoke(context: RequestContext): Promise<Answer> {
  const params: Params = await readOAuthForm(context);
  const client = await authenticateClient(context, params, 'single-use');
  const text = params.get('token');
  if (text === undefined) throw new OAuthError('invalid_request', 'token is missing');
  await revokeAny(context, idOf(client), text);
  return json(200, {});
}
