import { problemResponse } from './problem.ts';

/** The header every request of the front end carries; its value is `1`. A foreign page cannot send it without CORS. */
export const CSRF_HEADER = 'x-latchkey-csrf';

/**
 * Refuses what did not come from a script of this origin; undefined for what did. A form cannot send the header, a script
 * elsewhere would need a CORS preflight that is never answered, and browsers tell by `Sec-Fetch-Site` and `Origin` where
 * a request comes from (Fetch §3.2, Fetch Metadata §2.4). A request that changes something must carry one of the two.
 */
export function refuseForeign(request: Request, origin: string): Response | undefined {
  const problem = findForeignSign(request, origin);
  return problem === undefined ? undefined : problemResponse('csrf', problem);
}

function findForeignSign({ method, headers }: Request, origin: string): string | undefined {
  if (headers.get(CSRF_HEADER) !== '1')
    return `The header ${CSRF_HEADER}: 1 is missing. Send requests with createAuthFetch() of @latchkey/browser, or add the header.`;
  const [site, from] = [headers.get('sec-fetch-site'), headers.get('origin')];
  if (site !== null && site !== 'same-origin')
    return `The request comes from another origin (Sec-Fetch-Site: ${site}). Call this server from pages of ${origin} only.`;
  if (from !== null && from !== origin)
    return `The request comes from another origin than ${origin}. If that is the address of your app, set it as baseUrl.`;
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isRead && site === null && from === null)
    return `The request says neither by Origin nor by Sec-Fetch-Site where it comes from. Send the header Origin: ${origin}.`;
  return undefined;
}
