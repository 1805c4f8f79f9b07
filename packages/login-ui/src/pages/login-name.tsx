/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { ApplicationLinks } from '../parts/application-links.tsx';
import { CancelForm } from '../parts/cancel-form.tsx';
import { CredentialForm } from '../parts/credential-form.tsx';
import { HeadingWithApplication } from '../parts/heading.tsx';
import { showProblem } from '../parts/problem.tsx';
import type { LoginNamePage } from '../view-models.ts';

/** Asks who is signing in. */
export function LoginNameView(props: PageProps<LoginNamePage>) {
  const { page, context, translator } = props;
  return (
    <>
      <HeadingWithApplication {...props} />
      <CredentialForm
        target={page.form}
        problem={page.problem && showProblem(page.problem, translator)}
        submit={translator.text('login-name.submit')}
        field={{
          id: 'loginName',
          label: translator.text('login-name.label'),
          input: {
            type: 'text',
            autocomplete: 'username',
            autocapitalize: 'none',
            spellcheck: false,
            value: page.loginName,
            dir: 'auto',
          },
        }}
      />
      <CancelForm target={page.cancelForm} translator={translator} />
      {page.accountsHref !== undefined && (
        <a class="quiet-link" id="accounts" href={page.accountsHref}>
          {translator.text('login-name.accounts')}
        </a>
      )}
      {page.registerHref !== undefined && (
        <a class="quiet-link" id="register" href={page.registerHref}>
          {translator.text('login-name.register')}
        </a>
      )}
      <ApplicationLinks context={context} translator={translator} />
    </>
  );
}
