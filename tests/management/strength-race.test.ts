import { lockUser, setMembership } from '@latchkey/store';
import { changeAsOperator, seedUser } from '@latchkey/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

let world: ManagementWorld;
beforeAll(async () => {
  world = await startManagementWorld('postgres');
}, 60_000);
afterAll(() => world?.stop());

async function waitingForLock(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(world.server.store.db);
  return rows[0]?.count ?? 0;
}

test.each([
  ['locks', 'POST', '/lock', undefined],
  ['sets the password of', 'PUT', '/password', { password: 'correct horse battery staple' }],
  ['ends the sessions of', 'DELETE', '/sessions', undefined],
  ['removes', 'DELETE', '', undefined],
] as const)('a role that is given while somebody %s the user counts', async (_, method, path, body) => {
  const { server } = world;
  const at = { kind: 'organization', id: server.organizationId } as const;
  const manager = await world.callerWith(['ORG_USER_MANAGER'], at);
  const { id: userId } = await seedUser(server);
  const membership = { objectKind: 'instance' as const, objectId: server.instanceId, userId };
  const { answer } = await changeAsOperator(server, async (change) => {
    await lockUser(change, userId);
    const sent = manager.send(method, `/users/${userId}${path}`, body === undefined ? {} : { body });
    // The request has found the user weak and waits to change them.
    await vi.waitFor(async () => expect(await waitingForLock()).toBe(1), { timeout: 20_000 });
    await setMembership(change, membership, ['IAM_OWNER']);
    return { answer: sent };
  });
  expect((await answer).status).toBe(403);
});
