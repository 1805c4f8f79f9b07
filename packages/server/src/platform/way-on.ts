import type { Activity, WayOn } from '@latchkey/login-ui';
import { applicationHome, type CheckedAuthorizeRequest } from '@latchkey/protocol';
import type { Stopped } from './errors.ts';
import type { RequestContext } from './http.ts';
import { publicUrl } from './instances.ts';

/** The request of a sign-in that stopped, where there was one. */
export function stoppedRequest(request: CheckedAuthorizeRequest | undefined): Stopped {
  return request === undefined ? {} : { clientId: request.clientId, redirectUri: request.redirectUri };
}

/** What a person is doing at an address of ours. */
export function activityAt(path: string): Activity {
  if (path === '/oidc/v1/end_session' || path.startsWith('/logout')) return 'signOut';
  if (path.startsWith('/device')) return 'device';
  return path === '/login/requests' ? 'approval' : 'signIn';
}

const starts: Readonly<Record<Activity, string>> = {
  signIn: '/login',
  signOut: '/logout',
  device: '/device',
  approval: '/login/requests',
};

/** How a person goes on from an error page. */
export interface WaysOn {
  readonly ways: readonly WayOn[];
  readonly applicationName?: string;
}

/**
 * How a person goes on: the same sign-in again, the application's own address, or else our own page to begin at. In
 * another browser the application comes first, since what it remembers of its request is in the browser it was begun in.
 */
export async function waysOnFrom(
  context: RequestContext,
  stopped: Stopped,
  order: 'again-first' | 'application-first',
): Promise<WaysOn> {
  const { deps, instance } = context;
  const { clientId, redirectUri, againHref } = stopped;
  const client = clientId === undefined ? undefined : await deps.facts.clients.load(instance.scope, clientId);
  const about = { issuer: instance.origin, ...(redirectUri === undefined ? {} : { redirectUri }) };
  const isActive = client?.application.state === 'active';
  const home = client !== undefined && isActive ? applicationHome(client, about) : undefined;
  const again = againHref === undefined ? [] : [{ kind: 'again', href: againHref } as const];
  const application = home === undefined ? [] : [{ kind: 'application', href: home } as const];
  const known = order === 'again-first' ? [...again, ...application] : [...application, ...again];
  const start = { kind: 'start', href: publicUrl(instance, starts[activityAt(context.path)]) } as const;
  return {
    ways: known.length === 0 ? [start] : known,
    ...(client === undefined ? {} : { applicationName: client.application.name }),
  };
}
