import { seedApplication } from '@latchkey/testkit';
import { type SignedIn, signIn, tokensFor } from '../flows/flow-world.ts';
import { startShopWorld } from '../flows/shop-world.ts';
import type { AttackWorld } from './attack-case.ts';

export async function startAttackWorld(): Promise<AttackWorld & { readonly stop: () => Promise<void> }> {
  const shop = await startShopWorld('postgres');
  const { server, spa, web, ada } = shop;
  const keyed = await seedApplication(server, shop.shop, {
    type: 'web',
    authMethod: 'private_key_jwt',
    redirectUris: ['https://keyed.example.com/callback'],
  });
  if (keyed.keyFile === undefined) throw new Error('A key was to be made.');
  const jwtApp = await seedApplication(server, shop.shop, {
    type: 'user_agent',
    accessTokenType: 'jwt',
    redirectUris: ['https://jwt.example.com/callback'],
    postLogoutRedirectUris: ['https://jwt.example.com/goodbye'],
  });
  const far = await server.startNode();
  const scope = 'openid profile offline_access';
  const freshCode: AttackWorld['freshCode'] = (application) =>
    signIn(server, application, ada, { params: { scope } });
  return {
    shop,
    near: server,
    far,
    keyed,
    keyFile: keyed.keyFile,
    jwtApp,
    live: await tokensFor(server, spa, ada),
    liveJwt: await tokensFor(server, jwtApp, ada),
    freshTokens: () => tokensFor(server, spa, ada),
    freshCode,
    codeWithoutChallenge: (): Promise<SignedIn> =>
      signIn(server, web, ada, { params: { scope, code_challenge: '', code_challenge_method: '' } }),
    stop: async () => {
      await far.close();
      await shop.stop();
    },
  };
}

/** How many rows every table has: what a refused request must leave alone. */
export async function countEveryRow({ near }: AttackWorld): Promise<Readonly<Record<string, number>>> {
  const { db } = near.store;
  const tables = await db.introspection.getTables();
  const counted = tables.filter(({ name }) => name !== 'usage_counters');
  const counts = counted.map(async ({ name }) => {
    const { rows } = await db
      .selectFrom(name as 'events') // cast: the names come from the database itself, and counting needs no columns
      .select((eb) => eb.fn.countAll().as('rows'))
      .executeTakeFirstOrThrow();
    return [name, Number(rows)] as const;
  });
  // Usage is counted in memory and written now and then, and refusals once a second for all together:
  // neither says anything of the request at hand.
  const { rows } = await db
    .selectFrom('events')
    .select((eb) => eb.fn.countAll().as('rows'))
    .where('type', 'not like', '%.refused')
    .executeTakeFirstOrThrow();
  return { ...Object.fromEntries(await Promise.all(counts)), events: Number(rows) };
}
