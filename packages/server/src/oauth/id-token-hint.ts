import { parseCompactJwt } from '@latchkey/protocol';
import type { InstanceContext } from '../platform/instances.ts';
import { verifyOwnJwt } from '../platform/signing-keys.ts';

/** What an ID token of ours says, expired or not. */
export interface IdTokenHint {
  readonly userId: string;
  readonly clientId: string;
  readonly sessionId?: string;
}

/** A hint that was read, short enough for an address, as `id_token_hint` of the endpoint that reads it again. */
export function sealHint(instance: InstanceContext, hint: IdTokenHint): string {
  return instance.sealer.seal(
    'sign-out-hint',
    JSON.stringify([1, hint.userId, hint.clientId, hint.sessionId ?? '']),
  );
}

function openHint(instance: InstanceContext, text: string): IdTokenHint | undefined {
  const sealed = instance.sealer.open('sign-out-hint', text);
  if (sealed === undefined) return undefined;
  const [, userId = '', clientId = '', sessionId = '']: readonly [number, string, string, string] =
    JSON.parse(sealed);
  return { userId, clientId, ...(sessionId === '' ? {} : { sessionId }) };
}

/**
 * Reads an id_token_hint of a sign-out: an ID token, or what `sealHint` made of one.
 * Source: OpenID Connect RP-Initiated Logout 1.0 §2.
 */
export function readSignOutHint(
  instance: InstanceContext,
  text: string | undefined,
): IdTokenHint | undefined {
  return text?.startsWith('lk_ih_') ? openHint(instance, text) : readIdTokenHint(instance, text);
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
