import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { type LogoutReceiver, startLogoutReceiver } from '../flows/logout-receiver.ts';
import { obtainTokens, redeem, signIn, signOut } from './relying-party.ts';
import { type Place, placeSettings, type Seed, seedPlace, withStore } from './seed.ts';
import { newMasterKeys, type ServerProcess, startServer, untilTrue } from './server-process.ts';

let postgres: TemporaryPostgres;
let receiver: LogoutReceiver;
const servers: ServerProcess[] = [];
const aUser = 'user-0@example.com';

beforeAll(async () => {
  [postgres, receiver] = await Promise.all([startTemporaryPostgres(), startLogoutReceiver()]);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
  receiver.received.length = 0;
  receiver.answerWith(200);
});

afterAll(async () => {
  await receiver?.close();
  await postgres?.stop();
});

interface Cluster {
  readonly place: Place;
  readonly seed: Seed;
  readonly start: () => Promise<ServerProcess>;
}

/** A database in which the web application listens for back-channel logouts. */
async function prepareCluster(): Promise<Cluster> {
  const place = { kind: 'postgres', url: await postgres.createDatabase() } as const;
  const masterKeys = newMasterKeys();
  const seed = await seedPlace(place, masterKeys);
  await withStore(place, (store) =>
    store.db
      .updateTable('applications')
      .set({ backchannelLogoutUri: `${receiver.origin}/told` })
      .where('clientId', '=', seed.webClientId)
      .execute(),
  );
  const settings = {
    ...placeSettings(place),
    LATCHKEY_MASTER_KEYS: masterKeys,
    LATCHKEY_OUTBOUND_ALLOW: receiver.address,
  };
  return {
    place,
    seed,
    start: async () => {
      const server = await startServer(settings);
      servers.push(server);
      return server;
    },
  };
}

async function idTokenFrom(server: ServerProcess, seed: Seed): Promise<string> {
  const answer = await redeem(server.http, seed, await signIn(server.http, seed, aUser));
  const body: { id_token: string } = JSON.parse(answer.text);
  return body.id_token;
}

async function waitingMessages(place: Place): Promise<number> {
  return await withStore(place, async (store) => {
    const rows = await store.db.selectFrom('outbox').select('id').execute();
    return rows.length;
  });
}

describe('messages to applications on PostgreSQL', () => {
  test('the node that signed somebody out is killed before the receiver recovers: another delivers within a minute, once', {
    timeout: 120_000,
  }, async () => {
    const { place, seed, start } = await prepareCluster();
    const [first, second] = await Promise.all([start(), start()]);
    receiver.answerWith(503);
    await signOut(first.http, await idTokenFrom(first, seed));
    await untilTrue('the first try', 5000, async () => receiver.received.length > 0);
    await first.end('SIGKILL');
    receiver.answerWith(200);
    receiver.received.length = 0;
    await untilTrue('the message has arrived', 60_000, async () => (await waitingMessages(place)) === 0);
    expect(receiver.received).toHaveLength(1);
    expect((await obtainTokens(second.http, seed, aUser)).accessToken).not.toBe('');
  });

  test('a message written while every process was about to die is delivered by the next one that starts', {
    timeout: 120_000,
  }, async () => {
    const { place, seed, start } = await prepareCluster();
    receiver.answerWith('nothing');
    const first = await start();
    const idToken = await idTokenFrom(first, seed);
    await signOut(first.http, idToken);
    await first.end('SIGKILL');
    expect(await waitingMessages(place)).toBe(1);
    // What the dead process had taken comes back half a minute after it took it.
    await withStore(place, (store) => store.db.updateTable('outbox').set({ nextAttemptAtMs: 0 }).execute());
    receiver.answerWith(200);
    receiver.received.length = 0;
    await start();
    await untilTrue('the message has arrived', 10_000, async () => (await waitingMessages(place)) === 0);
    expect(receiver.received).toHaveLength(1);
  });
});
