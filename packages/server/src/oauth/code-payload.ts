import { type CodeFacts, epochMs } from '@latchkey/protocol';
import type { InstanceContext } from '../platform/instances.ts';

/** Seals what a code stands for into the code itself. */
export function sealCode(instance: InstanceContext, code: CodeFacts): string {
  return instance.sealer.sealCompact('code', JSON.stringify([2, code]));
}

/** Opens a code; `undefined` for anything that is not one of this instance, or was issued by another version. */
export function openCode(instance: InstanceContext, text: string): CodeFacts | undefined {
  const sealed = instance.sealer.open('code', text);
  if (sealed === undefined) return undefined;
  const value: readonly [unknown, CodeFacts] = JSON.parse(sealed);
  const [version, code] = value;
  return version === 2 ? { ...code, expiresAtMs: epochMs(code.expiresAtMs) } : undefined;
}
