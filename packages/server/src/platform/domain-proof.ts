import type { Deps } from './deps.ts';

/** How somebody shows that a domain is theirs: one of the two. */
export function proofOf(domain: string, token: string) {
  return {
    dnsName: `_latchkey-challenge.${domain}`,
    dnsValue: token,
    fileUrl: `https://${domain}/.well-known/latchkey-challenge/${token}`,
    fileContent: token,
  };
}

/** Whether the proof of a domain is there. `detail` says what was seen instead. */
export type DomainProof = { readonly kind: 'found' } | { readonly kind: 'missing'; readonly detail: string };

async function txtRecords(deps: Pick<Deps, 'resolveTxt'>, name: string): Promise<readonly string[]> {
  try {
    // A record longer than 255 bytes comes in pieces (RFC 7208 §3.3).
    return (await deps.resolveTxt(name)).map((pieces) => pieces.join(''));
  } catch {
    return [];
  }
}

/** Looks for the TXT record, then for the file (RFC 8555 §8.3, §8.4 do likewise). */
export async function findDomainProof(
  deps: Pick<Deps, 'resolveTxt' | 'safeFetch'>,
  domain: string,
  token: string,
): Promise<DomainProof> {
  const { dnsName, fileUrl } = proofOf(domain, token);
  const records = await txtRecords(deps, dnsName);
  if (records.includes(token)) return { kind: 'found' };
  try {
    const { status, body } = await deps.safeFetch(fileUrl, { maximumBytes: 1000 });
    if (status === 200 && body.toString().trim() === token) return { kind: 'found' };
    return { kind: 'missing', detail: `The file answered with status ${status}.` };
  } catch {
    const seen = records.length === 0 ? 'no record' : 'records with other values';
    return { kind: 'missing', detail: `${dnsName} has ${seen}, and the file cannot be fetched.` };
  }
}
