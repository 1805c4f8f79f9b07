import type { LatchkeyUnderTest } from './latchkey.ts';
import { httpRequest, type RequestPlan } from './load-plan.ts';
import type { Peer, ProviderPeer } from './peers.ts';
import { basic, collectTokens, send, type TokenSet } from './people.ts';

/** The paths that are measured, in the order of the table. */
export const paths = [
  'introspection, opaque',
  'introspection, JWT',
  'client_credentials, opaque',
  'client_credentials, JWT ES256',
  'refresh',
  'userinfo',
  'userinfo, DPoP',
  'code exchange',
  'JWT-profile grant',
  'PAR, authorize, token',
  'device poll',
] as const;

/** Further paths that are compared between two checkouts (`compare-checkouts.ts`). */
export const comparedPaths = [
  'authorize, silent',
  'token exchange',
  'password sign-in',
  'management GET',
  'management PATCH',
  'management PATCH, organization owner',
  'management POST users',
  'revoke',
] as const;

export type Path = (typeof paths)[number] | (typeof comparedPaths)[number];
export type TargetName = LatchkeyUnderTest['name'] | 'oidc-provider' | 'node:http echo';

/** One server on one path. */
export interface Scenario {
  readonly path: Path;
  readonly target: TargetName;
  readonly port: number;
  readonly pid: () => number | undefined;
  readonly plan: RequestPlan;
  /** Makes the plan of each round, where its requests are good once or not for long. */
  readonly renew?: () => Promise<RequestPlan>;
  readonly expectedText: string;
  /** 200 unless told. */
  readonly expectedStatus?: number;
}

/** How much a scenario prepares. */
export interface Sized {
  readonly tokenCount: number;
  readonly connections: number;
}

/** A server as scenarios know it. */
export type Target = Pick<Scenario, 'target' | 'port' | 'pid'> & { readonly host: string };

/** The same POST over and over, with one form after the other. */
export function post(
  target: Target,
  path: string,
  authorization: string,
  forms: readonly string[],
): RequestPlan {
  const shared = { method: 'POST', host: target.host, path, authorization } as const;
  return { kind: 'rotation', requests: forms.map((form) => httpRequest({ ...shared, form })) };
}

function refreshPlan(
  target: Target,
  path: string,
  authorization: string,
  tokens: readonly string[],
): RequestPlan {
  const start = `POST ${path} HTTP/1.1\r\nhost: ${target.host}\r\nauthorization: ${authorization}\r\n`;
  return {
    kind: 'chain',
    head: `${start}content-type: application/x-www-form-urlencoded\r\n`,
    bodyPrefix: 'grant_type=refresh_token&refresh_token=',
    firstTokens: tokens,
    answerField: 'refresh_token',
  };
}

function bearerPlan(target: Target, path: string, tokens: readonly string[]): RequestPlan {
  const shared = { method: 'GET', host: target.host, path } as const;
  return {
    kind: 'rotation',
    requests: tokens.map((token) => httpRequest({ ...shared, authorization: `Bearer ${token}` })),
  };
}

const introspectionForm = (token: string): string => `token=${token}&token_type_hint=access_token`;
const accessTokensOf = (tokens: readonly TokenSet[]): readonly string[] =>
  tokens.map(({ accessToken }) => accessToken);

/** Signs people in at a Latchkey server and lays out what to measure there. */
export async function latchkeyScenarios(
  server: LatchkeyUnderTest,
  sized: Sized,
): Promise<readonly Scenario[]> {
  const { population } = server;
  const { api, opaqueApp, jwtApp, opaqueMachine, jwtMachine, projectId } = population;
  const target: Target = { target: server.name, port: server.port, pid: server.pid, host: server.host };
  const opaque = await collectTokens(server, opaqueApp, Math.max(sized.tokenCount, sized.connections));
  const jwt = await collectTokens(server, jwtApp, sized.tokenCount);
  const scope = encodeURIComponent(`urn:zitadel:iam:org:project:id:${projectId}:aud`);
  const machineForm = [`grant_type=client_credentials&scope=${scope}`];
  const refreshTokens = opaque.slice(0, sized.connections).map(({ refreshToken }) => refreshToken);
  const introspection = (tokens: readonly TokenSet[]): RequestPlan =>
    post(target, '/oauth/v2/introspect', basic(api), accessTokensOf(tokens).map(introspectionForm));
  const token = '/oauth/v2/token';
  const issued = '"token_type":"Bearer"';
  const active = '"active":true';
  return [
    { ...target, path: 'introspection, opaque', plan: introspection(opaque), expectedText: active },
    { ...target, path: 'introspection, JWT', plan: introspection(jwt), expectedText: active },
    {
      ...target,
      path: 'client_credentials, opaque',
      plan: post(target, token, basic(opaqueMachine), machineForm),
      expectedText: '"access_token":"lk_at_',
    },
    {
      ...target,
      path: 'client_credentials, JWT ES256',
      plan: post(target, token, basic(jwtMachine), machineForm),
      // base64url of {"alg":"ES256"
      expectedText: '"access_token":"eyJhbGciOiJFUzI1NiI',
    },
    {
      ...target,
      path: 'refresh',
      plan: refreshPlan(target, token, basic(opaqueApp), refreshTokens),
      expectedText: issued,
    },
    {
      ...target,
      path: 'userinfo',
      plan: bearerPlan(target, '/oidc/v1/userinfo', accessTokensOf(opaque)),
      expectedText: '"email_verified":true',
    },
  ];
}

/** The same paths at node-oidc-provider; it does not introspect JWTs. */
export function providerScenarios(peer: ProviderPeer): readonly Scenario[] {
  const { port, pid, client } = peer;
  const target: Target = { target: 'oidc-provider', port, pid, host: `localhost:${port}` };
  const authorization = basic({ clientId: client.client_id, clientSecret: client.client_secret });
  return [
    {
      ...target,
      path: 'introspection, opaque',
      plan: post(target, '/token/introspection', authorization, peer.accessTokens.map(introspectionForm)),
      expectedText: '"active":true',
    },
    {
      ...target,
      path: 'client_credentials, opaque',
      plan: post(target, '/token', authorization, ['grant_type=client_credentials']),
      expectedText: '"token_type":"Bearer"',
    },
    {
      ...target,
      path: 'client_credentials, JWT ES256',
      plan: post(target, '/token', authorization, [
        `grant_type=client_credentials&resource=${encodeURIComponent(peer.resource)}`,
      ]),
      expectedText: '"access_token":"eyJhbGciOiJFUzI1NiI',
    },
    {
      ...target,
      path: 'refresh',
      plan: refreshPlan(target, '/token', authorization, peer.refreshTokens),
      expectedText: '"token_type":"Bearer"',
    },
    {
      ...target,
      path: 'userinfo',
      plan: bearerPlan(target, '/me', peer.accessTokens),
      expectedText: '"email_verified":true',
    },
  ];
}

/** The size of the answer a scenario gets, in bytes; a link of a chain is spent by asking. */
async function answerSize(server: LatchkeyUnderTest, scenario: Scenario): Promise<number> {
  if (scenario.plan.kind !== 'rotation') return 1500;
  const [first = ''] = scenario.plan.requests;
  const [head = '', body = ''] = first.split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const [method = '', path = ''] = line.split(' ');
  const headers = Object.fromEntries(lines.map((each) => each.split(': ', 2) as [string, string]));
  const response = await send(server, path, { method, headers, ...(body === '' ? {} : { body }) });
  return (await response.text()).length;
}

/** The requests of a server sent to the bare one, which answers with as many bytes. */
export async function echoScenarios(
  echo: Peer,
  server: LatchkeyUnderTest,
  measured: readonly Scenario[],
): Promise<readonly Scenario[]> {
  const scenarios: Scenario[] = [];
  for (const scenario of measured) {
    // What depends on the answer before, or is good once, cannot be echoed.
    if (scenario.plan.kind !== 'rotation') continue;
    const size = await answerSize(server, scenario);
    const requests = scenario.plan.requests.map((text) => text.replace(/^(\w+) \S+/, `$1 /${size}`));
    scenarios.push({
      path: scenario.path,
      target: 'node:http echo',
      port: echo.port,
      pid: echo.pid,
      plan: { kind: 'rotation', requests },
      expectedText: '"active":true',
    });
  }
  return scenarios;
}
