import {
  seedApplication,
  seedMachine,
  seedManager,
  seedProject,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type DocumentHost, startDocumentHost } from '../flows/document-host.ts';
import { basicOf, call, engines } from '../flows/flow-world.ts';
import { bearer, register, registered, textOf, usualMetadata } from '../flows/registration-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const exchangeType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const redirectUri = 'https://tool.example.com/callback';

describe.each(engines)('features switched off and on, on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let documents: DocumentHost;
  let node: TestServer;
  beforeAll(async () => {
    documents = await startDocumentHost();
    world = await startManagementWorld(engine, {
      outboundAllow: [documents.target],
      clientRegistrationLimit: { perMinute: 10_000, burst: 10_000 },
    });
    node = await world.server.startNode();
  });
  afterAll(async () => {
    await node?.close();
    await world?.stop();
    await documents?.close();
  });

  const set = (features: Readonly<Record<string, unknown>>) =>
    world.owner.call('updateInstanceSettings', { body: { features } });

  /** What the next request is answered after each of several changes to and fro. */
  async function next(
    features: readonly [off: Readonly<Record<string, unknown>>, on: Readonly<Record<string, unknown>>],
    ask: () => Promise<number>,
  ): Promise<{ readonly off: readonly number[]; readonly on: readonly number[] }> {
    const off: number[] = [];
    const on: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      await set(features[1]);
      on.push(await ask());
      await set(features[0]);
      off.push(await ask());
    }
    return { off: [...new Set(off)], on: [...new Set(on)] };
  }

  test('self-registration: the next request finds the page, or finds none', async () => {
    const answers = await next([{ selfRegistration: false }, { selfRegistration: true }], async () => {
      return (await world.server.fetch('/login/register')).status;
    });
    expect(answers).toEqual({ off: [404], on: [302] });
  });

  test('dynamic registration: the next request registers, needs a token, or finds nothing', async () => {
    const ask = async () => (await register(world.server, usualMetadata)).status;
    expect(await next([{ dynamicRegistration: 'off' }, { dynamicRegistration: 'open' }], ask)).toEqual({
      off: [404],
      on: [201],
    });
    expect(await next([{ dynamicRegistration: 'token' }, { dynamicRegistration: 'open' }], ask)).toEqual({
      off: [401],
      on: [201],
    });
  });

  test('dynamic registration switched off leaves what registered itself: its tokens and its registration', async () => {
    await set({ dynamicRegistration: 'open' });
    const client = await registered(world.server, usualMetadata);
    await set({ dynamicRegistration: 'off' });
    const path = `/oauth/v2/register/${textOf(client, 'client_id')}`;
    const headers = bearer(textOf(client, 'registration_access_token'));
    expect((await call(world.server, path, { headers })).status).toBe(200);
    const removal = await world.server.fetch(path, { method: 'DELETE', headers });
    expect(removal.status).toBe(204);
  });

  test('impersonation: the next exchange is refused, what was exchanged before runs on', async () => {
    const { server } = world;
    const robot = await seedMachine(server);
    const broker = await seedApplication(server, await seedProject(server), {
      type: 'api',
      grantTypes: [exchangeType],
    });
    await seedManager(server, robot.id, 'IAM_END_USER_IMPERSONATOR');
    const person = await seedUser(server);
    const actor = await call(server, '/oauth/v2/token', {
      form: { grant_type: 'client_credentials', scope: 'openid' },
      headers: basicOf(robot),
    });
    const exchange = () =>
      call(server, '/oauth/v2/token', {
        form: {
          grant_type: exchangeType,
          subject_token: person.id,
          subject_token_type: 'urn:zitadel:params:oauth:token-type:user_id',
          actor_token: String(actor.body.access_token),
          actor_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          scope: 'openid',
        },
        headers: basicOf(broker),
      });
    const answers = await next([{ impersonation: false }, { impersonation: true }], async () => {
      return (await exchange()).status;
    });
    expect(answers).toEqual({ off: [400], on: [200] });
    await set({ impersonation: true });
    const { body } = await exchange();
    await set({ impersonation: false });
    const headers = bearer(String(body.access_token));
    expect((await call(server, '/oidc/v1/userinfo', { headers })).status).toBe(200);
  });

  test('client id metadata documents: a client that was being looked up meanwhile is gone too, at every node', async () => {
    const path = `/${engine}/tool`;
    const clientId = documents.origin + path;
    const body = { client_id: clientId, client_name: 'Tool', redirect_uris: [redirectUri] };
    documents.publish(path, { body: { ...body, token_endpoint_auth_method: 'none' } });
    const query = new URLSearchParams({
      ...{ client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid' },
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const ask = async (at: TestServer) => (await at.fetch(`/oauth/v2/authorize?${query}`)).status;
    for (let round = 0; round < 8; round += 1) {
      await set({ clientIdMetadata: true });
      await vi.waitFor(async () => expect(await ask(node)).toBe(302), { timeout: 1000, interval: 5 });
      let isOff = false;
      const asking = Array.from({ length: 12 }, async () => {
        while (!isOff) await ask(node);
      });
      await set({ clientIdMetadata: false });
      expect(await ask(world.server)).toBe(400);
      await vi.waitFor(async () => expect(await ask(node)).toBe(400), { timeout: 1000, interval: 5 });
      isOff = true;
      await Promise.all(asking);
      expect([await ask(node), await ask(world.server)]).toEqual([400, 400]);
    }
  });

  test('settings that could not be read are read as soon as they can be', async () => {
    const status = async () => (await world.server.fetch('/login/register')).status;
    await set({ selfRegistration: false });
    const { db } = world.server.store;
    await db.schema.alterTable('instance_data_keys').renameTo('instance_data_keys_away').execute();
    try {
      await set({ selfRegistration: true });
      expect(await status()).toBe(404);
    } finally {
      await db.schema.alterTable('instance_data_keys_away').renameTo('instance_data_keys').execute();
    }
    await vi.waitFor(async () => expect(await status()).toBe(302), { timeout: 5000, interval: 50 });
  });

  test('other nodes take a switch within a second', async () => {
    const status = async () => (await node.fetch('/login/register')).status;
    for (const [selfRegistration, wanted] of [
      [true, 302],
      [false, 404],
    ] as const) {
      await set({ selfRegistration });
      await vi.waitFor(async () => expect(await status()).toBe(wanted), { timeout: 1000, interval: 20 });
    }
  });
});
