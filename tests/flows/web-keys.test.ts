import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signingAlgorithms } from '@latchkey/protocol';
import {
  activateWebKey,
  createWebKey,
  listWebKeys,
  retireWebKey,
  revokeWebKey,
  rotateSigningKeys,
  type WebKeyContext,
} from '@latchkey/server';
import { openInstance, seedApplication, type TestServer } from '@latchkey/testkit';
import * as jose from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyFile } from '../../apps/latchkey/src/key-file.ts';
import { type OperatorCommand, runOperatorCommand } from '../../apps/latchkey/src/operator-commands.ts';
import { call, engines, introspect, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const patient = { interval: 5, timeout: 5000 };
const dayMs = 86_400_000;

describe.each(engines)('web keys on $engine', ({ engine }) => {
  let world: ShopWorld;
  let far: TestServer;
  let context: WebKeyContext;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    far = await world.server.startNode();
    const { store, clock } = world.server;
    const instance = await openInstance(world.server);
    context = { store, clock, instance, actor: { kind: 'operator', id: 'test' } };
    for (const algorithm of ['RS384', 'RS512', 'PS256', 'ES384', 'ES512'] as const)
      expect(await createWebKey(context, { algorithm, rsaBits: 2048 })).toMatchObject({ kind: 'signing' });
  });
  afterAll(async () => {
    await far?.close();
    await world?.stop();
  });

  const keySet = async (node = world.server): Promise<jose.JSONWebKeySet> =>
    await (await node.fetch('/oauth/v2/keys')).json();
  const kidsOf = async (node?: TestServer) => (await keySet(node)).keys.map(({ kid }) => kid);
  const stateOf = async (keyId: string) =>
    (await listWebKeys(context)).find((key) => key.keyId === keyId)?.state ?? 'gone';
  const activeOf = async (algorithm: string) =>
    (await listWebKeys(context)).find((key) => key.algorithm === algorithm && key.state === 'active')
      ?.keyId ?? '';
  const published = (kid: string, node?: TestServer) =>
    expect.poll(() => kidsOf(node), patient).toContain(kid);

  async function jwtApplication(algorithm: (typeof signingAlgorithms)[number]) {
    return await seedApplication(world.server, world.shop, {
      type: 'user_agent',
      accessTokenType: 'jwt',
      accessTokenSigningAlg: algorithm,
      idTokenSigningAlg: algorithm,
    });
  }

  test.each(signingAlgorithms)(
    'RFC 7518 §3.1: %s signs ID and access tokens that the published key set verifies',
    async (alg) => {
      const { server, ada } = world;
      await published(await activeOf(alg));
      const tokens = await tokensFor(server, await jwtApplication(alg), ada);
      const keys = jose.createLocalJWKSet(await keySet());
      const options = { issuer: server.issuer, currentDate: new Date(server.clock.now()), algorithms: [alg] };
      const access = await jose.jwtVerify(tokens.accessToken, keys, { ...options, typ: 'JWT' });
      const id = await jose.jwtVerify(tokens.idToken, keys, options);
      for (const { protectedHeader, payload } of [access, id]) {
        expect(protectedHeader).toMatchObject({ alg, kid: await activeOf(alg) });
        expect(payload.sub).toBe(ada.id);
      }
      expect(await introspect(server, world.api, tokens.accessToken)).toMatchObject({ active: true });
    },
  );

  test('RFC 7517 §5: the key set has public members only and each kid once, a thumbprint', async () => {
    const { keys } = await keySet();
    expect(keys.length).toBeGreaterThanOrEqual(signingAlgorithms.length);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    const allowed = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y'];
    for (const key of keys) {
      expect(Object.keys(key).filter((name) => !allowed.includes(name))).toEqual([]);
      expect(key.use).toBe('sig');
      expect(await jose.calculateJwkThumbprint(key)).toBe(key.kid);
    }
  });

  test('OpenID Connect Core §10.1.1: a new key is published for a day before it signs; the old one stays published', async () => {
    const { server, ada } = world;
    const before = await activeOf('ES384');
    const app = await jwtApplication('ES384');
    const made = await createWebKey(context, { algorithm: 'ES384' });
    if (made.kind !== 'published') throw new Error(made.kind);
    const { keyId } = made;
    await published(keyId);
    expect(await createWebKey(context, { algorithm: 'ES384' })).toEqual({ kind: 'next-exists', keyId });
    expect(await activateWebKey(context, keyId, 'when-known')).toMatchObject({ kind: 'too-young' });
    expect(await retireWebKey(context, before)).toMatchObject({ kind: 'too-young' });
    expect(await activeOf('ES384')).toBe(before);
    server.clock.advance(dayMs);
    const { accessToken } = await tokensFor(server, app, ada);
    expect(jose.decodeProtectedHeader(accessToken).kid).toBe(before);
    expect(await retireWebKey(context, before)).toEqual({ kind: 'retired', keyId: before });
    expect([await activeOf('ES384'), await stateOf(before)]).toEqual([keyId, 'retiring']);
    expect(await introspect(server, world.api, accessToken)).toMatchObject({ active: true });
    await published(before);
    const kidOfNew = async () =>
      jose.decodeProtectedHeader((await tokensFor(server, app, ada)).accessToken).kid;
    await expect.poll(kidOfNew, patient).toBe(keyId);
    server.clock.advance(2 * dayMs);
    await rotateSigningKeys(context.store, context.clock, context.instance);
    expect(await stateOf(before)).toBe('gone');
  });

  test('a key may be hurried, withdrawn before it signed, and neither when it is none', async () => {
    const first = await activeOf('ES512');
    const hurried = await createWebKey(context, { algorithm: 'ES512' });
    if (hurried.kind !== 'published') throw new Error(hurried.kind);
    expect(await activateWebKey(context, hurried.keyId, 'now')).toMatchObject({ kind: 'signing' });
    expect(await activateWebKey(context, first, 'now')).toEqual({ kind: 'wrong-state', state: 'retiring' });
    expect(await retireWebKey(context, hurried.keyId)).toEqual({ kind: 'no-successor' });
    const spare = await createWebKey(context, { algorithm: 'ES512' });
    if (spare.kind !== 'published') throw new Error(spare.kind);
    expect(await retireWebKey(context, spare.keyId)).toMatchObject({ kind: 'withdrawn' });
    expect(await stateOf(spare.keyId)).toBe('gone');
    for (const change of [retireWebKey, revokeWebKey])
      expect(await change(context, 'nonsense')).toEqual({ kind: 'not-found' });
    expect(await activateWebKey(context, 'nonsense', 'now')).toEqual({ kind: 'not-found' });
  });

  test('emergency: a revoked key and all it signed are dead on every node within a second, and a new one signs', async () => {
    const { server, ada, api } = world;
    const app = await jwtApplication('PS256');
    const { accessToken } = await tokensFor(server, app, ada);
    const keyId = await activeOf('PS256');
    await expect.poll(() => introspect(far, api, accessToken), patient).toMatchObject({ active: true });
    const outcome = await revokeWebKey(context, keyId);
    const revokedAt = performance.now();
    expect(outcome).toEqual({ kind: 'revoked', keyId, replacedBy: await activeOf('PS256') });
    for (const node of [server, far])
      await expect.poll(() => introspect(node, api, accessToken), patient).toEqual({ active: false });
    expect(performance.now() - revokedAt).toBeLessThan(1000);
    for (const node of [server, far]) {
      await expect.poll(() => kidsOf(node), patient).not.toContain(keyId);
      await published(await activeOf('PS256'), node);
    }
    const next = await tokensFor(server, app, ada);
    expect(jose.decodeProtectedHeader(next.accessToken).kid).toBe(await activeOf('PS256'));
    await jose.jwtVerify(next.accessToken, jose.createLocalJWKSet(await keySet()), {
      currentDate: new Date(server.clock.now()),
    });
    expect(await introspect(far, api, next.accessToken)).toMatchObject({ active: true });
  });

  test('of many who revoke a key at once one replaces it, and one key signs', async () => {
    const keyId = await activeOf('EdDSA');
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => revokeWebKey(context, keyId)));
    expect(outcomes.filter(({ kind }) => kind === 'revoked')).toHaveLength(1);
    const left = (await listWebKeys(context)).filter(({ algorithm }) => algorithm === 'EdDSA');
    expect(left).toHaveLength(1);
    expect(left[0]).toMatchObject({ state: 'active' });
  });

  describe('the command line', () => {
    const run = (command: OperatorCommand) =>
      runOperatorCommand(
        { store: world.server.store, clock: world.server.clock, masterKeys: world.server.masterKeys },
        command,
      );

    test('keys are listed, made, refused before their time and revoked', async () => {
      const made = await run({ command: 'create-key', algorithm: 'RS512', rsaBits: 4096 });
      const keyId = made.output ?? '';
      expect(made.kind).toBe('done');
      const list = await run({ command: 'list-keys' });
      expect(list.output?.split('\n')).toContainEqual(
        expect.stringMatching(new RegExp(`^${keyId}  RS512  next  `)),
      );
      const activate = { command: 'change-key', verb: 'activate', keyId, haste: 'when-known' } as const;
      expect(await run(activate)).toMatchObject({ kind: 'failed', message: expect.stringMatching(/--now/) });
      expect((await run({ ...activate, haste: 'now' })).kind).toBe('done');
      await published(keyId);
      const { keys } = await keySet();
      expect(keys.find(({ kid }) => kid === keyId)?.n).toHaveLength(683);
      expect((await run({ ...activate, verb: 'revoke' })).kind).toBe('done');
      expect((await run({ ...activate, verb: 'retire' })).kind).toBe('failed');
    });

    test('a machine user gets a token that is shown and a key file that is written, once', async () => {
      const { server, robot, api, ada } = world;
      const token = await run({ command: 'create-user-token', name: robot.clientId, days: 30 });
      expect(await introspect(server, api, token.output ?? '')).toMatchObject({
        active: true,
        sub: robot.id,
      });
      expect((await run({ command: 'create-user-token', name: ada.loginName, days: 30 })).kind).toBe(
        'failed',
      );
      const list = await run({ command: 'list-user-credentials', name: robot.clientId });
      const [, id = ''] = /^token {2}([0-9]+) /m.exec(list.output ?? '') ?? [];
      const remove = { command: 'remove-user-credential', kind: 'token', id } as const;
      expect((await run(remove)).kind).toBe('done');
      expect(await introspect(server, api, token.output ?? '')).toEqual({ active: false });
      expect((await run(remove)).kind).toBe('failed');
      expect((await run({ ...remove, kind: 'key' })).kind).toBe('failed');
      const folder = await mkdtemp(join(tmpdir(), 'latchkey-key-'));
      try {
        const path = join(folder, 'robot.json');
        const wish = { name: robot.clientId, days: 30, path };
        const answer = await createKeyFile(wish, run);
        expect(answer).toMatchObject({ kind: 'done' });
        expect((await stat(path)).mode & 0o777).toBe(0o600);
        const file = JSON.parse(await readFile(path, 'utf8'));
        expect(file).toMatchObject({ type: 'serviceaccount', userId: robot.id });
        const assertion = await new jose.SignJWT({ iss: robot.id, sub: robot.id, aud: server.issuer })
          .setProtectedHeader({ alg: 'RS256', kid: file.keyId })
          .setExpirationTime(Math.floor(server.clock.now() / 1000) + 60)
          .sign(createPrivateKey(file.key));
        const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
        expect((await call(server, '/oauth/v2/token', { form })).status).toBe(200);
        await expect(createKeyFile(wish, run)).rejects.toMatchObject({ code: 'EEXIST' });
        const nobody = await createKeyFile(
          { ...wish, name: 'nobody', path: join(folder, 'nobody.json') },
          run,
        );
        expect(nobody.kind).toBe('failed');
        await expect(stat(join(folder, 'nobody.json'))).rejects.toMatchObject({ code: 'ENOENT' });
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
});
