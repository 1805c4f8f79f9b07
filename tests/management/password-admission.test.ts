import { seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { engines, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const password = 'seven brave otters swim';
const managementScope = 'openid urn:zitadel:iam:org:project:id:zitadel:aud';

describe.each(engines)('passwords set by the management API on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let release = async (): Promise<void> => undefined;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterEach(() => release());
  afterAll(() => world.stop());

  /** Work that does not end takes all places, and more waits than may. */
  function fill(admit: (work: () => Promise<void>) => Promise<void>): void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const held = Array.from({ length: 3000 }, () => admit(() => opened));
    const all = Promise.allSettled(held);
    release = async () => {
      open();
      await all;
    };
  }
  const fillTokenHolders = (): void => fill(world.server.passwords.admitTokenHolder);
  const passwordHashOf = async (id: string): Promise<string | null> => {
    const query = world.server.store.db.selectFrom('users').select('passwordHash').where('id', '=', id);
    return (await query.executeTakeFirstOrThrow()).passwordHash;
  };
  const human = (loginName: string, own: Readonly<Record<string, unknown>> = {}) => ({
    body: { kind: 'human', loginName, givenName: 'New', familyName: 'Comer', ...own },
  });

  test('beyond what may wait they are refused with a problem and Retry-After, nothing changes, and they are counted', async () => {
    const { server, owner } = world;
    const user = await seedUser(server);
    const hash = await passwordHashOf(user.id);
    fillTokenHolders();
    const answers = [
      await owner.send('PUT', `/users/${user.id}/password`, { body: { password } }),
      await owner.send('POST', '/users', human('refused@example.com', { password })),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(await answer.json()).toMatchObject({ code: 'unavailable', status: 503 });
    }
    expect(await passwordHashOf(user.id)).toBe(hash);
    const metrics = await (await server.fetch('/metrics')).text();
    expect(metrics).toMatch(/^latchkey_requests_turned_away_total\{kind="password"\} 2$/m);
    expect((await owner.send('POST', '/users', human('plain@example.com'))).status).toBe(201);
    await release();
    const again = await owner.send('POST', '/users', human('refused@example.com', { password }));
    expect(again.status).toBe(201);
  });

  test('a flood of sign-ins leaves them places of their own, and they leave sign-ins theirs', async () => {
    const { server, owner } = world;
    fill(server.passwords.admit);
    const made = await owner.send('POST', '/users', human('beside@example.com', { password }));
    expect(made.status).toBe(201);
    await release();
    fillTokenHolders();
    expect(server.passwords.isFull()).toBe(false);
  });

  test('a current password that could not be looked at is no attempt', async () => {
    const { server } = world;
    const user = await seedUser(server);
    const console = await seedApplication(server, await seedProject(server), {
      type: 'user_agent',
      isManagementClient: true,
    });
    const { accessToken } = await tokensFor(server, console, user, managementScope);
    const change = async () =>
      (
        await server.fetch(`/api/v1/users/${user.id}/password`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
          body: JSON.stringify({ password, currentPassword: user.password }),
        })
      ).status;
    fillTokenHolders();
    for (let attempt = 0; attempt < 20; attempt += 1) expect(await change()).toBe(503);
    await release();
    expect(await change()).toBe(204);
  });
});
