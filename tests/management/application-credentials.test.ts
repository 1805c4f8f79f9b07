import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { createKeyPair, type KeyFile, type SeededApplication, signAssertion } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, call, engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(engines)(
  'secrets and keys of applications through the management API on $engine',
  ({ engine }) => {
    let world: ManagementWorld;
    let projectId: string;
    let systemApplicationId: string;
    beforeAll(async () => {
      world = await startManagementWorld(engine);
      projectId = String((await world.owner.call('createProject', { body: { name: 'Shop' } })).data.id);
      const { data } = await world.owner.call('listApplications', { query: { search: 'latchkey-cli' } });
      systemApplicationId = itemsOf(data)[0]?.id ?? '';
    });
    afterAll(() => world.stop());

    const itemsOf = (data: Record<string, unknown>) =>
      data.items as { id: string; expiresAt: string | null }[]; // cast: the answer was cut to its schema
    type Api = Pick<SeededApplication, 'id' | 'clientId' | 'clientSecret'>;
    let count = 0;
    const createApi = async (more: object = {}): Promise<Api> => {
      count += 1;
      const body = { projectId, name: `API ${count}`, type: 'api', ...more };
      const { data } = await world.owner.call('createApplication', { body });
      return {
        id: String(data.id),
        clientId: String(data.clientId),
        clientSecret: String(data.clientSecret),
      };
    };
    const works = async (api: Api, secret: string): Promise<boolean> => {
      const answer = await call(world.server, '/oauth/v2/introspect', {
        form: { token: 'none' },
        headers: basic(api.clientId, secret),
      });
      return answer.status === 200;
    };
    const signs = async (keyFile: KeyFile, options: object = {}): Promise<boolean> => {
      const nowSeconds = Math.floor(world.server.clock.now() / 1000);
      const assertion = signAssertion(keyFile, { audience: world.server.issuer, nowSeconds, ...options });
      const form = { token: 'none', client_assertion: assertion, client_assertion_type: assertionType };
      return (await call(world.server, '/oauth/v2/introspect', { form })).status === 200;
    };
    const rotate = async (api: Api, body: object = {}) =>
      (await world.owner.call('createApplicationSecret', { path: { applicationId: api.id }, body })).data;
    const list = async (api: Api) =>
      itemsOf((await world.owner.call('listApplicationSecrets', { path: { applicationId: api.id } })).data);
    const none = { path: { applicationId: '1' } };

    test('createApplicationSecret: 201 ends the old one at once by default', async () => {
      const api = await createApi();
      expect(await works(api, api.clientSecret)).toBe(true);
      const made = await rotate(api);
      expect(made).toMatchObject({ clientId: api.clientId, expiresAt: null });
      expect(await works(api, String(made.clientSecret))).toBe(true);
      expect(await works(api, api.clientSecret)).toBe(false);
      expect((await list(api)).map(({ id }) => id)).toEqual([made.id]);
    });

    test('createApplicationSecret: 201 with an overlap lets both work, and after it only the new one', async () => {
      const api = await createApi();
      const made = await rotate(api, { overlapSeconds: 3600 });
      expect(await works(api, api.clientSecret)).toBe(true);
      expect(await works(api, String(made.clientSecret))).toBe(true);
      const [old, fresh] = await list(api);
      expect(Date.parse(old?.expiresAt ?? '') - world.server.clock.now()).toBeGreaterThan(3_500_000);
      expect(fresh?.expiresAt).toBeNull();
      world.server.clock.advance(3_601_000);
      expect(await works(api, api.clientSecret)).toBe(false);
      expect(await works(api, String(made.clientSecret))).toBe(true);
      expect(await list(api)).toHaveLength(1);
    });

    test('createApplicationSecret: 201 never lengthens what ends sooner, and takes an end of its own', async () => {
      const api = await createApi();
      const expiresAt = new Date(world.server.clock.now() + 60_000).toISOString();
      const short = await rotate(api, { expiresAt });
      expect(short.expiresAt).toBe(expiresAt);
      await rotate(api, { overlapSeconds: 2_592_000 });
      expect((await list(api))[0]?.expiresAt).toBe(expiresAt);
    });

    test('createApplicationSecret: 201 of one that signs is kept so that its assertions can be checked', async () => {
      const api = await createApi({ authMethod: 'client_secret_jwt' });
      const { createHmac } = await import('node:crypto');
      const nowSeconds = Math.floor(world.server.clock.now() / 1000);
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = (secret: string, jti: string): string => {
        const { clientId } = api;
        const claims = {
          iss: clientId,
          sub: clientId,
          aud: world.server.issuer,
          jti,
          iat: nowSeconds,
          exp: nowSeconds + 60,
        };
        const input = `${encode({ alg: 'HS256' })}.${encode(claims)}`;
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      };
      const status = async (assertion: string): Promise<number> => {
        const form = { token: 'none', client_assertion: assertion, client_assertion_type: assertionType };
        return (await call(world.server, '/oauth/v2/introspect', { form })).status;
      };
      expect(await status(signed(api.clientSecret, 'first'))).toBe(200);
      const made = await rotate(api);
      expect(await status(signed(String(made.clientSecret), 'second'))).toBe(200);
      expect(await status(signed(api.clientSecret, 'third'))).toBe(401);
    });

    test('createApplicationSecret: 404 not-found, 400 invalid-input, 409 conflict', async () => {
      const api = await createApi();
      const path = { applicationId: api.id };
      const refused = async (body: object, at: object = path) =>
        (await world.owner.refused('createApplicationSecret', { path: { ...at }, body })).code;
      expect(await refused({}, none.path)).toBe('not-found');
      expect(await refused({ overlapSeconds: 2_592_001 })).toBe('invalid-input');
      expect(await refused({ expiresAt: '2020-01-01T00:00:00Z' })).toBe('invalid-input');
      const byKey = await createApi({ authMethod: 'private_key_jwt' });
      expect(await refused({}, { applicationId: byKey.id })).toBe('conflict');
      expect(await refused({}, { applicationId: systemApplicationId })).toBe('conflict');
      for (let made = 0; made < 9; made += 1) await rotate(api, { overlapSeconds: 60 });
      expect(await refused({ overlapSeconds: 60 })).toBe('conflict');
      expect(await works(api, api.clientSecret)).toBe(true);
    });

    test('listApplicationSecrets: 200 without the secrets; 404 not-found', async () => {
      const api = await createApi();
      const { data } = await world.owner.call('listApplicationSecrets', { path: { applicationId: api.id } });
      expect(data.items).toEqual([
        { id: expect.any(String), createdAt: expect.any(String), expiresAt: null },
      ]);
      expect((await world.owner.refused('listApplicationSecrets', none)).code).toBe('not-found');
    });

    test('removeApplicationSecret: 204 and it is refused at once', async () => {
      const api = await createApi();
      const [secret] = await list(api);
      await world.owner.call('removeApplicationSecret', {
        path: { applicationId: api.id, secretId: secret?.id },
      });
      expect(await works(api, api.clientSecret)).toBe(false);
    });

    test('removeApplicationSecret: 404 not-found, also for one of another application, 409 conflict', async () => {
      const [api, other] = [await createApi(), await createApi()];
      const [secret] = await list(other);
      const path = { applicationId: api.id, secretId: secret?.id };
      expect((await world.owner.refused('removeApplicationSecret', { path })).code).toBe('not-found');
      expect(await works(other, other.clientSecret)).toBe(true);
      const own = { path: { applicationId: systemApplicationId, secretId: '1' } };
      expect((await world.owner.refused('removeApplicationSecret', own)).code).toBe('conflict');
    });

    test('createApplicationKey: 201 answers the key file, which works at once and until it expires', async () => {
      const api = await createApi({ authMethod: 'private_key_jwt' });
      const expiresAt = new Date(world.server.clock.now() + 600_000).toISOString();
      const { data } = await world.owner.call('createApplicationKey', {
        path: { applicationId: api.id },
        body: { expiresAt },
      });
      const keyFile = data.keyFile as KeyFile; // cast: the answer was cut to its schema
      expect(keyFile).toEqual({
        type: 'application',
        keyId: data.id,
        key: expect.stringContaining('BEGIN RSA PRIVATE KEY'),
        appId: api.id,
        clientId: api.clientId,
      });
      expect(data.expiresAt).toBe(expiresAt);
      expect(await signs(keyFile)).toBe(true);
      world.server.clock.advance(601_000);
      expect(await signs(keyFile)).toBe(false);
    });

    test('createApplicationKey: 201 of an uploaded public key, PEM or JWK, answers no key file', async () => {
      const api = await createApi({ authMethod: 'private_key_jwt' });
      const path = { applicationId: api.id };
      const pair = await createKeyPair();
      const { data } = await world.owner.call('createApplicationKey', {
        path,
        body: { publicKey: pair.publicKeyPem },
      });
      expect(data.keyFile).toBeNull();
      const keyFile: KeyFile = {
        type: 'application',
        keyId: String(data.id),
        key: pair.privateKeyPem,
        appId: api.id,
        clientId: api.clientId,
      };
      expect(await signs(keyFile)).toBe(true);
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await world.owner.call('updateApplication', { path, body: { tokenEndpointAuthSigningAlg: 'ES256' } });
      const jwk = await world.owner.call('createApplicationKey', {
        path,
        body: { publicKey: publicKey.export({ format: 'jwk' }) },
      });
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const nowSeconds = Math.floor(world.server.clock.now() / 1000);
      const { clientId } = api;
      const claims = {
        iss: clientId,
        sub: clientId,
        aud: world.server.issuer,
        jti: 'ec',
        iat: nowSeconds,
        exp: nowSeconds + 60,
      };
      const input = `${encode({ alg: 'ES256', kid: jwk.data.id })}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(input), {
        key: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
        dsaEncoding: 'ieee-p1363',
      });
      const form = {
        token: 'none',
        client_assertion: `${input}.${signature.toString('base64url')}`,
        client_assertion_type: assertionType,
      };
      expect((await call(world.server, '/oauth/v2/introspect', { form })).status).toBe(200);
    });

    test('createApplicationKey: 404 not-found, 400 invalid-input, 409 conflict', async () => {
      const api = await createApi({ authMethod: 'private_key_jwt' });
      const refused = async (body: object, applicationId = api.id) =>
        (await world.owner.refused('createApplicationKey', { path: { applicationId }, body })).code;
      expect(await refused({}, '1')).toBe('not-found');
      expect(await refused({ expiresAt: '2020-01-01T00:00:00Z' })).toBe('invalid-input');
      const { privateKeyPem } = await createKeyPair();
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
      const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
      for (const publicKeyGiven of [
        'no key',
        privateKeyPem,
        privateKey.export({ format: 'jwk' }),
        publicKey.export({ type: 'spki', format: 'pem' }),
        // It could not sign what key files sign by: RS256.
        elliptic.export({ format: 'jwk' }),
        { kty: 'oct', k: 'c2VjcmV0' },
      ])
        expect(await refused({ publicKey: publicKeyGiven })).toBe('invalid-input');
      expect(await refused({}, systemApplicationId)).toBe('conflict');
    });

    test('createApplicationKey: 409 conflict for the twenty-first', async () => {
      const api = await createApi({ authMethod: 'private_key_jwt' });
      const { publicKeyPem: publicKey } = await createKeyPair();
      const input = { path: { applicationId: api.id }, body: { publicKey } };
      for (let made = 0; made < 20; made += 1) await world.owner.call('createApplicationKey', input);
      expect((await world.owner.refused('createApplicationKey', input)).code).toBe('conflict');
    });

    test('listApplicationKeys: 200 tells ids and ends; 404 not-found', async () => {
      const api = await createApi({ authMethod: 'private_key_jwt' });
      const path = { applicationId: api.id };
      const { data } = await world.owner.call('createApplicationKey', { path, body: {} });
      const listed = await world.owner.call('listApplicationKeys', { path });
      expect(listed.data.items).toEqual([{ id: data.id, createdAt: data.createdAt, expiresAt: null }]);
      expect((await world.owner.refused('listApplicationKeys', none)).code).toBe('not-found');
    });

    test('removeApplicationKey: 204 and what it signs is refused at once', async () => {
      const api = await createApi({ authMethod: 'private_key_jwt' });
      const path = { applicationId: api.id };
      const { data } = await world.owner.call('createApplicationKey', { path, body: {} });
      const keyFile = data.keyFile as KeyFile; // cast: the answer was cut to its schema
      expect(await signs(keyFile)).toBe(true);
      await world.owner.call('removeApplicationKey', { path: { ...path, keyId: data.id } });
      expect(await signs(keyFile)).toBe(false);
    });

    test('removeApplicationKey: 404 not-found, also for one of another application, 409 conflict', async () => {
      const [api, other] = [await createApi(), await createApi()];
      const made = await world.owner.call('createApplicationKey', {
        path: { applicationId: other.id },
        body: {},
      });
      const path = { applicationId: api.id, keyId: made.data.id };
      expect((await world.owner.refused('removeApplicationKey', { path })).code).toBe('not-found');
      const own = { path: { applicationId: systemApplicationId, keyId: '1' } };
      expect((await world.owner.refused('removeApplicationKey', own)).code).toBe('conflict');
    });
  },
);
