/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { ApplicationLinks } from '../parts/application-links.tsx';
import { CancelForm } from '../parts/cancel-form.tsx';
import { FormField } from '../parts/form-field.tsx';
import { HeadingWithApplication } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import { ProblemText, showProblem } from '../parts/problem.tsx';
import type { Translator } from '../translator.ts';
import type { RegisterFieldProblem, RegisterPage } from '../view-models.ts';

// The button is shown by the script that makes it work. Before the form leaves, the password is hidden again, so that no
// browser keeps it among the texts it suggests.
const revealPassword =
  "(function(){var b=document.getElementById('show-password'),f=document.getElementById('password');" +
  "function set(t){f.type=t;b.textContent=b.getAttribute(t==='text'?'data-hide':'data-show');}" +
  "b.hidden=false;b.onclick=function(){set(f.type==='password'?'text':'password');};" +
  "f.form.addEventListener('submit',function(){set('password');});})();";

const missing = {
  givenName: 'problem.given-name-missing',
  familyName: 'problem.family-name-missing',
  loginName: 'problem.email-missing',
  password: 'problem.new-password-missing',
} as const;

function problemText(problem: RegisterFieldProblem, minimumLength: number, translator: Translator): string {
  switch (problem.kind) {
    case 'missing':
      return translator.text(missing[problem.field]);
    case 'name-not-usable':
    case 'email-not-usable':
    case 'login-name-taken':
    case 'foreign-domain':
      return translator.text(`problem.${problem.kind}`);
    case 'too-short':
      return translator.text('problem.password-too-short', { count: minimumLength });
    case 'too-long':
    case 'common':
    case 'contains-context':
      return translator.text(`problem.password-${problem.kind}`);
  }
}

/** Lets somebody make an account: names, an e-mail address, a password. */
export function RegisterView(props: PageProps<RegisterPage>) {
  const { page, context, translator } = props;
  const { passwordMinimumLength, fieldProblems } = page;
  const focused = fieldProblems[0]?.field ?? 'givenName';
  const about = (field: RegisterFieldProblem['field']) => {
    const problem = fieldProblems.find((candidate) => candidate.field === field);
    return {
      id: field,
      problem: problem && problemText(problem, passwordMinimumLength, translator),
    };
  };
  const shown = page.problem && showProblem(page.problem, translator);
  return (
    <>
      <HeadingWithApplication {...props} />
      <form method="post" action={page.form.action}>
        <HiddenFields fields={page.form.hidden} />
        {shown !== undefined && <ProblemText id="form-problem" look="box" text={shown.text} />}
        <FormField
          {...about('givenName')}
          label={translator.text('register.given-name')}
          input={{
            type: 'text',
            autocomplete: 'given-name',
            value: page.givenName,
            autofocus: focused === 'givenName',
          }}
        />
        <FormField
          {...about('familyName')}
          label={translator.text('register.family-name')}
          input={{
            type: 'text',
            autocomplete: 'family-name',
            value: page.familyName,
            autofocus: focused === 'familyName',
          }}
        />
        <FormField
          {...about('loginName')}
          label={translator.text('register.login-name')}
          input={{
            // Not `type=email`: browsers would refuse, in their own language, addresses that are good.
            type: 'text',
            inputMode: 'email',
            autocomplete: 'username',
            autocapitalize: 'none',
            spellcheck: false,
            value: page.loginName,
            dir: 'auto',
            autofocus: focused === 'loginName',
          }}
        />
        <FormField
          {...about('password')}
          label={translator.text('register.password')}
          hint={translator.text('register.password-hint', { count: passwordMinimumLength })}
          input={{ type: 'password', autocomplete: 'new-password', autofocus: focused === 'password' }}
        >
          <button
            class="reveal"
            id="show-password"
            type="button"
            aria-controls="password"
            hidden
            data-show={translator.text('register.show-password')}
            data-hide={translator.text('register.hide-password')}
          >
            {translator.text('register.show-password')}
          </button>
        </FormField>
        <button class="button" id="submit" type="submit">
          {translator.text('register.submit')}
        </button>
      </form>
      <CancelForm target={page.cancelForm} translator={translator} />
      <a class="quiet-link" id="sign-in" href={page.signInHref}>
        {translator.text('register.sign-in')}
      </a>
      <ApplicationLinks context={context} translator={translator} />
      {/* A constant of ours: nothing is filled in, so nothing needs escaping. */}
      <script nonce={context.nonce} dangerouslySetInnerHTML={{ __html: revealPassword }} />
    </>
  );
}
