import { newId, newSecret, sha256Hex } from '@latchkey/server';
import { type InstanceSettings, insertInitialAccessToken, updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  type SeededProject,
  seedProject,
  type TestServer,
} from '@latchkey/testkit';
import { expect } from 'vitest';
import { type Answer, call, discover } from './flow-world.ts';

export const registerPath = '/oauth/v2/register';

export type Metadata = Readonly<Record<string, unknown>>;

/** A client that signs people in by code. */
export const usualMetadata: Metadata = {
  client_name: 'Corner shop',
  redirect_uris: ['https://corner.example.com/callback'],
};

/** Changes settings of the instance and waits until this node has heard of it. */
export async function configure(server: TestServer, settings: InstanceSettings): Promise<void> {
  await changeAsOperator(server, (change) => updateInstanceSettings(change, settings));
  const wanted = settings.dynamicRegistration;
  if (wanted === undefined) return;
  for (let tries = 0; tries < 500; tries += 1) {
    const { body } = await call(server, '/.well-known/openid-configuration');
    if ((body.registration_endpoint !== undefined) === (wanted !== 'off')) return;
  }
  throw new Error('the node has not heard of the settings');
}

/** Makes an initial access token, for one use and an hour unless told otherwise. */
export async function seedInitialToken(
  server: TestServer,
  options: { readonly uses?: number; readonly lifeMs?: number; readonly project?: SeededProject } = {},
): Promise<string> {
  const project = options.project ?? (await seedProject(server));
  const token = newSecret('lk_iat_');
  const now = server.clock.now();
  await changeAsOperator(server, (change) =>
    insertInitialAccessToken(change, {
      id: newId(now),
      sha256: sha256Hex(token),
      projectId: project.id,
      usesLeft: options.uses ?? 1,
      expiresAtMs: now + (options.lifeMs ?? 3_600_000),
    }),
  );
  return token;
}

/** The header that carries a token. */
export function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

/** Sends metadata, as text where it is to be sent as it stands. */
export async function register(
  server: TestServer,
  metadata: Metadata | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const form = typeof metadata === 'string' ? metadata : JSON.stringify(metadata);
  return await call(server, registerPath, {
    form,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** Registers a client that must be taken. */
export async function registered(
  server: TestServer,
  metadata: Metadata = usualMetadata,
  headers: Readonly<Record<string, string>> = {},
): Promise<Metadata> {
  const answer = await register(server, metadata, headers);
  expect(answer.body).not.toHaveProperty('error');
  expect(answer.status).toBe(201);
  return answer.body;
}

/** The text of a member. */
export function textOf(metadata: Metadata, name: string): string {
  const value = metadata[name];
  if (typeof value !== 'string') throw new Error(`${name} is not a text`);
  return value;
}

/** A registered client as the flow functions take applications. */
export function toApplication(metadata: Metadata): SeededApplication {
  const { redirect_uris: uris, token_endpoint_auth_method: method } = metadata;
  const [redirectUri]: readonly unknown[] = Array.isArray(uris) ? uris : [];
  return {
    id: '',
    clientId: textOf(metadata, 'client_id'),
    project: { id: '', organizationId: '', roleKeys: [] },
    type: 'web',
    authMethod: method === 'none' ? 'none' : 'client_secret_basic',
    redirectUri: String(redirectUri),
    clientSecret: typeof metadata.client_secret === 'string' ? metadata.client_secret : '',
  };
}

export { discover };
