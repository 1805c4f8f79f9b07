import { signUserAssertion } from '@latchkey/testkit';
import { signProof } from './dpop-proofs.ts';
import type { LatchkeyUnderTest } from './latchkey.ts';
import { httpRequest, type RequestPlan, type WalkStep } from './load-plan.ts';
import type { ProviderPeer } from './peers.ts';
import { addressOf, basic, send } from './people.ts';
import { post, type Scenario, type Sized, type Target } from './scenarios.ts';
import {
  authorizeForm,
  collectCodes,
  redemptionForm,
  type SignedInParty,
  signedInAtProvider,
  signInAtLatchkey,
} from './signed-in-party.ts';

const issued = '"token_type":"Bearer"';
/** Of a scenario that makes its plan for each round. */
const nothingYet: RequestPlan = { kind: 'once', requests: [] };
/** A proof costs the server less than a code, so that more of them make a round as long. */
const proofsPerToken = 4;

/** Each code is used once; they are made before each round, because they live for a minute. */
function codeExchange(party: SignedInParty, { tokenCount, connections }: Sized): Scenario {
  const { target, paths, authorization } = party;
  const shared = { method: 'POST', host: target.host, path: paths.token, authorization } as const;
  const start = redemptionForm(party);
  return {
    ...target,
    path: 'code exchange',
    plan: nothingYet,
    renew: async () => {
      const codes = await collectCodes(party, Math.max(tokenCount, connections));
      return { kind: 'once', requests: codes.map((code) => httpRequest({ ...shared, form: start + code })) };
    },
    expectedText: issued,
  };
}

/** A fresh proof for every request, signed before each round. */
function boundUserinfo(party: SignedInParty, { tokenCount, connections }: Sized): Scenario {
  const { target, paths, boundTokens, proofKey } = party;
  const shared = { method: 'GET', host: target.host, path: paths.userinfo } as const;
  const url = `http://${target.host}${paths.userinfo}`;
  const write = (index: number): string => {
    const accessToken = boundTokens[index % boundTokens.length] ?? '';
    const dpop = signProof(proofKey, { method: 'GET', url, accessToken });
    return httpRequest({ ...shared, authorization: `DPoP ${accessToken}`, dpop });
  };
  const count = Math.max(tokenCount, connections) * proofsPerToken;
  return {
    ...target,
    path: 'userinfo, DPoP',
    plan: nothingYet,
    renew: async () => ({
      kind: 'once',
      requests: Array.from({ length: count }, (_, index) => write(index)),
    }),
    expectedText: '"email_verified":true',
  };
}

/** Push, authorize in a browser that is signed in, redeem. */
function pushedWalk(party: SignedInParty): Scenario {
  const { target, paths, authorization, clientId, cookies, redirectStatus } = party;
  const host = `host: ${target.host}\r\n`;
  const form = `authorization: ${authorization}\r\ncontent-type: application/x-www-form-urlencoded\r\n`;
  const reference = `client_id=${encodeURIComponent(clientId)}&request_uri={last}`;
  const steps: readonly WalkStep[] = [
    {
      head: `POST ${paths.push} HTTP/1.1\r\n${host}${form}`,
      form: authorizeForm(party).toString(),
      expectedStatus: 201,
      handsOnAfter: '"request_uri":"',
    },
    {
      head: `GET ${paths.authorize}?${reference} HTTP/1.1\r\n${host}cookie: {cookie}\r\n`,
      expectedStatus: redirectStatus,
      handsOnAfter: '?code=',
    },
    {
      head: `POST ${paths.token} HTTP/1.1\r\n${host}${form}`,
      form: `${redemptionForm(party)}{last}`,
      expectedStatus: 200,
    },
  ];
  return {
    ...target,
    path: 'PAR, authorize, token',
    plan: { kind: 'walk', steps, cookies },
    expectedText: issued,
  };
}

function partyScenarios(party: SignedInParty, sized: Sized): readonly Scenario[] {
  return [boundUserinfo(party, sized), codeExchange(party, sized), pushedWalk(party)];
}

/** Assertions without `jti`, which may be repeated until they expire (RFC 7523 §3 rule 7). */
function jwtProfile(server: LatchkeyUnderTest, target: Target, { connections }: Sized): Scenario {
  const { machineKeyFile, projectId } = server.population;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const forms = Array.from({ length: connections }, (_, index) => {
    const times = { nowSeconds: nowSeconds - index, lifetimeSeconds: 3600 };
    const claims = { jti: undefined };
    return new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      scope: `urn:zitadel:iam:org:project:id:${projectId}:aud`,
      assertion: signUserAssertion(machineKeyFile, { audience: server.origin, ...times, claims }),
    }).toString();
  });
  const requests = forms.map((form) =>
    httpRequest({ method: 'POST', host: target.host, path: '/oauth/v2/token', form }),
  );
  return {
    ...target,
    path: 'JWT-profile grant',
    plan: { kind: 'rotation', requests },
    expectedText: '"access_token":"lk_at_',
  };
}

async function startDevice(server: LatchkeyUnderTest, index: number): Promise<string> {
  const response = await send(server, '/oauth/v2/device_authorization', {
    body: new URLSearchParams({ scope: 'openid' }),
    headers: {
      authorization: basic(server.population.deviceApp),
      'x-forwarded-for': addressOf(70_000 + index),
    },
  });
  const { device_code: code } = (await response.json()) as { device_code?: string };
  if (code === undefined) throw new Error(`no device code: ${response.status}`);
  return code;
}

/** Devices that wait for their person and ask far too often: nearly every answer is slow_down. */
function devicePoll(server: LatchkeyUnderTest, target: Target, { connections }: Sized): Scenario {
  const authorization = basic(server.population.deviceApp);
  const start = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=';
  return {
    ...target,
    path: 'device poll',
    plan: nothingYet,
    renew: async () => {
      const indexes = Array.from({ length: connections }, (_, index) => index);
      const codes = await Promise.all(indexes.map((index) => startDevice(server, index)));
      return post(
        target,
        '/oauth/v2/token',
        authorization,
        codes.map((code) => start + code),
      );
    },
    expectedStatus: 400,
    // Either of "slow_down" and "authorization_pending"; a code that is not known would be "invalid_grant".
    expectedText: '"error_description":',
  };
}

/** Signs people in at a Latchkey server and lays out what of the provider's grants is measured there. */
export async function latchkeyGrantScenarios(
  server: LatchkeyUnderTest,
  sized: Sized,
): Promise<readonly Scenario[]> {
  const party = await signInAtLatchkey(server, sized.connections);
  const { target } = party;
  return [
    ...partyScenarios(party, sized),
    jwtProfile(server, target, sized),
    devicePoll(server, target, sized),
  ];
}

/** What of it node-oidc-provider does too. */
export function providerGrantScenarios(peer: ProviderPeer, sized: Sized): readonly Scenario[] {
  return partyScenarios(signedInAtProvider(peer), sized);
}
