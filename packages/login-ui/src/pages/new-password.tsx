/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { AccountLine, LoginName } from '../parts/account.tsx';
import { ApplicationLinks } from '../parts/application-links.tsx';
import { CancelForm } from '../parts/cancel-form.tsx';
import { FormField } from '../parts/form-field.tsx';
import { HeadingWithApplication } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import { ProblemText, showProblem } from '../parts/problem.tsx';
import type { Translator } from '../translator.ts';
import type { NewPasswordPage } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

function problemText(page: NewPasswordPage, translator: Translator): string | undefined {
  switch (page.passwordProblem) {
    case undefined:
      return undefined;
    case 'missing':
      return translator.text('problem.new-password-missing');
    case 'same':
      return translator.text('problem.password-same');
    case 'too-short':
      return translator.text('problem.password-too-short', { count: page.passwordMinimumLength });
    default:
      return translator.text(`problem.password-${page.passwordProblem}`);
  }
}

/** Asks somebody whose password was given by another to choose their own. */
export function NewPasswordView(props: PageProps<NewPasswordPage>) {
  const { page, context, translator } = props;
  const shownName = visibleText(page.loginName);
  const loginName = <LoginName loginName={shownName} look="name" />;
  const shown = page.problem && showProblem(page.problem, translator);
  return (
    <>
      <HeadingWithApplication {...props} />
      <div class="chosen">
        <p class="account">
          <AccountLine name={shownName}>{translator.rich('password.for', { loginName })}</AccountLine>
        </p>
      </div>
      <p>{translator.text('new-password.why')}</p>
      <form method="post" action={page.form.action}>
        <HiddenFields fields={page.form.hidden} />
        {shown !== undefined && <ProblemText id="form-problem" look="box" text={shown.text} />}
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
        <FormField
          id="password"
          problem={problemText(page, translator)}
          label={translator.text('new-password.label')}
          hint={translator.text('register.password-hint', { count: page.passwordMinimumLength })}
          input={{ type: 'password', autocomplete: 'new-password', autofocus: true }}
        />
        <button class="button" id="submit" type="submit">
          {translator.text('new-password.submit')}
        </button>
      </form>
      <CancelForm target={page.cancelForm} translator={translator} />
      <ApplicationLinks context={context} translator={translator} />
    </>
  );
}
