import { createFakeClock } from '@latchkey/testkit';
import { describe, expect, test } from 'vitest';
import { openAppBrowser, useBffWorld } from './bff-world.ts';

describe.each([[600_000], [-600_000]])('issuer and API are %i ms away from the clock of the app', (byMs) => {
  const clock = createFakeClock();
  clock.advance(byMs);
  const world = useBffWorld({ clock });

  test('sign-in and API calls work all the same: the difference is learned from the issuer, and the operator hears of it', async () => {
    const browser = openAppBrowser(world(), world().createApp({ now: Date.now }));
    await browser.signIn(world().user);
    expect((await browser.session()).user?.id).toBe(world().user.id);
    expect((await browser.call('/api/me')).status).toBe(200);
    expect(world().log.join()).toMatch(/(?:599|600|601) s apart/);
  });
});
