import { parseCompactJwt } from '@latchkey/protocol';
import type { InstanceContext } from '../platform/instances.ts';
import { verifyOwnJwt } from '../platform/signing-keys.ts';

/** What an ID token of ours says, expired or not. */
export interface IdTokenHint {
  readonly userId: string;
  readonly clientId: string;
  readonly sessionId?: string;
}

/** Reads an id_token_hint; `undefined` unless one of our keys signed it (OpenID Connect Core §3.1.2.1). */
export function readIdTokenHint(
  instance: InstanceContext,
  text: string | undefined,
): IdTokenHint | undefined {
  const jwt = text === undefined ? undefined : parseCompactJwt(text);
  if (jwt === undefined || jwt.header.typ !== 'JWT' || verifyOwnJwt(instance.signingKeys, jwt) === undefined)
    return undefined;
  const { sub, azp, sid, iss } = jwt.payload;
  if (iss !== instance.origin || typeof sub !== 'string' || typeof azp !== 'string') return undefined;
  return { userId: sub, clientId: azp, ...(typeof sid === 'string' ? { sessionId: sid } : {}) };
}
