import {
  findFreePort,
  type SeededApplication,
  seedApplication,
  seedProject,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { engines, tokensFor } from '../flows/flow-world.ts';
import { type LogoutReceiver, startLogoutReceiver } from '../flows/logout-receiver.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const dayMs = 86_400_000;

describe.each(engines)('whether messages reach an application on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let receiver: LogoutReceiver;
  let nobodysPort: number;
  beforeAll(async () => {
    receiver = await startLogoutReceiver();
    nobodysPort = await findFreePort();
    world = await startManagementWorld(engine, {
      outboundAllow: [receiver.address, `127.0.0.1:${nobodysPort}`],
    });
  });
  beforeEach(() => receiver.answerWith(200));
  afterAll(async () => {
    await world?.stop();
    await receiver?.close();
  });

  async function seedListener(backchannelLogoutUri: string): Promise<SeededApplication> {
    const project = await seedProject(world.server);
    return await seedApplication(world.server, project, { type: 'user_agent', backchannelLogoutUri });
  }

  async function signInAndOut(application: SeededApplication): Promise<void> {
    const user = await seedUser(world.server);
    await tokensFor(world.server, application, user);
    await world.owner.call('endUserSessions', { path: { userId: user.id } });
    await world.server.deliverDue();
  }

  async function logoutsOf(application: SeededApplication): Promise<Record<string, unknown>> {
    const path = { applicationId: application.id };
    const { data } = await world.owner.call('listApplicationDeliveries', { path });
    // cast: the answer was cut to its schema
    const items = data.items as readonly Record<string, unknown>[];
    expect(items.map(({ kind }) => kind)).toEqual(['backchannel-logout', 'ciba-ping']);
    expect(items[1]).toMatchObject({ address: null, waiting: 0, lastFailure: null });
    return items[0] ?? {};
  }

  test('listApplicationDeliveries: 200 tells of nothing while every message arrives', async () => {
    const app = await seedListener(`${receiver.origin}/fine`);
    await signInAndOut(app);
    expect(await logoutsOf(app)).toEqual({
      kind: 'backchannel-logout',
      address: `${receiver.origin}/fine`,
      waiting: 0,
      oldestWaitingAt: null,
      nextAttemptAt: null,
      lastFailure: null,
    });
  });

  test('a message that is tried again waits, with what was answered; the failure is over when one arrives', async () => {
    const app = await seedListener(`${receiver.origin}/busy`);
    receiver.answerWith(503);
    await signInAndOut(app);
    const lastFailure = {
      at: expect.any(String),
      address: `${receiver.origin}/busy`,
      reason: 'answered',
      status: 503,
      message: `${receiver.origin}/busy answered 503.`,
      isGivenUp: false,
      deliveredAt: null,
    };
    expect(await logoutsOf(app)).toMatchObject({
      waiting: 1,
      oldestWaitingAt: expect.any(String),
      nextAttemptAt: expect.any(String),
      lastFailure,
    });
    receiver.answerWith(200);
    world.server.clock.advance(60_000);
    await world.server.deliverDue();
    expect(await logoutsOf(app)).toMatchObject({
      waiting: 0,
      lastFailure: { status: 503, deliveredAt: expect.any(String) },
    });
  });

  test('an answer of 400 gives the message up, which is told, and is an event of the application', async () => {
    const app = await seedListener(`${receiver.origin}/stubborn`);
    receiver.answerWith(400);
    await signInAndOut(app);
    expect(await logoutsOf(app)).toMatchObject({
      waiting: 0,
      lastFailure: { reason: 'answered', status: 400, isGivenUp: true, deliveredAt: null },
    });
    const query = { objectId: app.id, type: 'outbox.abandoned' };
    expect((await world.owner.call('listEvents', { query })).data.items).toMatchObject([
      {
        objectKind: 'application',
        organizationId: world.server.organizationId,
        detail: { reason: 'the application answered 400', address: `${receiver.origin}/stubborn` },
      },
    ]);
  });

  test('an address where nobody answers, and one the outbound rules refuse, are told apart', async () => {
    const silent = await seedListener(`http://127.0.0.1:${nobodysPort}/`);
    await signInAndOut(silent);
    expect(await logoutsOf(silent)).toMatchObject({
      waiting: 1,
      lastFailure: { reason: 'unreachable', status: null },
    });
    const plain = await seedListener('http://10.0.0.1/logout');
    await signInAndOut(plain);
    const inner = await seedListener('https://10.0.0.1/logout');
    await signInAndOut(inner);
    expect(await logoutsOf(plain)).toMatchObject({ waiting: 1, lastFailure: { reason: 'not-https' } });
    expect(await logoutsOf(inner)).toMatchObject({
      waiting: 1,
      lastFailure: { reason: 'not-public', message: expect.stringContaining('LATCHKEY_OUTBOUND_ALLOW') },
    });
  });

  test('after a day of failures nothing waits, and the last one says that it was given up', async () => {
    const app = await seedListener(`http://127.0.0.1:${nobodysPort}/day`);
    await signInAndOut(app);
    world.server.clock.advance(dayMs + 60_000);
    await world.server.deliverDue();
    expect(await logoutsOf(app)).toMatchObject({
      waiting: 0,
      lastFailure: { reason: 'unreachable', isGivenUp: true },
    });
  });

  test('what waits for another application is not counted', async () => {
    const [one, other] = [
      await seedListener(`http://127.0.0.1:${nobodysPort}/1`),
      await seedListener(`http://127.0.0.1:${nobodysPort}/2`),
    ];
    await signInAndOut(one);
    await signInAndOut(one);
    expect(await logoutsOf(one)).toMatchObject({ waiting: 2 });
    expect(await logoutsOf(other)).toMatchObject({ waiting: 0, lastFailure: null });
  });

  test('listApplicationDeliveries: 404 not-found, also for who manages another organization', async () => {
    const none = { path: { applicationId: '1' } };
    expect((await world.owner.refused('listApplicationDeliveries', none)).code).toBe('not-found');
    const app = await seedListener(`${receiver.origin}/theirs`);
    const stranger = await world.callerWith(['ORG_OWNER'], {
      kind: 'organization',
      id: world.otherOrganizationId,
      organizationId: world.otherOrganizationId,
    });
    const path = { applicationId: app.id };
    expect((await stranger.refused('listApplicationDeliveries', { path })).code).toBe('not-found');
  });
});
