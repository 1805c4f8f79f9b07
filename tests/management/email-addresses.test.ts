import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe('e-mail addresses of users', () => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    await world.owner.call('createUser', {
      body: { kind: 'human', loginName: 'ada', email: 'ada@münchen.example', isEmailVerified: true },
    });
    await world.owner.call('createUser', { body: { kind: 'human', loginName: 'grace@example.com' } });
  });
  afterAll(() => world.stop());

  test.each([
    'ada@münchen.example.',
    '"ada"@münchen.example',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@exam\u200bple.com',
    'ada@example..com',
    'a..da@example.com',
    'ada@example.com,eve@example.com',
    'ada\ud800@example.com',
  ])('createUser: 400 for %j, which is no plain address', async (email) => {
    const problem = await world.owner.refused('createUser', {
      body: { kind: 'human', loginName: 'eve', email },
    });
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/email' }] });
  });

  test.each(['Ada@MÜNCHEN.example', 'ada@xn--mnchen-3ya.example', 'ada@münchen。example'])(
    'createUser: 409 for %j verified, another spelling of an address somebody has',
    async (email) => {
      const body = { kind: 'human', loginName: 'eve', email, isEmailVerified: true };
      expect(await world.owner.refused('createUser', { body })).toMatchObject({ status: 409 });
    },
  );

  test.each(['grace@example.com.', 'Grace@Example。com'])(
    'createUser: 409 for the login name %j, another spelling of one that is taken',
    async (loginName) => {
      const body = { kind: 'human', loginName };
      expect(await world.owner.refused('createUser', { body })).toMatchObject({ status: 409 });
    },
  );
});
