import type { StateStore } from '../auth-state.ts';
import type { Page } from '../page.ts';

type TabMessage = { readonly kind: 'signed-in'; readonly userId: string } | { readonly kind: 'signed-out' };
/** The other tabs of this origin. */
export type Tabs = { open(): void; close(): void; announce(message: TabMessage): void };

/** What tabs of this origin tell each other; nothing in it is secret. */
export function createTabs(
  page: Page,
  basePath: string,
  state: StateStore,
  reload: () => Promise<void>,
): Tabs {
  let channel: BroadcastChannel | undefined;
  const onMessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.kind === 'signed-out') state.set({ status: 'signed-out', reason: 'sign-out' });
    // Who it is, this tab asks the server itself.
    else if (state.get().user?.id !== data.userId) void reload();
  };
  return {
    open() {
      channel ??= page.openChannel(`latchkey:bff:${basePath}`);
      if (channel !== undefined) channel.onmessage = onMessage;
    },
    close() {
      channel?.close();
      channel = undefined;
    },
    announce: (message) => channel?.postMessage(message),
  };
}
