import pg from 'pg';
import { columnTypes } from './column-types.ts';
import { asEngineError } from './database-faults.ts';

/** Opens one connection with our column types. Rejects with a mapped error, leaving nothing behind. */
export async function openClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...config, types: columnTypes });
  // Without a listener, a connection lost between two statements would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw asEngineError(error);
  }
}
