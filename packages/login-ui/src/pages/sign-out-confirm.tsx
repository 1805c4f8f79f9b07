/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Account } from '../parts/account.tsx';
import { Heading } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import type { SignOutConfirmPage } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

/** Asks whether to sign out: OpenID Connect RP-Initiated Logout 1.0 §2. Posts `decision` = `sign-out` or `stay`. */
export function SignOutConfirmView(props: PageProps<SignOutConfirmPage>) {
  const { page, context, translator } = props;
  const { applicationName } = context;
  return (
    <>
      <Heading {...props} />
      <p class="advice">
        {applicationName !== undefined && (
          <>
            {translator.rich('sign-out-confirm.asked', {
              application: <bdi class="name">{visibleText(applicationName)}</bdi>,
            })}{' '}
          </>
        )}
        {translator.text('sign-out-confirm.effect', { count: page.accounts.length })}
      </p>
      {page.accounts.length > 0 && (
        <ul class="accounts accounts-boxed">
          {page.accounts.map((account) => (
            <li key={account.sessionId} class="account">
              <Account account={account} />
            </li>
          ))}
        </ul>
      )}
      <form method="post" action={page.form.action}>
        <HiddenFields fields={page.form.hidden} />
        <button class="button" id="submit" type="submit" name="decision" value="sign-out">
          {translator.text('sign-out-confirm.submit')}
        </button>
        <button class="button button-quiet" id="stay" type="submit" name="decision" value="stay">
          {translator.text('sign-out-confirm.stay')}
        </button>
      </form>
    </>
  );
}
