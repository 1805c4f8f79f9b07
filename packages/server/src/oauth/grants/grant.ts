import type { Params } from '@latchkey/protocol';
import type { RequestContext } from '../../platform/http.ts';
import type { AuthenticatedClient } from '../client-auth.ts';

/** One grant type: from an authenticated client and its parameters to the token endpoint's answer. */
export type Grant = (
  context: RequestContext,
  client: AuthenticatedClient,
  params: Params,
) => Promise<Readonly<Record<string, unknown>>>;
