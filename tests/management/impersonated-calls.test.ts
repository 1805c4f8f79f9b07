import { removeMembership, setMembership } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  seedApplication,
  seedMachine,
  seedProject,
  seedUser,
  setState,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { basicOf, call, tokensFor } from '../flows/flow-world.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

const type = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`;

describe('calls of the management API by impersonation', () => {
  let world: ManagementWorld;
  let home: string;
  let broker: SeededApplication;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    home = world.server.organizationId;
    await impersonation(true);
    const grantTypes = ['urn:ietf:params:oauth:grant-type:token-exchange'];
    broker = await seedApplication(world.server, await seedProject(world.server), {
      type: 'api',
      grantTypes,
      isManagementClient: true,
    });
  }, 60_000);
  afterAll(() => world.stop());

  async function impersonation(isOn: boolean): Promise<void> {
    await world.owner.call('updateInstanceSettings', { body: { features: { impersonation: isOn } } });
  }

  const roleOf = (userId: string, kind: 'organization' | 'project', objectId: string, ...roles: string[]) => {
    const membership = { objectKind: kind, objectId, userId };
    return changeAsOperator(world.server, (change) => setMembership(change, membership, roles));
  };
  const inOrganization = (...roles: string[]) =>
    world.callerWith(roles, { kind: 'organization', id: home, organizationId: home });

  type Token = Pick<ApiCaller, 'token'>;

  // The management API takes part in an exchange only when the subject token is for it.
  const exchange = (actor: Token, subject: Token) =>
    call(world.server, '/oauth/v2/token', {
      headers: basicOf(broker),
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        ...{ subject_token: subject.token, subject_token_type: type('access_token') },
        ...{ actor_token: actor.token, actor_token_type: type('access_token'), scope: 'openid' },
        audience: 'zitadel',
      },
    });

  async function sendAs(actor: ApiCaller, subject: ApiCaller) {
    const { status, body } = await exchange(actor, subject);
    expect(status).toBe(200);
    const headers = {
      authorization: `Bearer ${String(body.access_token)}`,
      'content-type': 'application/json',
    };
    return async (method: string, path: string, sent?: unknown) => {
      const answer = await world.server.fetch(`/api/v1${path}`, {
        method,
        headers,
        ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
    };
  }

  test('what an impersonator changes names both in the log: the user as actor, and who acted as them', async () => {
    const actor = await inOrganization('ORG_ADMIN_IMPERSONATOR');
    const subject = await inOrganization('ORG_OWNER');
    const send = await sendAs(actor, subject);
    const { id: userId } = await seedMachine(world.server);
    expect((await send('PATCH', `/users/${userId}`, { displayName: 'Renamed' })).status).toBe(200);
    for (const actorId of [subject.userId, actor.userId]) {
      const { data } = await world.owner.call('listEvents', { query: { actorId, type: 'user.changed' } });
      expect(data.items).toEqual([
        expect.objectContaining({
          objectId: userId,
          actorId: subject.userId,
          actingUsers: [{ id: actor.userId, name: expect.any(String) }],
        }),
      ]);
    }
    await subject.call('updateUser', { path: { userId }, body: { displayName: 'Renamed again' } });
    const { data } = await world.owner.call('listEvents', { query: { objectId: userId, limit: 1 } });
    expect(data.items).toEqual([expect.objectContaining({ actorId: subject.userId, actingUsers: [] })]);
  });

  test('the timeline of a sign-in names who ended its session as somebody else', async () => {
    const actor = await inOrganization('ORG_ADMIN_IMPERSONATOR');
    const subject = await inOrganization('ORG_OWNER');
    const spa = await seedApplication(world.server, await seedProject(world.server), { type: 'user_agent' });
    const person = await seedUser(world.server);
    await tokensFor(world.server, spa, person);
    const { data: signIns } = await world.owner.call('listSignIns', { query: { userId: person.id } });
    const [signIn] = signIns.items as readonly { id: string }[]; // cast: the response of the operation
    const sessionId = String(signIn?.id);
    const send = await sendAs(actor, subject);
    expect((await send('DELETE', `/sessions/${sessionId}`)).status).toBe(204);
    const { data } = await world.owner.call('getSignIn', { path: { signInId: sessionId } });
    expect(JSON.stringify(data.steps)).toMatch(/By [^"]+, acting as /);
  });

  test('a role the user gets after the exchange does not reach those who act as them', async () => {
    const actor = await inOrganization('ORG_END_USER_IMPERSONATOR');
    const subject = await inOrganization();
    const { userId } = subject;
    const send = await sendAs(actor, subject);
    expect((await send('GET', '/me')).status).toBe(200);
    await roleOf(userId, 'organization', home, 'ORG_OWNER');
    expect((await send('GET', '/me')).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await send('GET', '/users')).status).toBe(403);
  });

  test('an actor who is no impersonator any more, or not active, acts as nobody', async () => {
    const endings: readonly ((actor: ApiCaller) => Promise<unknown>)[] = [
      ({ userId }) =>
        changeAsOperator(world.server, (change) =>
          removeMembership(change, { objectKind: 'organization', objectId: home, userId }),
        ),
      ({ userId }) => setState(world.server, 'user', userId, 'inactive'),
      () => impersonation(false),
    ];
    for (const end of endings) {
      const actor = await inOrganization('ORG_ADMIN_IMPERSONATOR');
      const send = await sendAs(actor, await inOrganization());
      expect((await send('GET', '/me')).status).toBe(200);
      await end(actor);
      await vi.waitFor(async () => expect([401, 403]).toContain((await send('GET', '/me')).status));
    }
    await impersonation(true);
  });

  test('an impersonator of an organization does not act as somebody who manages something outside it', async () => {
    const actor = await inOrganization('ORG_ADMIN_IMPERSONATOR');
    const subject = await inOrganization('ORG_OWNER');
    expect((await exchange(actor, subject)).status).toBe(200);
    const target = { ...world.server, organizationId: world.otherOrganizationId };
    const { id: projectId } = await seedProject(target);
    await roleOf(subject.userId, 'project', projectId, 'PROJECT_OWNER_VIEWER');
    expect((await exchange(actor, subject)).body.error).toBe('access_denied');
  });
});
