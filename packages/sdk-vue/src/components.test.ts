// @vitest-environment jsdom
import '../../sdk-browser/test-support/one-realm.ts';
import { type AuthState, type AuthUser, LoginRequired } from '@latchkey/browser';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { h, nextTick, type VNode } from 'vue';
import { clearPage, createStageClient, mountApp, signedIn, signedOut } from '../test-support/stage.ts';
import {
  AuthCallback,
  createAuth,
  RequireAuth,
  Show,
  SignedIn,
  SignedOut,
  SignInButton,
  UserButton,
} from './index.ts';

afterEach(() => {
  clearPage();
  vi.restoreAllMocks();
});

const text = () => document.body.textContent;

async function stage(state: AuthState, render: () => VNode | VNode[]) {
  const made = createStageClient(state);
  mountApp(() => render, createAuth({ client: made.client }));
  await settled();
  return {
    ...made,
    set: async (next: AuthState) => {
      made.set(next);
      await settled();
    },
  };
}

async function settled(): Promise<void> {
  await nextTick();
  await nextTick();
}

function find(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`Nothing matches ${selector} in ${document.body.innerHTML}`);
  return found;
}

describe('guards', () => {
  test('RequireAuth waits, then leaves for the issuer once', async () => {
    const { calls, set } = await stage({ status: 'loading' }, () =>
      h(RequireAuth, null, { default: () => 'secret', fallback: () => 'One moment' }),
    );
    expect(calls).not.toContain('signIn');
    await set(signedOut);
    await set({ ...signedOut });
    expect(text()).toBe('One moment');
    expect(calls.filter((call) => call === 'signIn')).toHaveLength(1);
    await set(signedIn);
    expect(text()).toBe('secret');
  });

  test('RequireAuth does not sign in again after a deliberate sign-out: it offers a button', async () => {
    const { calls } = await stage({ status: 'signed-out', reason: 'sign-out' }, () =>
      h(RequireAuth, null, () => 'secret'),
    );
    expect(calls).not.toContain('signIn');
    expect(find('button').textContent).toBe('Sign in');
  });

  test('RequireAuth offers a button to somebody who came back from the issuer with the back button', async () => {
    await stage(signedOut, () =>
      h(RequireAuth, null, { default: () => 'secret', 'signed-out': () => 'Sign in when you like' }),
    );
    expect(text()).toBe('');
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await settled();
    expect(text()).toBe('Sign in when you like');
  });

  test('RequireAuth shows why signing in failed instead of trying for ever', async () => {
    const error = new LoginRequired('login_required', 'The session ended.');
    const { calls } = await stage({ status: 'error', error }, () => h(RequireAuth, null, () => 'secret'));
    expect(find('[role=alert]').textContent).toContain('The session ended.');
    expect(calls).not.toContain('signIn');
  });

  test('RequireAuth roles: one of them is enough, none is forbidden', async () => {
    await stage(signedIn, () => [
      h(RequireAuth, { roles: ['admin', 'editor'] }, () => 'for editors '),
      h(RequireAuth, { roles: ['admin'] }, { default: () => 'for admins', forbidden: () => 'not for you' }),
    ]);
    expect(text()).toBe('for editors not for you');
  });

  test('SignedIn, SignedOut and Show follow the state and the roles', async () => {
    const { set } = await stage({ status: 'loading' }, () => [
      h(SignedIn, null, () => 'in '),
      h(SignedOut, null, () => 'out '),
      h(Show, { when: { role: 'editor' } }, { default: () => 'editor ', fallback: () => 'no-editor ' }),
      h(Show, { when: { anyRole: ['admin', 'editor'] } }, () => 'any '),
      h(Show, { when: { role: 'admin' } }, () => 'admin '),
      h(
        Show,
        { when: (user: AuthUser) => user.emailVerified },
        { default: ({ user }: { user: AuthUser }) => `verified ${user.id}` },
      ),
    ]);
    expect(text()).toBe('no-editor ');
    await set(signedOut);
    expect(text()).toBe('out no-editor ');
    await set(signedIn);
    expect(text()).toBe('in editor any verified 1');
  });
});

describe('buttons', () => {
  test('SignInButton passes attributes and options on and announces what keeps it from leaving', async () => {
    const { client } = createStageClient(signedOut);
    const signIn = vi.fn(() => Promise.reject(new Error('The issuer is down.')));
    mountApp(
      () => () => h(SignInButton, { class: 'primary', options: { returnTo: '/news' } }),
      createAuth({ client: { ...client, signIn } }),
    );
    const button = find('button');
    expect([button.className, button.getAttribute('type')]).toEqual(['primary', 'button']);
    button.click();
    await settled();
    expect(find('[role=alert]').textContent).toBe('The issuer is down.');
    expect(signIn.mock.calls).toEqual([[{ returnTo: '/news' }]]);
  });

  test('UserButton opens, closes with Escape with the focus back, and signs out', async () => {
    const { calls } = await stage(signedIn, () =>
      h(UserButton, { accountUrl: 'https://issuer.example/account', class: 'menu' }),
    );
    const trigger = find('[aria-label="Account of Ada Lovelace"]');
    const panel = find(`[id="${trigger.getAttribute('aria-controls')}"]`);
    expect([trigger.textContent, panel.hidden, find('.menu').contains(trigger)]).toEqual(['AL', true, true]);
    trigger.click();
    await settled();
    expect([trigger.getAttribute('aria-expanded'), panel.hidden]).toEqual(['true', false]);
    expect(panel.textContent).toBe('Ada Lovelaceada@example.comAccountSign out');
    expect(find('a').getAttribute('href')).toBe('https://issuer.example/account');
    find('a').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await settled();
    expect(trigger.getAttribute('aria-expanded')).toBe('false');
    expect(document.activeElement).toBe(trigger);
    panel.querySelector('button')?.click();
    expect(calls).toContain('signOut');
  });

  test('AuthCallback says what is going on and what went wrong', async () => {
    const { set } = await stage({ status: 'loading' }, () => h(AuthCallback));
    expect(find('[role=status]').textContent).toBe('Signing you in…');
    await set({ status: 'error', error: new LoginRequired('login_required', 'Sign in again.') });
    expect(find('[role=alert]').textContent).toContain('Sign in again.');
    await set(signedOut);
    expect(find('button').textContent).toBe('Sign in');
  });
});
