import { updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  type SeededMachine,
  seedApplication,
  seedMachine,
  seedManager,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProofKey, proofFor } from '../flows/dpop-proof.ts';
import { basicOf, call, countRows } from '../flows/flow-world.ts';
import { type ConsolePerson, consoleTokens, refreshedCaller, signInToConsole } from './console-sign-in.ts';
import { dangerousCall, dangerousOperations } from './dangerous-calls.ts';
import {
  type ApiCaller,
  createCaller,
  type ManagementWorld,
  startManagementWorld,
} from './management-world.ts';
import { type Estate, seedEstate } from './seeded-estate.ts';

const twentyHoursMs = 20 * 3_600_000;
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const managementScope = 'openid urn:zitadel:iam:org:project:id:zitadel:aud';

describe('dangerous operations require a recent sign-in', () => {
  let world: ManagementWorld;
  let estate: Estate;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    estate = await seedEstate(world, world.server.organizationId);
  }, 60_000);
  afterAll(() => world.stop());

  /** An owner who signed in so long ago, with a token of now. */
  async function ownerSignedIn(agoMs: number): Promise<ApiCaller & { readonly person: ConsolePerson }> {
    const person = await signInToConsole(world.server, ['IAM_OWNER']);
    world.server.clock.advance(agoMs);
    return { ...(await refreshedCaller(world.server, person)), person };
  }

  test('RFC 9470 §3: 20 hours after the sign-in every dangerous operation is 401 with a challenge, and changes nothing', async () => {
    const stale = await ownerSignedIn(twentyHoursMs);
    const before = await countRows(world.server);
    const open: string[] = [];
    for (const [id, operation] of dangerousOperations) {
      const { method, path, body } = dangerousCall(estate, [id, operation], world.owner.userId);
      const answer = await stale.send(method, path, body === undefined ? {} : { body });
      const problem = (await answer.json().catch(() => ({}))) as Record<string, unknown>; // cast: whatever the body is, members are compared below
      const challenge = answer.headers.get('www-authenticate') ?? '';
      const isRefused =
        answer.status === 401 &&
        problem.code === 'fresh-sign-in-required' &&
        problem.maxAge === 900 &&
        /^Bearer .*error="insufficient_user_authentication".*max_age=900/.test(challenge);
      if (!isRefused) open.push(`${id}: ${answer.status} ${String(problem.code)}`);
    }
    expect(open).toEqual([]);
    expect(dangerousOperations.length).toBeGreaterThan(40);
    expect(await countRows(world.server)).toEqual(before);
  }, 60_000);

  test('the same person reads and does harmless work with an old sign-in', async () => {
    const stale = await ownerSignedIn(twentyHoursMs);
    await stale.call('listUsers');
    const { data } = await stale.call('createProject', { body: { name: 'Harmless' } });
    const path = { projectId: String(data.id) };
    await stale.call('updateProject', { path, body: { name: 'Still harmless' } });
    await stale.call('updateInstanceSettings', { body: { branding: { radiusPx: 6 } } });
    const of = { userId: estate.parameter('updateUser', 'userId') };
    await stale.call('updateUser', { path: of, body: { displayName: 'Robot one' } });
    const taken = await stale.refused('updateUser', { path: of, body: { loginName: 'robot-eve' } });
    expect(taken.code).toBe('fresh-sign-in-required');
  });

  test('the sign-in may be 900 seconds old and no more; signing in again opens the operation', async () => {
    const { server } = world;
    const removeNew = async (caller: ApiCaller) => {
      const { data } = await world.owner.call('createUser', {
        body: { kind: 'human', loginName: `p${Math.random()}@example.com`, givenName: 'P', familyName: 'Q' },
      });
      return await caller.send('DELETE', `/users/${String(data.id)}`);
    };
    server.clock.pause();
    try {
      const person = await signInToConsole(server, ['IAM_OWNER']);
      // The second the sign-in fell into counts as a whole.
      server.clock.advance(900_000 - (server.clock.now() % 1000));
      const caller = await refreshedCaller(server, person);
      expect((await removeNew(caller)).status).toBe(204);
      server.clock.advance(1000);
      expect((await removeNew(caller)).status).toBe(401);
    } finally {
      server.clock.resume();
    }
    const again = await signInToConsole(server, ['IAM_OWNER']);
    expect((await removeNew(again)).status).toBe(204);
  });

  test('who lacks the permission is told so, not to sign in again', async () => {
    const person = await signInToConsole(world.server, ['IAM_OWNER_VIEWER']);
    world.server.clock.advance(twentyHoursMs);
    const caller = await refreshedCaller(world.server, person);
    const path = { userId: world.owner.userId };
    expect((await caller.refused('removeUser', { path })).code).toBe('forbidden');
  });

  test('machines are exempt: a personal access token and client credentials work at any time', async () => {
    const { server, owner } = world;
    server.clock.advance(twentyHoursMs);
    const { data } = await owner.call('createUser', { body: { kind: 'machine', loginName: 'robot-a' } });
    await owner.call('createUserSecret', { path: { userId: String(data.id) }, body: {} });
    const machine = await seedMachine(server);
    await owner.call('setInstanceManager', { path: { userId: machine.id }, body: { roles: ['IAM_OWNER'] } });
    const caller = createCaller(server, machine.id, await machineToken(machine));
    await caller.call('createUserSecret', { path: { userId: String(data.id) }, body: {} });
  });

  test('RFC 9449 §7.1: a DPoP-bound token is challenged under the scheme DPoP', async () => {
    const { server } = world;
    const key = createProofKey();
    const user = await seedUser(server);
    await seedManager(server, user.id, 'IAM_OWNER');
    const proof = proofFor(server, key, { method: 'POST', path: '/oauth/v2/token' });
    const { accessToken } = await consoleTokens(server, user, { dpop: proof });
    const path = '/api/v1/instance/registration-tokens';
    await setMaximumAge(60);
    try {
      server.clock.advance(62_000);
      const dpop = proofFor(server, key, { method: 'POST', path, accessToken });
      const answer = await server.fetch(path, {
        method: 'POST',
        headers: { authorization: `DPoP ${accessToken}`, dpop, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^DPoP .*error="insufficient_user_authentication".*max_age=60/,
      );
    } finally {
      await setMaximumAge(900);
    }
  });

  describe('tokens that others act with', () => {
    let broker: SeededApplication;
    let helper: SeededMachine;
    beforeAll(async () => {
      const { server, owner } = world;
      const { data } = await owner.call('getInstance');
      const project = {
        id: String(data.managementProjectId),
        organizationId: server.organizationId,
        roleKeys: [],
      };
      broker = await seedApplication(server, project, {
        type: 'api',
        grantTypes: [exchangeGrant],
        isManagementClient: true,
      });
      helper = await seedMachine(server);
      await seedManager(server, helper.id, 'IAM_ADMIN_IMPERSONATOR');
      await changeAsOperator(server, (change) =>
        updateInstanceSettings(change, { isImpersonationEnabled: true }),
      );
    });

    async function exchanged(form: Readonly<Record<string, string>>): Promise<string> {
      const { status, body } = await call(world.server, '/oauth/v2/token', {
        form: { grant_type: exchangeGrant, ...form },
        headers: basicOf(broker),
      });
      expect(body).toMatchObject({ access_token: expect.any(String) });
      expect(status).toBe(200);
      return String(body.access_token);
    }
    const subject = (token: string) => ({ subject_token: token, subject_token_type: accessTokenType });
    const actor = (token: string) => ({ actor_token: token, actor_token_type: accessTokenType });
    const makesToken = async (token: string): Promise<number> =>
      (
        await createCaller(world.server, '', token).send('POST', '/instance/registration-tokens', {
          body: {},
        })
      ).status;

    test('RFC 8693 §4.1: an old sign-in of the actor is not made up for by a fresh one of the subject', async () => {
      const impersonator = await signInToConsole(world.server, ['IAM_ADMIN_IMPERSONATOR']);
      world.server.clock.advance(twentyHoursMs);
      const stale = await refreshedCaller(world.server, impersonator);
      const fresh = await signInToConsole(world.server, ['IAM_OWNER']);
      const token = await exchanged({ ...subject(fresh.token), ...actor(stale.token) });
      expect(await makesToken(token)).toBe(401);
      // Exchanged once more without the actor, it stays a token of the same actor.
      expect(await makesToken(await exchanged(subject(token)))).toBe(401);
      expect(await makesToken(await exchanged(subject(fresh.token)))).toBe(201);
    });

    test('RFC 8693 §4.1: a fresh sign-in of the actor counts, however old that of the subject is', async () => {
      const stale = await ownerSignedIn(twentyHoursMs);
      const impersonator = await signInToConsole(world.server, ['IAM_ADMIN_IMPERSONATOR']);
      const token = await exchanged({ ...subject(stale.token), ...actor(impersonator.token) });
      expect(await makesToken(token)).toBe(201);
      expect(await makesToken(await exchanged(subject(token)))).toBe(201);
    });

    test('a machine that acts for a person is exempt; a person who acts through a machine is not', async () => {
      const owner = await ownerSignedIn(twentyHoursMs);
      const byMachine = { ...subject(owner.token), ...actor(await machineToken(helper)) };
      expect(await makesToken(await exchanged(byMachine))).toBe(201);
      const person = await signInToConsole(world.server, ['IAM_ADMIN_IMPERSONATOR']);
      world.server.clock.advance(twentyHoursMs);
      const stale = await refreshedCaller(world.server, person);
      const current = await signInToConsole(world.server, ['IAM_OWNER']);
      const asRobot = await exchanged({ ...subject(await machineToken(helper)), ...actor(stale.token) });
      const throughRobot = await exchanged({ ...subject(current.token), ...actor(asRobot) });
      expect(await makesToken(throughRobot)).toBe(401);
    });
  });

  describe('the setting', () => {
    const making = (caller: ApiCaller) => caller.send('POST', '/instance/registration-tokens', { body: {} });

    test('updateInstanceSettings: 200 with 60 seconds to a day, and 0 turns the check off', async () => {
      try {
        await setMaximumAge(86_400);
        const caller = await ownerSignedIn(twentyHoursMs);
        expect((await making(caller)).status).toBe(201);
        await setMaximumAge(60);
        const answer = await making(caller);
        expect([answer.status, await answer.json()]).toMatchObject([401, { maxAge: 60 }]);
        await setMaximumAge(0);
        expect((await making(caller)).status).toBe(201);
      } finally {
        await setMaximumAge(900);
      }
      const { data } = await world.owner.call('getInstanceSettings');
      expect(data.security).toEqual({ dangerousActionMaxAgeSeconds: 900 });
    });

    test.each([-1, 1, 59, 86_401, 1.5])(
      'updateInstanceSettings: invalid-input for an age of %d',
      async (age) => {
        const body = { security: { dangerousActionMaxAgeSeconds: age } };
        expect((await world.owner.refused('updateInstanceSettings', { body })).code).toBe('invalid-input');
      },
    );
  });

  function setMaximumAge(dangerousActionMaxAgeSeconds: number) {
    return world.owner.call('updateInstanceSettings', {
      body: { security: { dangerousActionMaxAgeSeconds } },
    });
  }

  async function machineToken(machine: SeededMachine): Promise<string> {
    const form = { grant_type: 'client_credentials', scope: managementScope };
    const { body } = await call(world.server, '/oauth/v2/token', { form, headers: basicOf(machine) });
    return String(body.access_token);
  }
});
