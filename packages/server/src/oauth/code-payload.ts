import { type CodeFacts, epochMs } from '@latchkey/protocol';
import type { InstanceContext } from '../platform/instances.ts';

/** Seals what a code stands for into the code itself. */
export function sealCode(instance: InstanceContext, code: CodeFacts): string {
  return instance.sealer.seal(
    'code',
    JSON.stringify([
      1,
      code.codeId,
      code.expiresAtMs,
      code.clientId,
      code.redirectUri,
      code.scopes.join(' '),
      code.nonce ?? null,
      code.codeChallenge ?? null,
      code.sessionId,
      code.userId,
      code.grantId,
    ]),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Opens a code; `undefined` for anything that is not one of this instance. */
export function openCode(instance: InstanceContext, text: string): CodeFacts | undefined {
  const sealed = instance.sealer.open('code', text);
  if (sealed === undefined) return undefined;
  const value: unknown = JSON.parse(sealed);
  if (!Array.isArray(value) || value.length !== 11 || value[0] !== 1) return undefined;
  const [
    ,
    codeId,
    expiresAtMs,
    clientId,
    redirectUri,
    scope,
    nonce,
    codeChallenge,
    sessionId,
    userId,
    grantId,
  ]: unknown[] = value;
  if (
    ![codeId, clientId, redirectUri, scope, sessionId, userId, grantId].every(isText) ||
    typeof expiresAtMs !== 'number'
  )
    return undefined;
  return {
    codeId: String(codeId),
    expiresAtMs: epochMs(expiresAtMs),
    clientId: String(clientId),
    redirectUri: String(redirectUri),
    scopes: String(scope).split(' '),
    ...(isText(nonce) ? { nonce } : {}),
    ...(isText(codeChallenge) ? { codeChallenge } : {}),
    sessionId: String(sessionId),
    userId: String(userId),
    grantId: String(grantId),
  };
}
