import type { ApplicationFacts } from '@latchkey/protocol';
import type { InstanceContext } from './instances.ts';

/** The host that decides which applications see the same person under the same name (OpenID Connect Core §8.1). */
function sectorOf(application: ApplicationFacts): string {
  const [first] = application.redirectUris;
  if (application.sectorIdentifier !== null) return application.sectorIdentifier;
  return first !== undefined && URL.canParse(first) ? new URL(first).host : application.clientId;
}

/**
 * The `sub` an application is told: the user's id, or for a pairwise application a keyed hash of it and the sector, which
 * nobody can undo or link (OpenID Connect Core §8, §8.1).
 */
export function subjectFor(
  instance: Pick<InstanceContext, 'sealer'>,
  application: ApplicationFacts,
  userId: string,
): string {
  return application.subjectType === 'pairwise'
    ? instance.sealer.digest('pairwise', `${sectorOf(application)}|${userId}`)
    : userId;
}
