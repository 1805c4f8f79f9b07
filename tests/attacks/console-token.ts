import { completeSignIn, createBrowserAgent, type SeededUser, type TestServer } from '@latchkey/testkit';
import { beginFlow, call } from '../flows/flow-world.ts';

/** The scope the console asks for. */
const consoleScope = 'openid profile urn:zitadel:iam:org:project:id:zitadel:aud';

/** Signs a person in to the console in a fresh browser; resolves to their token for the management API. */
export async function consoleToken(
  server: TestServer,
  person: Pick<SeededUser, 'loginName' | 'password'>,
  scope = consoleScope,
): Promise<string> {
  const clientId = 'latchkey-console';
  const redirectUri = `${server.issuer}/console/callback`;
  const flow = await beginFlow(server, { clientId, redirectUri }, { scope });
  const agent = createBrowserAgent(server);
  const stop = await completeSignIn(agent, await agent.open(flow.url), person);
  // The console is on the issuer's own origin, so the browser does not leave for it.
  const url = stop.kind === 'left' ? stop.url : stop.page.url;
  const { body } = await call(server, '/oauth/v2/token', {
    form: {
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      code_verifier: flow.verifier,
      redirect_uri: redirectUri,
      client_id: clientId,
    },
  });
  if (typeof body.access_token !== 'string')
    throw new Error(`no token for ${person.loginName}: ${JSON.stringify(body)}`);
  return body.access_token;
}
