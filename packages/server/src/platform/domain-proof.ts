import type { Deps } from './deps.ts';
import { FetchRefused } from './safe-fetch.ts';

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

type Outside = Pick<Deps, 'resolveTxt' | 'safeFetch'>;

/** What is wrong with the file on the web server of a domain; `undefined` when it is the proof. */
async function problemWithFile(
  { safeFetch }: Outside,
  url: string,
  { token, instanceId }: Claim,
): Promise<string | undefined> {
  try {
    const { status, body } = await safeFetch(url, { maximumBytes: 1000, instanceId });
    if (status !== 200) return `answers with status ${status}`;
    return body.trim() === token ? undefined : 'holds something else';
  } catch (error) {
    // Why it failed may tell of the network inside.
    if (error instanceof FetchRefused) return 'cannot be fetched over https; redirects are not followed';
    throw error;
  }
}

/** Who says that a domain is theirs. */
export interface Claim {
  readonly domain: string;
  readonly token: string;
  readonly instanceId: string;
}

/** Looks for the TXT record, then for the file (RFC 8555 §8.3, §8.4 do likewise). */
export async function findDomainProof(outside: Outside, claim: Claim): Promise<DomainProof> {
  const { dnsName, fileUrl } = proofOf(claim.domain, claim.token);
  const records = await txtRecords(outside, dnsName);
  if (records.includes(claim.token)) return { kind: 'found' };
  const problem = await problemWithFile(outside, fileUrl, claim);
  if (problem === undefined) return { kind: 'found' };
  const seen = records.length === 0 ? 'no TXT record' : 'TXT records with other values';
  return { kind: 'missing', detail: `${dnsName} has ${seen}; ${fileUrl} ${problem}.` };
}
