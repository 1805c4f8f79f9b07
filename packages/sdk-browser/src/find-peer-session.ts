import type { ClientParts } from './client-parts.ts';

const PEER_TIMEOUT_MS = 150;

/** Asks the other tabs for their session; it is this tab's when one answers. Meanwhile the issuer's metadata is fetched. */
export async function findPeerSession({ sessions, tabs, vault }: ClientParts): Promise<void> {
  // Most of what follows needs it. A failure comes up again where it matters.
  vault.prepare().catch(() => {});
  await tabs.ask(() => sessions.current() !== undefined, PEER_TIMEOUT_MS);
}
