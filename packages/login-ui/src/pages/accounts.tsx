/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Account } from '../parts/account.tsx';
import { CancelForm } from '../parts/cancel-form.tsx';
import { HeadingWithApplication } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import type { AccountsPage } from '../view-models.ts';

/** Lists the accounts signed in on this browser; each is a button that posts its `sessionId`. */
export function AccountsView(props: PageProps<AccountsPage>) {
  const { page, translator } = props;
  return (
    <>
      <HeadingWithApplication {...props} />
      <form method="post" action={page.form.action}>
        <HiddenFields fields={page.form.hidden} />
        <ul class="accounts">
          {page.accounts.map((account, index) => (
            <li key={account.sessionId}>
              <button
                class="account account-choice"
                id={`account-${index + 1}`}
                type="submit"
                name="sessionId"
                value={account.sessionId}
              >
                <Account account={account} />
                <svg class="sign chevron" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                  <path d="m6 3.5 4.5 4.5L6 12.5" />
                </svg>
              </button>
            </li>
          ))}
        </ul>
      </form>
      <a class="quiet-link" id="other-account" href={page.otherAccountHref}>
        {translator.text('accounts.other')}
      </a>
      <CancelForm target={page.cancelForm} translator={translator} />
    </>
  );
}
