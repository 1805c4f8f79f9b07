/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Account } from '../parts/account.tsx';
import { ApplicationLinks } from '../parts/application-links.tsx';
import { ApplicationLogo } from '../parts/application-logo.tsx';
import { AskedFor } from '../parts/asked-for.tsx';
import { Heading } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import { ProblemText, showProblem } from '../parts/problem.tsx';
import type { DeviceConfirmPage } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

/** Asks whether a device may go on, with the code to compare and a warning: RFC 8628 §3.3.1, §5.4. */
export function DeviceConfirmView(props: PageProps<DeviceConfirmPage>) {
  const { page, context, translator } = props;
  const application = <bdi class="name">{visibleText(context.applicationName ?? '')}</bdi>;
  const problem = page.problem && showProblem(page.problem, translator);
  return (
    <>
      <ApplicationLogo context={context} />
      <Heading {...props} />
      <dl class="facts">
        <div>
          <dt>{translator.text('device-confirm.code')}</dt>
          <dd class="user-code" id="user-code" dir="ltr">
            {visibleText(page.userCode)}
          </dd>
        </div>
      </dl>
      <p class="advice">{translator.rich('device-confirm.asked', { application })}</p>
      <AskedFor items={page.items} context={context} translator={translator} />
      <div class="chosen">
        <p class="account">
          <Account account={page.account} />
        </p>
        <a class="text-link" id="other-account" href={page.otherAccountHref}>
          {translator.text('password.other-account')}
        </a>
      </div>
      <p class="warning" id="warning">
        {translator.text('device-confirm.warning')}
      </p>
      <form method="post" action={page.form.action}>
        <HiddenFields fields={page.form.hidden} />
        {problem === undefined ? (
          <button class="button" id="submit" type="submit" name="decision" value="approve">
            {translator.text('device-confirm.submit')}
          </button>
        ) : (
          <ProblemText id="device-problem" look="box" text={problem.text} />
        )}
        <button class="button button-quiet" id="deny" type="submit" name="decision" value="deny">
          {translator.text('device-confirm.deny')}
        </button>
      </form>
      <ApplicationLinks context={context} translator={translator} />
    </>
  );
}
