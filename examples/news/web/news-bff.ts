import { type Bff, type BffOptions, createBff, createMemoryStore } from '@latchkey/bff';
import type { ServerClient } from './web-config.ts';

/**
 * The backend for frontend of the portal: sessions in sealed cookies, `/api` forwarded to the API with the reader's token. What
 * everybody may read is forwarded without one. `more` is for tests.
 */
export function createNewsBff(client: ServerClient, more: Partial<BffOptions> = {}): Bff {
  const { apiUrl, ...rest } = client;
  return createBff({
    ...rest,
    apis: { '/api': { url: `${apiUrl}/api`, publicReads: true } },
    // Sessions that Latchkey has ended. Several web servers would share a list, in Redis for one.
    endedSessions: createMemoryStore(),
    ...more,
  });
}
