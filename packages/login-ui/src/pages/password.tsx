/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { AccountLine, LoginName } from '../parts/account.tsx';
import { ApplicationLinks } from '../parts/application-links.tsx';
import { CancelForm } from '../parts/cancel-form.tsx';
import { CredentialForm } from '../parts/credential-form.tsx';
import { HeadingWithApplication } from '../parts/heading.tsx';
import { showProblem } from '../parts/problem.tsx';
import type { PasswordPage } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

/** Asks for the password of the login name given before. */
export function PasswordView(props: PageProps<PasswordPage>) {
  const { page, context, translator } = props;
  const shownName = visibleText(page.loginName);
  const loginName = <LoginName loginName={shownName} look="name" />;
  return (
    <>
      <HeadingWithApplication {...props} />
      <div class="chosen">
        <p class="account">
          <AccountLine name={shownName}>{translator.rich('password.for', { loginName })}</AccountLine>
        </p>
        <a class="text-link" id="other-account" href={page.otherAccountHref}>
          {translator.text('password.other-account')}
        </a>
      </div>
      <CredentialForm
        target={page.form}
        problem={page.problem && showProblem(page.problem, translator)}
        submit={translator.text('password.submit')}
        field={{
          id: 'password',
          label: translator.text('password.label'),
          input: { type: 'password', autocomplete: 'current-password' },
        }}
      >
        {/* For password managers, which save a password under the name beside it. Without a name it is not sent. */}
        <input
          class="unseen"
          id="username"
          type="text"
          autocomplete="username"
          value={page.loginName}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
      </CredentialForm>
      <CancelForm target={page.cancelForm} translator={translator} />
      <ApplicationLinks context={context} translator={translator} />
    </>
  );
}
