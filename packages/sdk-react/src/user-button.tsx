import type { AuthUser } from '@latchkey/browser';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { useAuth } from './use-auth.ts';

/** What `<UserButton>` takes. */
export type UserButtonProps = {
  /** The account pages: `https://your-issuer/account`. Without it there is no link. */
  readonly accountUrl?: string;
  readonly className?: string;
  /** The words, for other languages. */
  readonly labels?: { readonly open?: string; readonly account?: string; readonly signOut?: string };
};

const CIRCLE: CSSProperties = {
  inlineSize: 36,
  blockSize: 36,
  borderRadius: '50%',
  padding: 0,
  overflow: 'hidden',
  cursor: 'pointer',
};
const PANEL: CSSProperties = {
  position: 'absolute',
  insetInlineEnd: 0,
  zIndex: 10,
  padding: 12,
  background: 'Canvas',
  color: 'CanvasText',
  border: '1px solid GrayText',
  borderRadius: 8,
};

/** The user's picture or initials; opens a panel with name, e-mail address, account link and sign-out. */
export function UserButton({ accountUrl, className, labels = {} }: UserButtonProps): ReactNode {
  const { user, signOut } = useAuth();
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const trigger = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  if (user === undefined) return null;
  const name = displayName(user);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return;
    setOpen(false);
    trigger.current?.focus();
  };
  const onSignOut = () => {
    signOut().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the panel from anywhere inside.
    <div
      className={className}
      style={{ position: 'relative', display: 'inline-block' }}
      onKeyDown={onKeyDown}
    >
      <button
        ref={trigger}
        type="button"
        style={CIRCLE}
        aria-label={`${labels.open ?? 'Account of'} ${name}`}
        aria-expanded={isOpen}
        aria-controls={panelId}
        onClick={() => setOpen(!isOpen)}
      >
        {user.picture === undefined ? (
          initials(name)
        ) : (
          <img src={user.picture} alt="" width={36} height={36} referrerPolicy="no-referrer" />
        )}
      </button>
      <div id={panelId} hidden={!isOpen} style={isOpen ? PANEL : undefined}>
        <div>{name}</div>
        {user.email === undefined || user.email === name ? null : <div>{user.email}</div>}
        {accountUrl === undefined ? null : <a href={accountUrl}>{labels.account ?? 'Account'}</a>}
        <button type="button" onClick={onSignOut}>
          {labels.signOut ?? 'Sign out'}
        </button>
        {problem === undefined ? null : <p role="alert">{problem}</p>}
      </div>
    </div>
  );
}

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
