import type { managerRoles } from '@latchkey/contract';
import { setMembership } from '@latchkey/store';
import {
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  type SeededUser,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { beginFlow, call } from '../flows/flow-world.ts';
import { type ApiCaller, createCaller } from './management-world.ts';

/** A person who is signed in to the console. */
export interface ConsolePerson extends ApiCaller {
  readonly refreshToken: string;
  readonly loginName: string;
  readonly password: string;
}

function consoleOf(server: TestServer): SeededApplication {
  return {
    id: '',
    clientId: 'latchkey-console',
    project: { id: '', organizationId: server.organizationId, roleKeys: [] },
    type: 'user_agent',
    authMethod: 'none',
    redirectUri: `${server.issuer}/console/callback`,
    clientSecret: '',
  };
}

/** Tokens of the console for a person, from a fresh browser; with a DPoP proof, bound to its key. */
export async function consoleTokens(
  server: TestServer,
  user: SeededUser,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly accessToken: string; readonly refreshToken: string }> {
  const application = consoleOf(server);
  // Named, so that an exchange keeps it.
  const scope = 'openid profile email offline_access urn:zitadel:iam:org:project:id:zitadel:aud';
  const flow = await beginFlow(server, application, { scope });
  const agent = createBrowserAgent(server);
  // The console is on the origin of the server, so the browser stays there.
  const { url } = pageOf(await completeSignIn(agent, await agent.open(flow.url), user));
  const form = {
    grant_type: 'authorization_code',
    client_id: application.clientId,
    redirect_uri: application.redirectUri,
    code: url.searchParams.get('code') ?? '',
    code_verifier: flow.verifier,
  };
  const { body } = await call(server, '/oauth/v2/token', { form, headers });
  return { accessToken: String(body.access_token), refreshToken: String(body.refresh_token) };
}

/** Signs a person in to the console, with manager roles for the instance. */
export async function signInToConsole(
  server: TestServer,
  roles: readonly (keyof typeof managerRoles)[],
): Promise<ConsolePerson> {
  const user = await seedUser(server);
  const membership = { objectKind: 'instance', objectId: server.instanceId, userId: user.id } as const;
  await changeAsOperator(server, (change) => setMembership(change, membership, roles));
  const { accessToken, refreshToken } = await consoleTokens(server, user);
  const { loginName, password } = user;
  return { ...createCaller(server, user.id, accessToken), refreshToken, loginName, password };
}

/** The same person with the access token of a refresh: what `auth_time` says stays. */
export async function refreshedCaller(server: TestServer, person: ConsolePerson): Promise<ApiCaller> {
  const form = {
    grant_type: 'refresh_token',
    refresh_token: person.refreshToken,
    client_id: 'latchkey-console',
  };
  const { body } = await call(server, '/oauth/v2/token', { form });
  return createCaller(server, person.userId, String(body.access_token));
}
