import {
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededApplication,
  type SeededUser,
  type TestServer,
} from '@latchkey/testkit';
import { type Answer, basicOf, beginFlow, call, payloadOf, signIn } from './flow-world.ts';

const deviceType = 'urn:ietf:params:oauth:grant-type:device_code';
const cibaType = 'urn:openid:params:grant-type:ciba';

/** A server, and the person who signs in there. */
export interface Obtaining {
  readonly server: TestServer;
  /** The person. */
  readonly ada: SeededUser;
  /** The front end in which the person is signed in already, for grants that ask nothing more. */
  readonly spa: SeededApplication;
}

/** Gets tokens for a scope at an application; resolves to the answer. */
export type Way = (world: Obtaining, by: SeededApplication, scope: string) => Promise<Answer>;

function redeem({ server }: Obtaining, by: SeededApplication, form: Readonly<Record<string, string>>) {
  return call(server, '/oauth/v2/token', { form, headers: basicOf(by) });
}

/** Gets tokens by a code, with further parameters in the authorization request. */
export async function obtainByCode(
  world: Obtaining,
  by: SeededApplication,
  params: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { flow, code } = await signIn(world.server, by, world.ada, { params });
  const form = { grant_type: 'authorization_code', code, redirect_uri: by.redirectUri };
  return await redeem(world, by, { ...form, code_verifier: flow.verifier });
}

/** Every way in which an application with a secret gets a person's access token for a scope. */
export const waysToObtain: Readonly<Record<string, Way>> = {
  code: (world, by, scope) => obtainByCode(world, by, { scope }),
  silent: async (world, by, scope) => {
    const { server, spa, ada } = world;
    const { agent } = await signIn(server, spa, ada);
    const flow = await beginFlow(server, by, { scope, prompt: 'none' });
    const code = leftFor(await agent.open(flow.url)).url.searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: by.redirectUri };
    return await redeem(world, by, { ...form, code_verifier: flow.verifier });
  },
  'front channel': async (world, by, scope) => {
    const response_type = 'code id_token token';
    const { callback } = await signIn(world.server, by, world.ada, { params: { scope, response_type } });
    const fields = Object.fromEntries(new URLSearchParams(callback.hash.slice(1)));
    // The front channel need not tell the scope; what is in the token counts.
    const { scope: told = payloadOf(fields.access_token ?? '').scope } = fields;
    return { status: 200, headers: new Headers(), body: { ...fields, scope: told } };
  },
  pushed: async (world, by, scope) => {
    const { server, ada } = world;
    const flow = await beginFlow(server, by, { scope });
    const form = Object.fromEntries(flow.url.searchParams);
    const pushed = await call(server, '/oauth/v2/par', { form, headers: basicOf(by) });
    const query = new URLSearchParams({
      client_id: by.clientId,
      request_uri: String(pushed.body.request_uri),
    });
    const agent = createBrowserAgent(server);
    const stop = await completeSignIn(agent, await agent.open(`/oauth/v2/authorize?${query}`), ada);
    const code = leftFor(stop).url.searchParams.get('code') ?? '';
    const redemption = { grant_type: 'authorization_code', code, redirect_uri: by.redirectUri };
    return await redeem(world, by, { ...redemption, code_verifier: flow.verifier });
  },
  refresh: async (world, by, scope) => {
    const { body } = await obtainByCode(world, by, { scope: `${scope} offline_access` });
    return await redeem(world, by, {
      grant_type: 'refresh_token',
      refresh_token: String(body.refresh_token),
    });
  },
  device: async (world, by, scope) => {
    const { server, ada } = world;
    const form = { scope };
    const { body } = await call(server, '/oauth/v2/device_authorization', { form, headers: basicOf(by) });
    const agent = createBrowserAgent(server);
    const entry = pageOf(await agent.open('/device'));
    const typed = await agent.submit(entry, { userCode: String(body.user_code) });
    await agent.submit(pageOf(await completeSignIn(agent, typed, ada)), {}, { buttonId: 'submit' });
    return await redeem(world, by, { grant_type: deviceType, device_code: String(body.device_code) });
  },
  ciba: async (world, by, scope) => {
    const { server, ada } = world;
    const form = { scope, login_hint: ada.loginName };
    const { body } = await call(server, '/oauth/v2/bc-authorize', { form, headers: basicOf(by) });
    const agent = createBrowserAgent(server);
    const page = pageOf(await completeSignIn(agent, await agent.open('/login/requests'), ada));
    const approve = page.html.match(/id="(approve-[^"]+)"/)?.[1] ?? '';
    await agent.submit(page, {}, { buttonId: approve });
    return await redeem(world, by, { grant_type: cibaType, auth_req_id: String(body.auth_req_id) });
  },
};
