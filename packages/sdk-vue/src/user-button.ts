import type { AuthUser } from '@latchkey/browser';
import { type CSSProperties, defineComponent, h, shallowRef, useId, useTemplateRef, type VNode } from 'vue';
import { useAuth } from './use-auth.ts';

/** What `<UserButton>` takes. */
export type UserButtonProps = {
  /** The account pages: `https://your-issuer/account`. Without it there is no link. */
  readonly accountUrl?: string | undefined;
  /** The words, for other languages. */
  readonly labels?:
    | { readonly open?: string; readonly account?: string; readonly signOut?: string }
    | undefined;
};

const CIRCLE: CSSProperties = {
  inlineSize: '36px',
  blockSize: '36px',
  borderRadius: '50%',
  padding: 0,
  overflow: 'hidden',
  cursor: 'pointer',
};
const PANEL: CSSProperties = {
  position: 'absolute',
  insetInlineEnd: 0,
  zIndex: 10,
  padding: '12px',
  background: 'Canvas',
  color: 'CanvasText',
  border: '1px solid GrayText',
  borderRadius: '8px',
};

/** The user's picture or initials; opens a panel with name, e-mail address, account link and sign-out. */
export const UserButton = defineComponent<UserButtonProps>(
  (props) => {
    const { user, signOut } = useAuth();
    const isOpen = shallowRef(false);
    const problem = shallowRef<string>();
    const trigger = useTemplateRef<HTMLButtonElement>('trigger');
    const panelId = useId();
    const onKeydown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !isOpen.value) return;
      isOpen.value = false;
      trigger.value?.focus();
    };
    const onSignOut = () => {
      signOut().catch((error: unknown) => {
        problem.value = error instanceof Error ? error.message : String(error);
      });
    };
    const renderTrigger = (of: AuthUser, name: string) =>
      h(
        'button',
        {
          ref: 'trigger',
          type: 'button',
          style: CIRCLE,
          'aria-label': `${props.labels?.open ?? 'Account of'} ${name}`,
          'aria-expanded': isOpen.value,
          'aria-controls': panelId,
          onClick: () => {
            isOpen.value = !isOpen.value;
          },
        },
        of.picture === undefined
          ? initials(name)
          : h('img', { src: of.picture, alt: '', width: 36, height: 36, referrerpolicy: 'no-referrer' }),
      );
    const renderPanel = (of: AuthUser, name: string): VNode =>
      h('div', { id: panelId, hidden: !isOpen.value, style: isOpen.value ? PANEL : undefined }, [
        h('div', name),
        of.email === undefined || of.email === name ? undefined : h('div', of.email),
        props.accountUrl === undefined
          ? undefined
          : h('a', { href: props.accountUrl }, props.labels?.account ?? 'Account'),
        h('button', { type: 'button', onClick: onSignOut }, props.labels?.signOut ?? 'Sign out'),
        problem.value === undefined ? undefined : h('p', { role: 'alert' }, problem.value),
      ]);
    return () => {
      if (user.value === undefined) return undefined;
      const name = displayName(user.value);
      return h('div', { style: { position: 'relative', display: 'inline-block' }, onKeydown }, [
        renderTrigger(user.value, name),
        renderPanel(user.value, name),
      ]);
    };
  },
  { name: 'UserButton', props: ['accountUrl', 'labels'] },
);

function displayName(user: AuthUser): string {
  return user.name ?? user.loginName ?? user.email ?? user.id;
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return chosen
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
