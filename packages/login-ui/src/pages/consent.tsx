/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Account } from '../parts/account.tsx';
import { ApplicationLinks } from '../parts/application-links.tsx';
import { ApplicationLogo } from '../parts/application-logo.tsx';
import { AskedFor } from '../parts/asked-for.tsx';
import { Heading } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import type { ConsentPage } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

/** Asks whether the application may have what it asks for: OpenID Connect Core §3.1.2.4. */
export function ConsentView(props: PageProps<ConsentPage>) {
  const { page, context, translator } = props;
  const application = <bdi class="name">{visibleText(context.applicationName ?? '')}</bdi>;
  return (
    <>
      <ApplicationLogo context={context} />
      <Heading {...props} />
      <p class="advice">{translator.rich('consent.asked', { application })}</p>
      <AskedFor items={page.items} context={context} translator={translator} />
      <div class="chosen">
        <p class="account">
          <Account account={page.account} />
        </p>
        <a class="text-link" id="other-account" href={page.otherAccountHref}>
          {translator.text('password.other-account')}
        </a>
      </div>
      <form method="post" action={page.form.action}>
        <HiddenFields fields={page.form.hidden} />
        <button class="button" id="submit" type="submit" name="decision" value="allow">
          {translator.text('consent.submit')}
        </button>
        <button class="button button-quiet" id="cancel" type="submit" name="decision" value="cancel">
          {translator.text('consent.cancel')}
        </button>
      </form>
      <p class="hint">{translator.text('consent.remembered')}</p>
      <ApplicationLinks context={context} translator={translator} />
    </>
  );
}
