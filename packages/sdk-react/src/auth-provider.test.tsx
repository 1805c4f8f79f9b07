// @vitest-environment jsdom
import '../../sdk-browser/test-support/one-realm.ts';
import { type AuthClient, type AuthState, type AuthUser, LoginRequired } from '@latchkey/browser';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { type ReactNode, StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CLIENT_ID, createFakeIssuer } from '../../sdk-browser/test-support/fake-issuer.ts';
import {
  AuthCallback,
  AuthProvider,
  RequireAuth,
  Show,
  SignedIn,
  SignedOut,
  SignInButton,
  UserButton,
  useAccessToken,
  useAuth,
  useAuthFetch,
  useUser,
  withAuthRequired,
} from './index.ts';

const ADA: AuthUser = {
  id: '1',
  name: 'Ada Lovelace',
  givenName: 'Ada',
  familyName: 'Lovelace',
  email: 'ada@example.com',
  emailVerified: true,
  picture: undefined,
  loginName: 'ada',
  roles: ['editor'],
  claims: { sub: '1' },
};

/** A client whose state the test sets; what is asked of it is noted. */
function createStageClient(initial: AuthState) {
  let state = initial;
  const listeners = new Set<() => void>();
  const calls: string[] = [];
  const client: AuthClient = {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => state,
    start: async () => void calls.push('start'),
    stop: () => void calls.push('stop'),
    signIn: async () => void calls.push('signIn'),
    signInWithPopup: async () => void calls.push('signInWithPopup'),
    signUp: async () => void calls.push('signUp'),
    signOut: async () => void calls.push('signOut'),
    getAccessToken: async () => 'token-1',
    getAuthHeaders: async () => ({ authorization: 'Bearer token-1' }),
    switchOrganization: async (id) => void calls.push(`switchOrganization ${id}`),
  };
  const set = (next: AuthState) =>
    act(() => {
      state = next;
      for (const listener of listeners) listener();
    });
  return { client, calls, set };
}

const SIGNED_IN: AuthState = { status: 'signed-in', user: ADA };
const SIGNED_OUT: AuthState = { status: 'signed-out', reason: 'none' };

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  window.history.replaceState(null, '', '/');
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function stage(state: AuthState, children: ReactNode) {
  const made = createStageClient(state);
  render(<AuthProvider client={made.client}>{children}</AuthProvider>);
  return made;
}

function Greeting(): ReactNode {
  const { status, user } = useAuth();
  return <p>{user === undefined ? status : `Hello, ${user.name}`}</p>;
}

describe('<AuthProvider>', () => {
  test('issuer and clientId are enough, and a StrictMode double mount redeems the code once', async () => {
    const issuer = await createFakeIssuer('https://issuer.example');
    const assign = vi.fn<(url: string) => void>();
    const options = { issuer: 'https://issuer.example', clientId: CLIENT_ID, fetch: issuer.fetch };
    // What an earlier page left behind when it went to the issuer.
    const { createAuthClientOn } = await import('../../sdk-browser/src/auth-client.ts');
    const { createFakePage } = await import('../../sdk-browser/test-support/fake-page.ts');
    const before = createAuthClientOn(() => createFakePage(issuer, { navigate: assign }), options);
    await before.signIn({ returnTo: '/quotes' });
    const answer = new URL(issuer.authorize(assign.mock.calls[0]?.[0] ?? '', 'signed in'));
    window.history.replaceState(null, '', `${answer.pathname}${answer.search}`);
    render(
      <StrictMode>
        <AuthProvider {...options}>
          <Greeting />
        </AuthProvider>
      </StrictMode>,
    );
    expect(screen.getByText('loading')).toBeTruthy();
    await screen.findByText('Hello, Ada Lovelace');
    expect(issuer.count('/oauth/v2/token')).toBe(1);
    expect(window.location.href).toBe(`${window.location.origin}/quotes`);
  });

  test('the client starts on mount and stops on unmount', () => {
    const { calls } = stage(SIGNED_OUT, null);
    expect(calls).toEqual(['start']);
    cleanup();
    expect(calls).toEqual(['start', 'stop']);
  });

  test('the server and the first render show loading, or initialState, without a mismatch', async () => {
    const { client } = createStageClient(SIGNED_IN);
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const initialState of [undefined, SIGNED_IN]) {
      const app = (
        <AuthProvider client={client} {...(initialState === undefined ? {} : { initialState })}>
          <Greeting />
        </AuthProvider>
      );
      const html = renderToString(app);
      expect(html).toContain(initialState === undefined ? 'loading' : 'Hello, Ada Lovelace');
      const container = document.createElement('div');
      container.innerHTML = html;
      const root = await act(async () => hydrateRoot(container, app));
      expect(container.textContent).toBe('Hello, Ada Lovelace');
      await act(async () => root.unmount());
    }
    expect(errors).not.toHaveBeenCalled();
  });

  test('a hook outside of a provider says what is missing', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => render(<Greeting />)).toThrow('<AuthProvider>');
  });
});

describe('hooks', () => {
  test('useAuth follows the client, and hasRole reads the roles of the user', () => {
    function Probe(): ReactNode {
      const auth = useAuth();
      return (
        <p>{`${auth.status} ${auth.isLoading} ${auth.isAuthenticated} ${auth.hasRole('editor')} ${auth.hasRole('admin')} ${useUser()?.id}`}</p>
      );
    }
    const { set } = stage({ status: 'loading' }, <Probe />);
    expect(screen.getByText('loading true false false false undefined')).toBeTruthy();
    set(SIGNED_IN);
    expect(screen.getByText('signed-in false true true false 1')).toBeTruthy();
    set(SIGNED_OUT);
    expect(screen.getByText('signed-out false false false false undefined')).toBeTruthy();
  });

  test('useAccessToken gives a token while somebody is signed in', async () => {
    function Probe(): ReactNode {
      return <p>{useAccessToken().accessToken ?? 'no token'}</p>;
    }
    const { set } = stage(SIGNED_IN, <Probe />);
    await screen.findByText('token-1');
    set(SIGNED_OUT);
    expect(screen.getByText('no token')).toBeTruthy();
  });

  test('useAuthFetch sends the token to apiOrigins only', async () => {
    const sent: [string, string | null][] = [];
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      sent.push([String(input), new Headers(init?.headers).get('authorization')]);
      return new Response('{}');
    });
    function Probe(): ReactNode {
      const authFetch = useAuthFetch();
      const onClick = () =>
        Promise.all(['https://api.example/quote', 'https://evil.example/'].map((url) => authFetch(url)));
      return (
        <button type="button" onClick={onClick}>
          Go
        </button>
      );
    }
    const { client } = createStageClient(SIGNED_IN);
    render(
      <AuthProvider client={client} apiOrigins={['https://api.example']}>
        <Probe />
      </AuthProvider>,
    );
    fireEvent.click(screen.getByText('Go'));
    await expect.poll(() => sent.length).toBe(2);
    expect(Object.fromEntries(sent)).toEqual({
      'https://api.example/quote': 'Bearer token-1',
      'https://evil.example/': null,
    });
  });
});

describe('guards', () => {
  test('RequireAuth waits, then leaves for the issuer once', () => {
    const { client, calls, set } = createStageClient({ status: 'loading' });
    render(
      <StrictMode>
        <AuthProvider client={client}>
          <RequireAuth fallback="One moment">secret</RequireAuth>
        </AuthProvider>
      </StrictMode>,
    );
    expect(calls).not.toContain('signIn');
    set(SIGNED_OUT);
    expect(screen.getByText('One moment')).toBeTruthy();
    expect(calls.filter((call) => call === 'signIn')).toHaveLength(1);
    set(SIGNED_IN);
    expect(screen.getByText('secret')).toBeTruthy();
  });

  test('RequireAuth does not sign in again after a deliberate sign-out: it offers a button', () => {
    const { calls } = stage({ status: 'signed-out', reason: 'sign-out' }, <RequireAuth>secret</RequireAuth>);
    expect(calls).not.toContain('signIn');
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
  });

  test('RequireAuth shows why signing in failed instead of trying for ever', () => {
    const error = new LoginRequired('login_required', 'The session ended.');
    const { calls } = stage({ status: 'error', error }, <RequireAuth>secret</RequireAuth>);
    expect(screen.getByRole('alert').textContent).toContain('The session ended.');
    expect(calls).not.toContain('signIn');
  });

  test('RequireAuth roles: one of them is enough, none is forbidden', () => {
    stage(
      SIGNED_IN,
      <>
        <RequireAuth roles={['admin', 'editor']}>for editors</RequireAuth>
        <RequireAuth roles={['admin']} forbidden="not for you">
          for admins
        </RequireAuth>
      </>,
    );
    expect(document.body.textContent).toBe('for editorsnot for you');
  });

  test('withAuthRequired guards a component and passes its props', () => {
    const Page = withAuthRequired(({ title }: { readonly title: string }) => <h1>{title}</h1>);
    const { set } = stage({ status: 'loading' }, <Page title="News" />);
    expect(document.body.textContent).toBe('');
    set(SIGNED_IN);
    expect(screen.getByRole('heading').textContent).toBe('News');
  });

  test('SignedIn, SignedOut and Show follow the state and the roles', () => {
    const { set } = stage(
      { status: 'loading' },
      <>
        <SignedIn>in </SignedIn>
        <SignedOut>out </SignedOut>
        <Show when={{ role: 'editor' }} fallback="no-editor ">
          editor{' '}
        </Show>
        <Show when={{ anyRole: ['admin', 'editor'] }}>any </Show>
        <Show when={{ role: 'admin' }}>admin </Show>
        <Show when={(user) => user.emailVerified}>verified</Show>
      </>,
    );
    expect(document.body.textContent).toBe('no-editor ');
    set(SIGNED_OUT);
    expect(document.body.textContent).toBe('out no-editor ');
    set(SIGNED_IN);
    expect(document.body.textContent).toBe('in editor any verified');
  });
});

describe('buttons', () => {
  test('SignInButton announces what keeps it from leaving', async () => {
    const { client } = createStageClient(SIGNED_OUT);
    const signIn = () => Promise.reject(new Error('The issuer is down.'));
    render(
      <AuthProvider client={{ ...client, signIn }}>
        <SignInButton />
      </AuthProvider>,
    );
    fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect((await screen.findByRole('alert')).textContent).toBe('The issuer is down.');
  });

  test('UserButton opens, closes with Escape with the focus back, and signs out', () => {
    const { calls } = stage(SIGNED_IN, <UserButton accountUrl="https://issuer.example/account" />);
    const trigger = screen.getByRole('button', { name: 'Account of Ada Lovelace' });
    expect(trigger.textContent).toBe('AL');
    expect(trigger.getAttribute('aria-expanded')).toBe('false');
    expect(screen.queryByRole('button', { name: 'Sign out' })).toBeNull();
    fireEvent.click(trigger);
    expect(trigger.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByText('ada@example.com')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Account' }).getAttribute('href')).toBe(
      'https://issuer.example/account',
    );
    fireEvent.keyDown(screen.getByRole('link'), { key: 'Escape' });
    expect(trigger.getAttribute('aria-expanded')).toBe('false');
    expect(document.activeElement).toBe(trigger);
    fireEvent.click(trigger);
    fireEvent.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(calls).toContain('signOut');
  });

  test('AuthCallback says what is going on and what went wrong', () => {
    const { set } = stage({ status: 'loading' }, <AuthCallback />);
    expect(screen.getByRole('status').textContent).toBe('Signing you in…');
    set({ status: 'error', error: new LoginRequired('login_required', 'Sign in again.') });
    expect(screen.getByRole('alert').textContent).toContain('Sign in again.');
  });
});
