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

  test('of API calls at once each is sent again with the right time, not just the one that learned the difference', async () => {
    const atOnce = 6;
    const held: (() => void)[] = [];
    // No call is answered before all have left, so that all have the wrong time in their proof.
    const fetchTogether: typeof fetch = async (input, init) => {
      if (String(input).startsWith(world().api.origin) && held.length < atOnce)
        await new Promise<void>((resolve) => {
          held.push(resolve);
          if (held.length === atOnce) for (const release of held) release();
        });
      return await fetch(input, init);
    };
    const browser = openAppBrowser(world(), world().createApp({ now: Date.now, fetch: fetchTogether }));
    await browser.signIn(world().user);
    const answers = await Promise.all(Array.from({ length: atOnce }, () => browser.call('/api/me')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: atOnce }, () => 200));
  });
});
