import { createHash, randomBytes } from 'node:crypto';
import { completeSignIn, pageOf } from '@latchkey/testkit';
import type { LatchkeyUnderTest } from './latchkey.ts';
import { httpRequest, type RequestPlan } from './load-plan.ts';
import { basic, browserOf, collectTokens, send } from './people.ts';
import { post, type Scenario, type Sized, type Target } from './scenarios.ts';
import { authorizeForm, type SignedInParty, signInAtLatchkey } from './signed-in-party.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** As every checkout seeds it. */
const administrator = { loginName: 'admin@localhost', password: 'measure-twice-cut-once' };

/** A token of the administrator, from a sign-in at the console. */
async function managementToken(server: LatchkeyUnderTest): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const client = { client_id: 'latchkey-console', redirect_uri: `${server.origin}/console/callback` };
  const query = new URLSearchParams({
    ...client,
    response_type: 'code',
    scope: 'openid urn:zitadel:iam:org:project:id:zitadel:aud',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const agent = browserOf(server, 60_000);
  const start = await agent.open(`${server.origin}/oauth/v2/authorize?${query}`);
  // The console is on the issuer's own origin, so the browser does not leave for it.
  const { url } = pageOf(await completeSignIn(agent, start, administrator));
  const code = url.searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, code_verifier: verifier, ...client };
  const response = await send(server, '/oauth/v2/token', { body: new URLSearchParams(form) });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no management token: ${response.status}`);
  return token;
}

/** Makes an API application of the measured project that may exchange tokens. */
async function makeBroker(server: LatchkeyUnderTest, token: string) {
  const { projectId } = server.population;
  const response = await send(server, '/api/v1/applications', {
    body: JSON.stringify({ projectId, name: 'Broker', type: 'api', grantTypes: [exchange] }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  const made = (await response.json()) as { clientId?: string; clientSecret?: string };
  const { clientId, clientSecret } = made;
  if (clientId === undefined || clientSecret === undefined)
    throw new Error(`no application that exchanges tokens: ${response.status} ${JSON.stringify(made)}`);
  return { clientId, clientSecret };
}

function silentAuthorize(party: SignedInParty): Scenario {
  const { target, paths, cookies } = party;
  const shared = {
    method: 'GET',
    host: target.host,
    path: `${paths.authorize}?${authorizeForm(party)}`,
  } as const;
  return {
    ...target,
    path: 'authorize, silent',
    plan: { kind: 'rotation', requests: cookies.map((cookie) => httpRequest({ ...shared, cookie })) },
    expectedStatus: 302,
    expectedText: '?code=',
  };
}

/** Every user gets one name and then another, so that every request changes something. */
function renaming(target: Target, authorization: string, ids: readonly string[]): RequestPlan {
  const rename = (id: string, displayName: string): string =>
    httpRequest({
      ...{ method: 'PATCH', host: target.host, path: `/api/v1/users/${id}`, authorization },
      json: JSON.stringify({ displayName }),
    });
  const names = ['Ada Lovelace', 'Ada King'];
  return { kind: 'rotation', requests: names.flatMap((name) => ids.map((id) => rename(id, name))) };
}

/** Lays out what `scenarios.ts` and `grant-scenarios.ts` do not measure; over HTTP alone, so that any checkout can be asked. */
export async function comparedScenarios(
  server: LatchkeyUnderTest,
  sized: Sized,
): Promise<readonly Scenario[]> {
  const target: Target = { target: server.name, port: server.port, pid: server.pid, host: server.host };
  const party = await signInAtLatchkey(server, sized.connections);
  const token = await managementToken(server);
  const broker = await makeBroker(server, token);
  const subjects = await collectTokens(server, server.population.opaqueApp, sized.connections);
  const forms = subjects.map(({ accessToken }) =>
    new URLSearchParams({
      grant_type: exchange,
      subject_token: accessToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }).toString(),
  );
  const ids = server.population.users.map(({ id }) => id);
  const authorization = `Bearer ${token}`;
  const reads = ids.map((id) =>
    httpRequest({ method: 'GET', host: target.host, path: `/api/v1/users/${id}`, authorization }),
  );
  return [
    silentAuthorize(party),
    {
      ...target,
      path: 'token exchange',
      plan: post(target, '/oauth/v2/token', basic(broker), forms),
      expectedText: '"issued_token_type"',
    },
    {
      ...target,
      path: 'management GET',
      plan: { kind: 'rotation', requests: reads },
      expectedText: '"loginName"',
    },
    {
      ...target,
      path: 'management PATCH',
      plan: renaming(target, authorization, ids),
      expectedText: '"displayName":"Ada',
    },
  ];
}
