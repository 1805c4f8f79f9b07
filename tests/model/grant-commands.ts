import { pageOf } from '@latchkey/testkit';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Answer } from '../flows/flow-world.ts';
import {
  advanceFamily,
  beginFamily,
  endGrants,
  endSession,
  lifetimesMs,
  type Model,
  type ModelAccessToken,
  type ModelGrant,
  type ModelRefreshToken,
  type ModelSession,
  mayAppAct,
  redeemOutcome,
  refreshOutcome,
} from './grant-model.ts';
import {
  askSilently,
  changeState,
  codeOfNewSession,
  compare,
  type GrantWorld,
  redeemAt,
  refreshAt,
  revokeAt,
} from './grant-world.ts';

type Command = fc.AsyncCommand<Model, GrantWorld>;
type App = 0 | 1;

/** A session by password lives twelve idle hours; what its cookie is worth later is not what this model is about. */
const sessionUseMs = 11 * 3_600_000;

function pick<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('Nothing to pick from.');
  return found;
}

function other(app: App): App {
  return app === 0 ? 1 : 0;
}

function command(name: string, check: (model: Model) => boolean, run: Command['run']): Command {
  return {
    toString: () => name,
    check,
    run: async (model, world) => {
      // Two things never happen in the same millisecond: a revocation ends what was issued at or before its own.
      world.server.clock.advance(1);
      model.nowMs = world.server.clock.now();
      await run(model, world);
      await compare(world, model);
    },
  };
}

function addGrant(
  model: Model,
  world: GrantWorld,
  begun: {
    readonly app: App;
    readonly session: ModelSession;
    readonly code: string;
    readonly verifier: string;
  },
): void {
  const { app, session, code, verifier } = begun;
  const grant: ModelGrant = {
    ...{ app, session, codeAtMs: model.nowMs, redeemedAtMs: undefined, generation: 0 },
    ...{ replacedAtMs: new Map<number, number>(), idleEndsAtMs: 0, absoluteEndsAtMs: 0, ended: false },
  };
  model.grants.push(grant);
  world.codes.set(grant, { code, verifier });
}

function keepTokens(model: Model, grant: ModelGrant, answer: Answer): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const { access_token, refresh_token } = answer.body;
  model.accessTokens.push({ text: String(access_token), grant, issuedAtMs: model.nowMs, dead: false });
  model.refreshTokens.push({ text: String(refresh_token), grant, generation: grant.generation });
}

function expectRefused(answer: Answer, error: string): void {
  expect([answer.status, answer.body.error]).toEqual([error === 'invalid_client' ? 401 : 400, error]);
}

function signInTo(app: App): Command {
  return command(
    `sign in to ${app}`,
    (model) => model.isUserActive && mayAppAct(model, app),
    async (model, world) => {
      const { agent, code, verifier } = await codeOfNewSession(world, app);
      const session: ModelSession = { startedAtMs: model.nowMs, ended: false };
      model.sessions.push(session);
      world.agents.set(session, agent);
      addGrant(model, world, { app, session, code, verifier });
    },
  );
}

function askAgain(app: App, index: number): Command {
  return command(
    `prompt=none for ${app} in session ${index}`,
    (model) =>
      model.sessions.length > 0 &&
      mayAppAct(model, app) &&
      model.nowMs - pick(model.sessions, index).startedAtMs < sessionUseMs,
    async (model, world) => {
      const session = pick(model.sessions, index);
      const { code, error, verifier } = await askSilently(world, session, app);
      if (session.ended) expect(error).toBe('login_required');
      else {
        expect(error).toBeUndefined();
        addGrant(model, world, { app, session, code: code ?? '', verifier });
      }
    },
  );
}

function redeem(index: number, by: 'owner' | 'stranger'): Command {
  return command(
    `redeem code ${index} by its ${by}`,
    // A used code is remembered ten minutes beyond its own; later it is only an expired one.
    (model) =>
      model.grants.length > 0 &&
      model.nowMs - pick(model.grants, index).codeAtMs < lifetimesMs.code + 9 * 60_000,
    async (model, world) => {
      const grant = pick(model.grants, index);
      if (by === 'stranger') {
        const app = other(grant.app);
        const answer = await redeemAt(world, grant, app);
        if (!mayAppAct(model, app)) return expectRefused(answer, 'invalid_client');
        // A used code in other hands is a stolen one (decision 0032).
        if (grant.redeemedAtMs !== undefined) endGrants(model, (candidate) => candidate === grant);
        return expectRefused(answer, 'invalid_grant');
      }
      const outcome = redeemOutcome(model, grant);
      const answer = await redeemAt(world, grant, grant.app);
      if (outcome === 'invalid_client') return expectRefused(answer, 'invalid_client');
      if (outcome === 'tokens') {
        beginFamily(model, grant);
        return keepTokens(model, grant, answer);
      }
      expectRefused(answer, 'invalid_grant');
      if (outcome === 'replay') endGrants(model, (candidate) => candidate === grant);
    },
  );
}

function refresh(index: number, by: 'owner' | 'stranger'): Command {
  return command(
    `present refresh token ${index} by its ${by}`,
    (model) => model.refreshTokens.length > 0,
    async (model, world) => {
      // Counted from the newest, so that small numbers mean the likely thing.
      const token = pick(model.refreshTokens.toReversed(), index);
      const { grant } = token;
      if (by === 'stranger') {
        const app = other(grant.app);
        const error = mayAppAct(model, app) ? 'invalid_grant' : 'invalid_client';
        return expectRefused(await refreshAt(world, token.text, app), error);
      }
      const outcome = refreshOutcome(model, token);
      const answer = await refreshAt(world, token.text, grant.app);
      if (outcome === 'invalid_client') return expectRefused(answer, 'invalid_client');
      if (outcome === 'rotate' || outcome === 'sibling') {
        advanceFamily(model, grant, outcome);
        return keepTokens(model, grant, answer);
      }
      expectRefused(answer, 'invalid_grant');
      if (outcome === 'replay') endGrants(model, (candidate) => candidate === grant);
    },
  );
}

function revoke(kind: 'access' | 'refresh', index: number, by: 'owner' | 'stranger'): Command {
  const listOf = (model: Model): readonly (ModelAccessToken | ModelRefreshToken)[] =>
    kind === 'access' ? model.accessTokens : model.refreshTokens;
  return command(
    `revoke ${kind} token ${index} by its ${by}`,
    (model) => listOf(model).length > 0,
    async (model, world) => {
      const token = pick(listOf(model), index);
      const app = by === 'owner' ? token.grant.app : other(token.grant.app);
      const answer = await revokeAt(world, token.text, app);
      if (!mayAppAct(model, app)) return expectRefused(answer, 'invalid_client');
      if (by === 'stranger') {
        // RFC 7009 §2.1: refused when it is another client's, unknown like any dead text when it is over anyway.
        const isUnknown = answer.status === 200;
        expect([answer.status, answer.body.error]).toEqual(
          isUnknown ? [200, undefined] : [400, 'invalid_client'],
        );
        return;
      }
      expect([answer.status, answer.body]).toEqual([200, {}]);
      if ('issuedAtMs' in token) token.dead = true;
      else endGrants(model, (candidate) => candidate === token.grant);
    },
  );
}

function logOut(index: number): Command {
  return command(
    `log out of session ${index}`,
    (model) =>
      model.sessions.length > 0 && model.nowMs - pick(model.sessions, index).startedAtMs < sessionUseMs,
    async (model, world) => {
      const session = pick(model.sessions, index);
      const agent = world.agents.get(session);
      if (agent === undefined) throw new Error('A session without a browser.');
      const page = pageOf(await agent.open('/oidc/v1/end_session'));
      expect(page.name).toBe(session.ended ? 'signed-out' : 'sign-out-confirm');
      if (!session.ended) await agent.submit(page, {}, { buttonId: 'submit' });
      endSession(model, session);
    },
  );
}

type State = 'active' | 'inactive';

function setUser(state: State): Command {
  return command(
    `make the user ${state}`,
    (model) => model.isUserActive !== (state === 'active'),
    async (model, world) => {
      model.isUserActive = state === 'active';
      await changeState(world, model, 'user', world.user.id, state);
      for (const session of model.sessions) endSession(model, session);
    },
  );
}

function setApp(app: App, state: State): Command {
  return command(
    `make application ${app} ${state}`,
    (model) => model.isAppActive[app] !== (state === 'active'),
    async (model, world) => {
      model.isAppActive[app] = state === 'active';
      await changeState(world, model, 'application', world.apps[app].id, state);
      endGrants(model, (grant) => grant.app === app && grant.redeemedAtMs !== undefined);
    },
  );
}

function setProject(state: State): Command {
  return command(
    `make the project ${state}`,
    (model) => model.isProjectActive !== (state === 'active'),
    async (model, world) => {
      model.isProjectActive = state === 'active';
      await changeState(world, model, 'project', world.project.id, state);
      endGrants(model, (grant) => grant.redeemedAtMs !== undefined);
    },
  );
}

function wait(ms: number): Command {
  return command(
    `wait ${ms} ms`,
    () => true,
    async (model, world) => {
      world.server.clock.advance(ms);
      model.nowMs = world.server.clock.now();
    },
  );
}

/** Twice a sign-in with its code redeemed: what comes after it is about something. */
const prelude = [signInTo(0), redeem(0, 'owner'), signInTo(1), redeem(1, 'owner')] as const;

function often(weight: number, arbitrary: fc.Arbitrary<Command>): readonly fc.Arbitrary<Command>[] {
  return Array.from({ length: weight }, () => arbitrary);
}

/** Random commands; those that build something come more often than those that end it. */
export function grantCommands(): fc.Arbitrary<Iterable<Command>> {
  const app = fc.constantFrom<App>(0, 1);
  const index = fc.nat({ max: 5 });
  const mostly = fc.oneof(
    { arbitrary: fc.constant('owner' as const), weight: 6 },
    { arbitrary: fc.constant('stranger' as const), weight: 1 },
  );
  const newest = fc.oneof({ arbitrary: fc.nat({ max: 2 }), weight: 3 }, { arbitrary: index, weight: 1 });
  const waits = fc.constantFrom(1, 4000, 9000, 10_001, 10_001, 61_000, 300_000, 901_000);
  const rarely = fc.nat({ max: 4 }).map((chance) => wait(chance === 0 ? 31 * 86_400_000 : 1));
  const replayPath = process.env.GRANT_LIFE_REPLAY;
  return fc.commands(
    [
      ...often(2, app.map(signInTo)),
      ...often(
        2,
        fc.tuple(app, index).map(([which, at]) => askAgain(which, at)),
      ),
      ...often(
        4,
        fc.tuple(index, mostly).map(([at, by]) => redeem(at, by)),
      ),
      ...often(
        14,
        fc.tuple(newest, mostly).map(([at, by]) => refresh(at, by)),
      ),
      ...often(
        2,
        fc.tuple(index, mostly).map(([at, by]) => revoke('access', at, by)),
      ),
      fc.tuple(index, mostly).map(([at, by]) => revoke('refresh', at, by)),
      index.map(logOut),
      fc.constant(setUser('inactive')),
      ...often(5, fc.constant(setUser('active'))),
      app.map((which) => setApp(which, 'inactive')),
      ...often(
        4,
        app.map((which) => setApp(which, 'active')),
      ),
      fc.constant(setProject('inactive')),
      ...often(5, fc.constant(setProject('active'))),
      ...often(4, waits.map(wait)),
      rarely,
    ],
    { size: 'max', maxCommands: 60, ...(replayPath === undefined ? {} : { replayPath }) },
  );
}

/** Runs what every history begins with. */
export async function begin(model: Model, world: GrantWorld): Promise<void> {
  for (const first of prelude) await first.run(model, world);
}

/** Brings everything back and shows that nothing dead comes back with it, and that what lives goes on. */
export async function finish(model: Model, world: GrantWorld): Promise<void> {
  const revivals = [setUser('active'), setProject('active'), setApp(0, 'active'), setApp(1, 'active')];
  for (const revival of revivals) if (revival.check(model)) await revival.run(model, world);
  for (const token of model.refreshTokens) {
    if (!token.grant.ended) continue;
    expectRefused(await refreshAt(world, token.text, token.grant.app), 'invalid_grant');
  }
  for (const token of model.refreshTokens) {
    if (token.grant.ended || token.generation !== token.grant.generation) continue;
    const isOver = model.nowMs >= Math.min(token.grant.idleEndsAtMs, token.grant.absoluteEndsAtMs);
    const answer = await refreshAt(world, token.text, token.grant.app);
    if (isOver) expectRefused(answer, 'invalid_grant');
    else {
      advanceFamily(model, token.grant, 'rotate');
      keepTokens(model, token.grant, answer);
    }
    break;
  }
  await compare(world, model);
}
