import { createHash, randomBytes } from 'node:crypto';
import {
  completeSignIn,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedMachine,
  seedProject,
  seedUser,
  startTemporaryPostgres,
  startTestServer,
  type TestServer,
} from '@latchkey/testkit';
import { createSender } from '../../packages/testkit/src/send-request.ts';
import { launch, settingsFor } from '../faults/server-process.ts';
import { basicOf, call } from '../flows/flow-world.ts';
import type { AttackRequest } from './attack-request.ts';

async function seed(server: TestServer) {
  const shop = await seedProject(server);
  return {
    shop,
    spa: await seedApplication(server, shop, { type: 'user_agent' }),
    web: await seedApplication(server, shop, { type: 'web' }),
    api: await seedApplication(server, shop, { type: 'api' }),
    /** Proves itself by assertions. */
    keyed: await seedApplication(server, shop, { type: 'api', authMethod: 'private_key_jwt' }),
    device: await seedApplication(server, shop, {
      type: 'native',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    }),
    strangerApi: await seedApplication(server, await seedProject(server), { type: 'api' }),
    robot: await seedMachine(server),
    ada: await seedUser(server),
  };
}

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

async function codeFor(
  server: TestServer,
  application: SeededApplication,
  user: SeededUser,
): Promise<string> {
  const query = new URLSearchParams({
    client_id: application.clientId,
    redirect_uri: application.redirectUri,
    response_type: 'code',
    scope: 'openid profile offline_access',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const agent = createBrowserAgent(server);
  const stop = await agent.open(`/oauth/v2/authorize?${query}`);
  const { url } = leftFor(await completeSignIn(agent, stop, user));
  return url.searchParams.get('code') ?? '';
}

async function tokensOf(server: TestServer, application: SeededApplication, user: SeededUser) {
  const isPublic = application.authMethod === 'none';
  const { body } = await call(server, '/oauth/v2/token', {
    form: {
      grant_type: 'authorization_code',
      code: await codeFor(server, application, user),
      redirect_uri: application.redirectUri,
      code_verifier: verifier,
      ...(isPublic ? { client_id: application.clientId } : {}),
    },
    headers: isPublic ? {} : basicOf(application),
  });
  return body;
}

async function loot(server: TestServer, seeded: Awaited<ReturnType<typeof seed>>) {
  const jwtApp = await seedApplication(server, seeded.shop, { type: 'web', accessTokenType: 'jwt' });
  const tokens = await tokensOf(server, seeded.spa, seeded.ada);
  const jwt = await tokensOf(server, jwtApp, seeded.ada);
  const login = await createBrowserAgent(server).open('/login');
  if (login.kind !== 'page') throw new Error('the login page did not come');
  return {
    accessToken: String(tokens.access_token),
    refreshToken: String(tokens.refresh_token),
    idToken: String(tokens.id_token),
    jwtAccessToken: String(jwt.access_token),
    /** A code nobody has redeemed. */
    code: await codeFor(server, seeded.spa, seeded.ada),
    /** The sealed sign-in of another browser, as it stands in its form. */
    foreignFlow: login.page.forms[0]?.fields.request ?? '',
  };
}

const stateTables = [
  'sessions',
  'grants',
  'consumed',
  'revocations',
  'users',
  'applications',
  'clientSecrets',
  'consents',
  'deviceAuthorizations',
  'backchannelAuthentications',
  'personalAccessTokens',
] as const;

/** Rows of everything an attack might change; the event log, which tells of attacks, aside. */
async function countState(server: TestServer): Promise<Readonly<Record<string, number>>> {
  const counts = stateTables.map(async (table) => {
    const { rows } = await server.store.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('rows'))
      .executeTakeFirstOrThrow();
    return [table, Number(rows)] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

/** What attackers have to work with, and the two processes they meet. */
export interface AttackWorld extends Awaited<ReturnType<typeof seed>>, Awaited<ReturnType<typeof loot>> {
  readonly server: TestServer;
  /** PKCE of the codes. */
  readonly verifier: string;
  readonly challenge: string;
  readonly basicOf: typeof basicOf;
  /** Sends to the first or the second process, as another machine each time. */
  readonly send: (node: 'first' | 'second', request: AttackRequest) => Promise<Response>;
  readonly rows: () => Promise<Readonly<Record<string, number>>>;
  readonly stop: () => Promise<void>;
}

function bodyOf({ form, body }: AttackRequest): string | undefined {
  if (form === undefined) return body;
  return typeof form === 'string' ? form : new URLSearchParams(form).toString();
}

/** Starts two processes over one PostgreSQL database: this one, and the built server as a process of its own. */
export async function startAttackWorld(): Promise<AttackWorld> {
  const postgres = await startTemporaryPostgres();
  const masterKeys = `attack:${randomBytes(32).toString('base64')}`;
  const server = await startTestServer({ engine: { postgresUrl: postgres.url }, masterKeys });
  const seeded = await seed(server);
  const second = launch(
    settingsFor({
      DATABASE_URL: postgres.url,
      LATCHKEY_MASTER_KEYS: masterKeys,
      LATCHKEY_ISSUER: server.issuer,
    }),
  );
  const sender = createSender(await second.port);
  const { host } = new URL(server.issuer);
  let machine = 0;
  return {
    server,
    ...seeded,
    ...(await loot(server, seeded)),
    ...{ verifier, challenge, basicOf },
    send: (node, request) => {
      machine += 1;
      const { path, method, form, headers } = request;
      const body = bodyOf(request);
      const init = {
        ...(method === undefined ? {} : { method }),
        headers: {
          host,
          'x-forwarded-for': `198.18.${Math.floor(machine / 250)}.${(machine % 250) + 1}`,
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      };
      return node === 'first' ? server.fetch(path, init) : sender.send(path, init);
    },
    rows: () => countState(server),
    stop: async () => {
      sender.close();
      second.kill('SIGTERM');
      await second.ended;
      await server.close();
      await postgres.stop();
    },
  };
}
