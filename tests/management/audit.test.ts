import { updateApplication } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  type SeededProject,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedProject,
  seedUser,
  setState,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

interface Step {
  readonly kind: string;
  readonly outcome: string;
  readonly title: string;
  readonly detail: string | null;
  readonly claims?: readonly { readonly name: string; readonly reason: string }[];
}

describe.each(engines)('what happened, on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let project: SeededProject;
  let spa: SeededApplication;
  let api: SeededApplication;
  let stranger: SeededApplication;
  let ada: SeededUser;
  let accessToken: string;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const { server } = world;
    project = await seedProject(server, { roleKeys: ['reader'] });
    spa = await seedApplication(server, project, { type: 'user_agent', name: 'Shop' });
    api = await seedApplication(server, project, { type: 'api', name: 'Shop API' });
    stranger = await seedApplication(server, await seedProject(server), { type: 'api', name: 'Other API' });
    ada = await seedUser(server);
    await seedAuthorization(server, { userId: ada.id, project });
  });
  afterAll(() => world.stop());

  const itemsOf = async (id: 'listEvents' | 'listSignIns', query: Readonly<Record<string, unknown>> = {}) =>
    (await world.owner.call(id, { query })).data.items as readonly Record<string, unknown>[]; // cast: the answer was cut to its schema
  const explain = async (token: string, clientId: string) =>
    (await world.owner.call('explainToken', { body: { token, clientId } })).data;

  test('getFirstRun: 200, the marks appear with the first sign-in and the first introspection; not-found', async () => {
    const path = { projectId: project.id };
    const before = (await world.owner.call('getFirstRun', { path })).data;
    expect(before).toEqual({
      ...{ frontEnds: 1, apis: 1, firstSignInAt: null, firstIntrospectionAt: null, lastRefusal: null },
    });
    ({ accessToken } = await tokensFor(world.server, spa, ada));
    const between = (await world.owner.call('getFirstRun', { path })).data;
    expect([between.firstSignInAt, between.firstIntrospectionAt]).toEqual([expect.any(String), null]);
    expect((await introspect(world.server, api, accessToken)).active).toBe(true);
    const after = (await world.owner.call('getFirstRun', { path })).data;
    expect(after.firstIntrospectionAt).toEqual(expect.any(String));
    expect(await world.owner.refused('getFirstRun', { path: { projectId: '42' } })).toMatchObject({
      code: 'not-found',
    });
  });

  test('listEvents: 200 newest first with names, by type, object, actor and time; cursor-invalid, invalid-input', async () => {
    const started = await itemsOf('listEvents', { type: 'session.started', actorId: ada.id });
    expect(started).toMatchObject([
      { actorName: 'Ada Lovelace', objectKind: 'session', ip: expect.any(String) },
    ]);
    const beginning = await itemsOf('listEvents', { type: 'session.', limit: 1 });
    expect(beginning).toHaveLength(1);
    const ofProject = await itemsOf('listEvents', { objectKind: 'project', objectId: project.id });
    expect(ofProject.at(-1)).toMatchObject({
      type: 'project.created',
      organizationId: project.organizationId,
    });
    const past = new Date(world.server.clock.now() - 60_000).toISOString();
    expect(await itemsOf('listEvents', { to: past })).toEqual([]);
    expect(await world.owner.refused('listEvents', { query: { cursor: 'x' } })).toMatchObject({
      code: 'cursor-invalid',
    });
    expect(await world.owner.refused('listEvents', { query: { from: 'yesterday' } })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('listEvents: 200 with asOf shows nothing later, however far one pages', async () => {
    const asOf = new Date(world.server.clock.now()).toISOString();
    world.server.clock.advance(5000);
    await world.owner.call('createProject', { body: { name: 'After the reading began' } });
    const seen = await itemsOf('listEvents', { asOf, limit: 200 });
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.every(({ at }) => String(at) <= asOf)).toBe(true);
  });

  test('listEvents: 200 for a manager of an organization holds its events alone', async () => {
    const viewer = await world.callerWith(['ORG_OWNER_VIEWER'], {
      kind: 'organization',
      id: world.otherOrganizationId,
    });
    const { data } = await viewer.call('listEvents', { query: { limit: 200 } });
    const seen = data.items as { organizationId: string }[]; // cast: the answer was cut to its schema
    expect(new Set(seen.map(({ organizationId }) => organizationId))).toEqual(
      new Set([world.otherOrganizationId]),
    );
  });

  test('listEventTypes: 200 with each type once', async () => {
    const { data } = await world.owner.call('listEventTypes');
    const types = (data.items as { type: string }[]).map(({ type }) => type); // cast: the answer was cut to its schema
    expect(types).toEqual([...new Set(types)].sort());
    expect(types).toContain('session.started');
  });

  test('listSignIns: 200 with who, where and the application it led to; failed attempts apart; cursor-invalid, invalid-input', async () => {
    const bob = await seedUser(world.server);
    const wrong = { ...bob, password: 'not-the-password-at-all' };
    await expect(tokensFor(world.server, spa, wrong)).rejects.toThrow();
    const failed = await itemsOf('listSignIns', { userId: bob.id });
    expect(failed).toMatchObject([{ outcome: 'failed', loginName: bob.loginName, applicationName: null }]);
    const succeeded = await itemsOf('listSignIns', { userId: ada.id, outcome: 'succeeded' });
    expect(succeeded).toMatchObject([{ outcome: 'succeeded', applicationName: 'Shop', endedAt: null }]);
    expect(await itemsOf('listSignIns', { userId: ada.id, outcome: 'failed' })).toEqual([]);
    expect(await world.owner.refused('listSignIns', { query: { cursor: 'x' } })).toMatchObject({
      code: 'cursor-invalid',
    });
    expect(await world.owner.refused('listSignIns', { query: { outcome: 'odd' } })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('getSignIn: 200 tells the password, the session, the tokens with the reason of each claim, and what APIs were told; not-found', async () => {
    expect((await introspect(world.server, stranger, accessToken)).active).toBe(false);
    const [signIn] = await itemsOf('listSignIns', { userId: ada.id });
    const { data } = await world.owner.call('getSignIn', { path: { signInId: signIn?.id } });
    const steps = data.steps as readonly Step[]; // cast: the answer was cut to its schema
    expect(steps.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'password succeeded',
      'session succeeded',
      'application succeeded',
      'introspection refused',
    ]);
    const claims = steps.find(({ kind }) => kind === 'application')?.claims ?? [];
    expect(claims).toContainEqual({ name: 'email', reason: expect.stringContaining('scope email') });
    expect(claims).toContainEqual({
      name: 'roles: reader',
      reason: expect.stringContaining('introspection only'),
    });
    expect(steps.at(-1)).toMatchObject({
      title: expect.stringContaining('Other API'),
      detail: expect.stringContaining('not meant for the caller'),
    });
    expect(await world.owner.refused('getSignIn', { path: { signInId: 'attempt-999999' } })).toMatchObject({
      code: 'not-found',
    });
  });

  test('a person who is not let in to an application finds the reason in the story', async () => {
    const { server } = world;
    const closed = await seedProject(server, { roleCheck: true });
    const closedSpa = await seedApplication(server, closed, { type: 'user_agent', name: 'Members only' });
    const cleo = await seedUser(server);
    await expect(tokensFor(server, closedSpa, cleo)).rejects.toThrow();
    const [signIn] = await itemsOf('listSignIns', { userId: cleo.id });
    const { data } = await world.owner.call('getSignIn', { path: { signInId: signIn?.id } });
    expect((data.steps as readonly Step[]).at(-1)).toMatchObject({
      kind: 'application',
      outcome: 'refused',
      title: expect.stringContaining('Members only'),
      detail: expect.stringContaining('no authorization for the project'),
    }); // cast: the answer was cut to its schema
  });

  test('explainToken: 200 active for the API it is for', async () => {
    expect(await explain(accessToken, api.clientId)).toMatchObject({ verdict: 'active' });
    expect(await explain(`Bearer ${accessToken}`, api.clientId)).toMatchObject({ verdict: 'active' });
  });

  test('explainToken: names the missing scope, the unknown text, the public caller; invalid-input', async () => {
    const other = await explain(accessToken, stranger.clientId);
    expect(other).toMatchObject({ verdict: 'inactive' });
    expect(other.checks).toContainEqual({
      check: 'audience',
      outcome: 'failed',
      detail: expect.stringContaining(stranger.clientId),
      fix: expect.stringContaining(`urn:zitadel:iam:org:project:id:${stranger.project.id}:aud`),
    });
    expect(await explain('nonsense', api.clientId)).toMatchObject({
      verdict: 'inactive',
      summary: expect.stringContaining('No token of this instance'),
    });
    expect(await explain(accessToken, spa.clientId)).toMatchObject({
      verdict: 'inactive',
      summary: expect.stringContaining('public application'),
    });
    expect(await world.owner.refused('explainToken', { body: { token: '' } })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('explainToken: says that it expired, that the user is locked, that the session ended, as introspection decides', async () => {
    const { server } = world;
    const dora = await seedUser(server);
    const first = await tokensFor(server, spa, dora);
    await setState(server, 'user', dora.id, 'locked');
    const locked = await explain(first.accessToken, api.clientId);
    expect(locked.checks).toContainEqual(
      expect.objectContaining({
        check: 'user',
        outcome: 'failed',
        detail: expect.stringContaining('locked'),
      }),
    );
    expect((await introspect(server, api, first.accessToken)).active).toBe(false);
    server.clock.advance(901_000);
    const expired = await explain(accessToken, api.clientId);
    expect(expired).toMatchObject({ verdict: 'inactive', summary: expect.stringContaining('expired') });
    expect((await introspect(server, api, accessToken)).active).toBe(false);
  });

  test('getUsage: 200 counts by day; invalid-input for a span too long', async () => {
    const count = async (metric: string): Promise<unknown> =>
      (await world.owner.call('getUsage', { query: { metric } })).data.total;
    expect(await count('sign-ins')).toBe(3);
    expect(await count('sign-in-failures')).toBe(1);
    expect(Number(await count('tokens-issued'))).toBeGreaterThanOrEqual(2);
    expect(await count('introspections-active')).toBe(1);
    expect(Number(await count('introspections-inactive'))).toBeGreaterThanOrEqual(2);
    expect(Number(await count('active-users'))).toBeGreaterThanOrEqual(3);
    const long = { query: { metric: 'sign-ins', step: 'hour', from: '2020-01-01T00:00:00Z' } };
    expect(await world.owner.refused('getUsage', long)).toMatchObject({ code: 'invalid-input' });
  });

  test('explainToken: another application of the project loses the token once it is a third party’s, as introspection decides', async () => {
    const { server } = world;
    const tokens = await tokensFor(server, spa, await seedUser(server));
    const partner = await seedApplication(server, project, { type: 'api', name: 'Partner API' });
    const both = async () => [
      (await explain(tokens.accessToken, partner.clientId)).verdict,
      (await introspect(server, partner, tokens.accessToken)).active,
    ];
    expect(await both()).toEqual(['active', true]);
    await changeAsOperator(server, (change) => updateApplication(change, partner.id, { isThirdParty: true }));
    expect(await both()).toEqual(['inactive', false]);
    const own = await explain(tokens.accessToken, api.clientId);
    expect([own.verdict, (await introspect(server, api, tokens.accessToken)).active]).toEqual([
      'active',
      true,
    ]);
  });
});
