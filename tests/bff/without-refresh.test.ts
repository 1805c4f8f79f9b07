import { LoginRequired, RefreshRequired } from '@latchkey/bff';
import { expect, test } from 'vitest';
import { openAppBrowser, useBffWorld } from './bff-world.ts';

const world = useBffWorld();
const never = { refresh: 'never' } as const;

test('refresh "never" uses the token while it lives, then throws RefreshRequired and asks the issuer for nothing', async () => {
  // Proofs carry the time of this machine, which does not move along.
  const app = world().createApp({ dpop: false });
  const browser = openAppBrowser(world(), app);
  await browser.signIn(world().user);
  const address = `${world().api.origin}/v1/me`;
  const headers = () => new Headers({ cookie: browser.cookies.header() });
  const { expiresAt } = await app.bff.getAccessToken(headers(), never);
  const before = app.asked.length;

  // A refresh is due half a minute before the end; here it does not happen.
  const secondsLeft = expiresAt - world().server.clock.now() / 1000;
  world().server.clock.advance((secondsLeft - 10) * 1000);
  const late = headers();
  const answer = await app.bff.fetch(late, address, {}, never);
  expect([answer.status, await answer.json()]).toEqual([200, { who: world().user.id }]);
  expect(app.bff.setCookies(late)).toEqual([]);

  world().server.clock.advance(11_000);
  await expect(app.bff.fetch(headers(), address, {}, never)).rejects.toThrow(RefreshRequired);
  await expect(app.bff.getAccessToken(headers(), never)).rejects.toThrow(RefreshRequired);
  expect(app.asked.length).toBe(before);
});

test('refresh "never" without a session throws LoginRequired', async () => {
  const { bff } = world().createApp();
  await expect(bff.getAccessToken(new Headers(), never)).rejects.toThrow(LoginRequired);
});
