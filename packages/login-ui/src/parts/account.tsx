/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { ComponentChildren } from 'preact';
import type { AccountChoice } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

const letterOrDigit = /[\p{L}\p{N}]/u;

/** The first letter of a name in a disc, or a person's outline where a name has none. */
function Avatar({ name }: { readonly name: string }) {
  const initial = letterOrDigit.exec(name)?.[0];
  return (
    <span class="avatar" aria-hidden="true">
      {initial?.toUpperCase() ?? (
        <svg class="sign" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="5.5" r="2.75" />
          <path d="M2.75 13.5a5.25 5.25 0 0 1 10.5 0" />
        </svg>
      )}
    </span>
  );
}

/** A login name; where it is too long for its line it breaks before the `@`. */
export function LoginName(props: { readonly loginName: string; readonly look: 'name' | 'muted' }) {
  const at = props.loginName.lastIndexOf('@');
  return (
    <bdi class={props.look}>
      {at > 0 ? [props.loginName.slice(0, at), <wbr key="@" />, props.loginName.slice(at)] : props.loginName}
    </bdi>
  );
}

/** An avatar and lines of text beside it. */
export function AccountLine(props: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <Avatar name={props.name} />
      <span class="lines">{props.children}</span>
    </>
  );
}

/** An account by its name and its login name; the login name alone where both are the same. */
export function Account({ account }: { readonly account: AccountChoice }) {
  const displayName = visibleText(account.displayName);
  const loginName = visibleText(account.loginName);
  const isNamed = displayName !== '' && displayName !== loginName;
  return (
    <AccountLine name={isNamed ? displayName : loginName}>
      {isNamed && <bdi class="name">{displayName}</bdi>}{' '}
      <LoginName loginName={loginName} look={isNamed ? 'muted' : 'name'} />
    </AccountLine>
  );
}
