import { createHash, randomBytes } from 'node:crypto';
import { completeSignIn, pageOf } from '@latchkey/testkit';
import type { LatchkeyUnderTest } from './latchkey.ts';
import { httpRequest, type RequestPlan } from './load-plan.ts';
import { basic, browserOf, collectTokens, inLanes, send } from './people.ts';
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

type Json = Readonly<Record<string, unknown>>;

/** Calls the management API. Throws on any refusal. */
async function callApi(
  server: LatchkeyUnderTest,
  token: string,
  [method, path, body]: readonly [method: string, path: string, body?: Json],
): Promise<Json> {
  const response = await send(server, `/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  if (response.status >= 300)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Json; // cast: every answer of the API is an object
}

/** A token of a machine by its secret. */
async function machineToken(
  server: LatchkeyUnderTest,
  machine: { readonly clientId: string; readonly clientSecret: string },
  scope: string,
): Promise<string> {
  const response = await send(server, '/oauth/v2/token', {
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    headers: { authorization: basic(machine) },
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no machine token: ${response.status}`);
  return token;
}

/** A token of a machine that owns the organization of the users and no more: it may act on some users and not on others. */
async function ownerOfOrganization(server: LatchkeyUnderTest, token: string) {
  const [first] = server.population.users;
  const { organizationId } = await callApi(server, token, ['GET', `/users/${first?.id}`]);
  const machine = { organizationId, kind: 'machine', loginName: 'owner-machine', displayName: 'Owner' };
  const { id } = await callApi(server, token, ['POST', '/users', machine]);
  const roles = ['ORG_OWNER'];
  await callApi(server, token, ['PUT', `/organizations/${organizationId}/managers/${id}`, { roles }]);
  const made = await callApi(server, token, ['POST', `/users/${id}/secrets`, {}]);
  const credentials = { clientId: String(made.clientId), clientSecret: String(made.clientSecret) };
  const scope = 'openid urn:zitadel:iam:org:project:id:zitadel:aud';
  return { organizationId, token: await machineToken(server, credentials, scope) };
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

/** Every request makes another user. */
function userCreation(target: Target, authorization: string, organizationId: unknown): Scenario {
  const make = (): string =>
    httpRequest({
      ...{ method: 'POST', host: target.host, path: '/api/v1/users', authorization },
      json: JSON.stringify({
        organizationId,
        kind: 'human',
        loginName: `user-${randomBytes(8).toString('hex')}`,
        givenName: 'Ada',
        familyName: 'King',
      }),
    });
  return {
    ...target,
    path: 'management POST users',
    plan: { kind: 'once', requests: [] },
    renew: async () => ({ kind: 'once', requests: Array.from({ length: 150 }, make) }),
    expectedStatus: 201,
    expectedText: '"displayName":"Ada King"',
  };
}

/** Every request takes back a token that was issued for it. */
function revocation(server: LatchkeyUnderTest, target: Target): Scenario {
  const { opaqueMachine } = server.population;
  const shared = { method: 'POST', host: target.host, path: '/oauth/v2/revoke' } as const;
  const make = async (): Promise<string> => {
    const form = `token=${await machineToken(server, opaqueMachine, 'openid')}`;
    return httpRequest({ ...shared, authorization: basic(opaqueMachine), form });
  };
  return {
    ...target,
    path: 'revoke',
    plan: { kind: 'once', requests: [] },
    renew: async () => ({
      kind: 'once',
      requests: await inLanes(
        Array.from({ length: 200 }, (_, index) => index),
        make,
      ),
    }),
    expectedText: '',
  };
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
  const owner = await ownerOfOrganization(server, token);
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
    {
      ...target,
      path: 'management PATCH, organization owner',
      plan: renaming(target, `Bearer ${owner.token}`, ids),
      expectedText: '"displayName":"Ada',
    },
    userCreation(target, authorization, owner.organizationId),
    revocation(server, target),
  ];
}
