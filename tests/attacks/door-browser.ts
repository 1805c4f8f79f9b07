import { type BrowserAgent, createBrowserAgent, type HtmlPage } from '@latchkey/testkit';
import type { AttackRequest } from './attack-request.ts';
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

/** A form of a page as its browser sends it. */
export function submission(
  agent: BrowserAgent,
  page: HtmlPage,
  fields: Readonly<Record<string, string>>,
): AttackRequest {
  const [form] = page.forms;
  const { pathname, search, origin } = new URL(form?.action ?? '', page.url);
  const headers = { cookie: agent.cookies.header(), origin, 'sec-fetch-site': 'same-origin' };
  return { path: pathname + search, form: { ...form?.fields, ...fields }, headers };
}
