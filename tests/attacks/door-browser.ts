import { type BrowserAgent, createBrowserAgent } from '@latchkey/testkit';
import type { AttackWorld } from './attack-world.ts';
import type { Door } from './doors.ts';

/** A browser whose requests go to these doors in turn. */
export function browserAt({ near }: Pick<AttackWorld, 'near'>, doors: readonly Door[]): BrowserAgent {
  let turn = 0;
  return createBrowserAgent({
    issuer: near.issuer,
    fetch: async (path, { method, headers, body } = {}) => {
      const door = doors[turn % doors.length];
      turn += 1;
      if (door === undefined) throw new Error('no door');
      return await door.send({
        path: path.startsWith('/') ? path : path.slice(near.issuer.length),
        ...(method === undefined ? {} : { method }),
        ...(headers === undefined ? {} : { headers }),
        ...(body instanceof URLSearchParams ? { form: body.toString() } : {}),
        ...(typeof body === 'string' ? { body } : {}),
      });
    },
  });
}
