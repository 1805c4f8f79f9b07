import { type Bff, LoginRequired } from '@latchkey/bff';
import { addressOf, parseReturnTo } from './addresses.ts';
import { isRouterRequest, refuse } from './refuse.ts';

/** Answers a request. */
export type RouteHandler = (request: Request) => Promise<Response>;

/** A route handler for each method. */
export type RouteHandlers = Readonly<
  Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', RouteHandler>
>;

/** Creates the handlers of the endpoints under `basePath` and of the APIs. */
export function createHandlers(bff: () => Bff, basePath: string): RouteHandlers {
  const handle: RouteHandler = async (request) => {
    const { pathname } = new URL(request.url);
    const isPage =
      request.method === 'GET' && [`${basePath}/sign-in`, `${basePath}/refresh`].includes(pathname);
    // The router in the page cannot follow a redirect to another origin. Refused, it lets the browser go there.
    if (isPage && isRouterRequest(request))
      return refuse(401, 'login_required', 'Open this address in the browser.');
    if (isPage && pathname === `${basePath}/refresh`) return refresh(bff(), request, basePath);
    const answer = await bff().handle(request);
    return (
      answer ??
      refuse(404, 'not_found', `${pathname} is no endpoint of ${basePath} and below no prefix of apis.`)
    );
  };
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle };
}

/** `GET refresh?returnTo=`: refreshes the token for a page that could not, as pages cannot set cookies, and goes back there. */
async function refresh(bff: Bff, request: Request, basePath: string): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const returnTo = parseReturnTo(searchParams.get('returnTo'), basePath);
  let location = returnTo;
  try {
    await bff.getAccessToken(request);
  } catch (error) {
    if (!(error instanceof LoginRequired))
      return refuse(503, 'issuer_unavailable', 'The session cannot be refreshed now. Reload the page later.');
    location = addressOf(basePath, 'sign-in', returnTo);
  }
  const response = new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
  for (const line of bff.setCookies(request)) response.headers.append('set-cookie', line);
  return response;
}
