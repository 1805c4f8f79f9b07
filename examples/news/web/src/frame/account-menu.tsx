import { useAuth } from '@latchkey/react';
import { type MouseEvent, useId } from 'react';
import { Link } from 'react-router';
import { describeFailure } from '../api/describe-failure.ts';
import { useReader } from '../reader/reader-context.tsx';
import { Icon } from './icon.tsx';
import { useNotify } from './notices.tsx';
import { useSignIn } from './use-sign-in.ts';

/** The button that signs in; for a signed-in reader the menu with what is theirs. */
export function AccountMenu() {
  const { status, user } = useAuth();
  const signIn = useSignIn();
  if (status === 'loading') return <span className="account-place" />;
  if (user === undefined) {
    return (
      <button type="button" className="button button-primary" data-testid="sign-in" onClick={() => signIn()}>
        Sign in
      </button>
    );
  }
  return <Menu name={user.name ?? user.loginName ?? 'Reader'} detail={user.email ?? user.loginName ?? ''} />;
}

function Menu({ name, detail }: { readonly name: string; readonly detail: string }) {
  const id = useId();
  const reader = useReader();
  const signOut = useSignOut();
  const close = (event: MouseEvent<HTMLElement>) => {
    if (event.target instanceof Element && event.target.closest('a, button') !== null)
      event.currentTarget.hidePopover();
  };
  return (
    <>
      <button type="button" className="account-button" popoverTarget={id} data-testid="account">
        <span className="visually-hidden">Account of {name}</span>
        <span className="avatar" aria-hidden="true">
          {initialsOf(name)}
        </span>
        <Icon name="down" />
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: it notices the clicks on the links inside, which keyboards make too */}
      <nav className="account-menu" id={id} popover="auto" aria-label="Account" onClick={close}>
        <p className="account-name">
          {name}
          <span>{detail}</span>
        </p>
        <Link to="/for-you">For you</Link>
        <Link to="/saved">Saved articles</Link>
        <Link to="/history">Reading history</Link>
        <Link to="/preferences">Preferences</Link>
        {reader?.me?.isEditor === true ? (
          <Link to="/desk" data-testid="desk">
            Editor’s desk
          </Link>
        ) : null}
        <button type="button" data-testid="sign-out" onClick={signOut}>
          Sign out
        </button>
      </nav>
    </>
  );
}

function useSignOut(): () => void {
  const { signOut } = useAuth();
  const notify = useNotify();
  return () => {
    signOut().catch((error: unknown) => {
      const { title, advice } = describeFailure(error);
      notify({ kind: 'problem', title, advice });
    });
  };
}

/** The first letters of the first and the last name. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  );
  return letters.join('').toUpperCase();
}
