import { createBrowserAgent, pageOf, type TestServer } from '@latchkey/testkit';

/** Tries passwords at the sign-in page, one after the other, as a browser nobody knows; 200 for the right one. */
export async function tryPasswords(
  server: TestServer,
  loginName: string,
  passwords: readonly string[],
): Promise<readonly number[]> {
  const agent = createBrowserAgent(server);
  const page = pageOf(await agent.submit(pageOf(await agent.open('/login')), { loginName }));
  const statuses: number[] = [];
  for (const password of passwords) {
    const stop = await agent.submit(page, { password });
    statuses.push(stop.kind === 'left' ? 200 : stop.page.status);
  }
  return statuses;
}
