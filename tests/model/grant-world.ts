import {
  type BrowserAgent,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  type SeededProject,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  setState,
  type TestServer,
} from '@latchkey/testkit';
import { expect } from 'vitest';
import { type Answer, beginFlow, call, introspect, signIn } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { isActive, type Model, type ModelGrant, type ModelSession, mayAppAct } from './grant-model.ts';

/** The real things behind a model: one user, one project with two applications, the API of another project. */
export interface GrantWorld {
  readonly server: TestServer;
  readonly api: SeededApplication;
  readonly user: SeededUser;
  readonly project: SeededProject;
  readonly apps: readonly [SeededApplication, SeededApplication];
  readonly agents: Map<ModelSession, BrowserAgent>;
  readonly codes: Map<ModelGrant, { readonly code: string; readonly verifier: string }>;
}

export async function createGrantWorld(server: TestServer, api: SeededApplication): Promise<GrantWorld> {
  const project = await seedProject(server);
  return {
    server,
    api,
    project,
    user: await seedUser(server),
    apps: [
      await seedApplication(server, project, { type: 'user_agent' }),
      await seedApplication(server, project, { type: 'user_agent', accessTokenType: 'jwt' }),
    ],
    agents: new Map(),
    codes: new Map(),
  };
}

function scopeOf(world: GrantWorld): string {
  return `openid offline_access ${audienceScope(world.api.project)}`;
}

/** A code from a browser that signs in afresh. */
export async function codeOfNewSession(world: GrantWorld, app: 0 | 1) {
  const params = { scope: scopeOf(world) };
  const { agent, code, flow } = await signIn(world.server, world.apps[app], world.user, { params });
  return { agent, code, verifier: flow.verifier };
}

/** What `prompt=none` brings in a browser that was signed in once. */
export async function askSilently(world: GrantWorld, session: ModelSession, app: 0 | 1) {
  const agent = world.agents.get(session) ?? createBrowserAgent(world.server);
  const flow = await beginFlow(world.server, world.apps[app], { scope: scopeOf(world), prompt: 'none' });
  const { searchParams } = leftFor(await agent.open(flow.url)).url;
  return {
    code: searchParams.get('code') ?? undefined,
    error: searchParams.get('error') ?? undefined,
    verifier: flow.verifier,
  };
}

function post(world: GrantWorld, path: string, app: 0 | 1, form: Readonly<Record<string, string>>) {
  return call(world.server, path, { form: { ...form, client_id: world.apps[app].clientId } });
}

export function redeemAt(world: GrantWorld, grant: ModelGrant, app: 0 | 1): Promise<Answer> {
  const { code = '', verifier = '' } = world.codes.get(grant) ?? {};
  return post(world, '/oauth/v2/token', app, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: world.apps[app].redirectUri,
  });
}

export function refreshAt(world: GrantWorld, text: string, app: 0 | 1): Promise<Answer> {
  return post(world, '/oauth/v2/token', app, { grant_type: 'refresh_token', refresh_token: text });
}

export function revokeAt(world: GrantWorld, token: string, app: 0 | 1): Promise<Answer> {
  return post(world, '/oauth/v2/revoke', app, { token });
}

/** Changes a state, and waits until the server has heard whether the two applications may act. */
export async function changeState(
  world: GrantWorld,
  model: Model,
  kind: 'user' | 'application' | 'project',
  id: string,
  state: 'active' | 'inactive',
): Promise<void> {
  await setState(world.server, kind, id, state);
  if (kind === 'user') return;
  for (const app of [0, 1] as const) {
    const heard = async (): Promise<unknown> => (await refreshAt(world, 'lk_rt_x', app)).body.error;
    const expected = mayAppAct(model, app) ? 'invalid_grant' : 'invalid_client';
    await expect.poll(heard, { interval: 2, timeout: 5000 }).toBe(expected);
  }
}

/** Holds the server to the model: every access token, and every family of refresh tokens. */
export async function compare(world: GrantWorld, model: Model): Promise<void> {
  for (const token of model.accessTokens) {
    const active = async (): Promise<unknown> =>
      (await introspect(world.server, world.api, token.text)).active;
    const expected = isActive(model, token);
    // The dead are dead at once; the living may have to wait until the server has heard of a reactivation.
    if (expected) await expect.poll(active, { interval: 2, timeout: 3000 }).toBe(true);
    else expect(await active(), 'a dead token is active').toBe(false);
  }
  const rows = await world.server.store.db
    .selectFrom('grants')
    .select(['generation', 'endedAtMs'])
    .where('userId', '=', world.user.id)
    .orderBy('createdAtMs')
    .execute();
  const families = model.grants
    .filter((grant) => grant.redeemedAtMs !== undefined)
    .sort((a, b) => (a.redeemedAtMs ?? 0) - (b.redeemedAtMs ?? 0));
  expect(rows.map((row) => ({ generation: row.generation, ended: row.endedAtMs !== null }))).toEqual(
    families.map(({ generation, ended }) => ({ generation, ended })),
  );
}
