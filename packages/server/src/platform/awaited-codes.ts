import type { InstanceContext } from './instances.ts';
import { sha256Hex } from './random.ts';

/**
 * The hash by which a device code or `auth_req_id` is stored and looked up. At a further domain of an instance it is another
 * one, so that the code is found only where it was given out.
 */
export function awaitedCodeHash(
  { origin, primaryOrigin }: Pick<InstanceContext, 'origin' | 'primaryOrigin'>,
  code: string,
): string {
  return sha256Hex(origin === primaryOrigin ? code : `${origin} ${code}`);
}
