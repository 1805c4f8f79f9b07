import { fullProfile, type SeededUser, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, engines, payloadOf, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const claimsOf = {
  profile: [
    'birthdate',
    'family_name',
    'gender',
    'given_name',
    'locale',
    'middle_name',
    'name',
    'nickname',
    'picture',
    'preferred_username',
    'profile',
    'updated_at',
    'website',
    'zoneinfo',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
} as const;

describe.each(engines)('a person about whom everything is known, on $engine', ({ engine }) => {
  let world: ShopWorld;
  let ada: SeededUser;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    ada = await seedUser(world.server, fullProfile);
  });
  afterAll(() => world?.stop());

  async function told(scope: string): Promise<Readonly<Record<string, unknown>>> {
    const { accessToken } = await tokensFor(world.server, world.spa, ada, scope);
    const headers = { authorization: `Bearer ${accessToken}` };
    return (await call(world.server, '/oidc/v1/userinfo', { headers })).body;
  }

  test.each(Object.entries(claimsOf))(
    'OpenID Connect Core §5.4: the scope %s tells every claim of it, and no other',
    async (scope, names) => {
      expect(Object.keys(await told(`openid ${scope}`)).sort()).toEqual([...names, 'sub'].sort());
    },
  );

  test('OpenID Connect Core §5.1: every claim has the type it must have, and none is null or empty', async () => {
    const claims = await told('openid profile email phone address');
    expect(Object.keys(claims)).toHaveLength(Object.values(claimsOf).flat().length + 1);
    const nowSeconds = Math.floor(world.server.clock.now() / 1000);
    for (const [name, value] of Object.entries(claims)) {
      if (name === 'email_verified' || name === 'phone_number_verified') expect(value, name).toBe(true);
      else if (name === 'address') expect(value).toEqual(fullProfile.address);
      else if (name === 'updated_at') {
        expect(Number.isInteger(value)).toBe(true);
        expect(value).toBeGreaterThan(631_152_000);
        expect(value).toBeLessThanOrEqual(nowSeconds);
      } else expect(value, name).toMatch(/\S/);
    }
    expect(claims.birthdate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    for (const name of ['profile', 'picture', 'website'])
      expect(URL.canParse(String(claims[name]))).toBe(true);
  });

  test('OpenID Connect Core §5.4: none of it stands in an ID token that comes with an access token', async () => {
    const { idToken } = await tokensFor(world.server, world.spa, ada, 'openid profile email phone address');
    const payload = payloadOf(idToken);
    for (const name of Object.values(claimsOf).flat()) expect(payload).not.toHaveProperty(name);
  });
});
