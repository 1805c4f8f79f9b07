/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Account } from '../parts/account.tsx';
import { Heading } from '../parts/heading.tsx';
import type { SignedInPage } from '../view-models.ts';

/** Signed in, though no application asked for it. */
export function SignedInView(props: PageProps<SignedInPage>) {
  const { page, translator } = props;
  return (
    <>
      <Heading {...props} />
      <p class="advice">{translator.text('signed-in.advice')}</p>
      <div class="chosen">
        <p class="account">
          <Account account={page.account} />
        </p>
      </div>
      {page.continueHref !== undefined && (
        <a class="button" id="continue" href={page.continueHref}>
          {translator.text('signed-in.continue')}
        </a>
      )}
      <a class="button button-quiet" id="sign-out" href={page.signOutHref}>
        {translator.text('signed-in.sign-out')}
      </a>
    </>
  );
}
