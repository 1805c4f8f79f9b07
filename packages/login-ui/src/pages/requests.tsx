/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Account } from '../parts/account.tsx';
import { AskedFor } from '../parts/asked-for.tsx';
import { Heading } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import type { RequestsPage, WaitingRequest } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

/** One request with its two buttons, which say by their labels whose request they are about. */
function Request(
  props: PageProps<RequestsPage> & { readonly request: WaitingRequest; readonly place: number },
) {
  const { request, place, context, translator } = props;
  const applicationName = visibleText(request.applicationName);
  const application = <bdi class="name">{applicationName}</bdi>;
  return (
    <li class="asked-of">
      <p>{translator.rich('requests.asked', { application })}</p>
      <AskedFor items={request.items} context={context} translator={translator} />
      {request.bindingMessage !== undefined && (
        <dl class="facts">
          <div>
            <dt>{translator.text('requests.message')}</dt>
            <dd id={`message-${place}`} dir="auto">
              {visibleText(request.bindingMessage)}
            </dd>
          </div>
        </dl>
      )}
      {request.account !== undefined && (
        <div class="chosen">
          <p class="account">
            <Account account={request.account} />
          </p>
        </div>
      )}
      <button
        class="button"
        id={`approve-${place}`}
        type="submit"
        name="approve"
        value={request.id}
        aria-label={translator.text('requests.approve-one', { application: applicationName })}
      >
        {translator.text('requests.approve')}
      </button>
      <button
        class="button button-quiet"
        id={`deny-${place}`}
        type="submit"
        name="deny"
        value={request.id}
        aria-label={translator.text('requests.deny-one', { application: applicationName })}
      >
        {translator.text('requests.deny')}
      </button>
    </li>
  );
}

/** What applications ask of a person through another channel: OpenID CIBA Core §8. */
export function RequestsView(props: PageProps<RequestsPage>) {
  const { page, translator } = props;
  return (
    <>
      <Heading {...props} />
      {page.told !== undefined && (
        <p class="told" id="told" role="status">
          {translator.text(`requests.told-${page.told}`)}
        </p>
      )}
      <p class="advice">
        {translator.text(page.requests.length === 0 ? 'requests.none' : 'requests.warning')}
      </p>
      <form method="post" action={page.form.action}>
        <HiddenFields fields={page.form.hidden} />
        <ul>
          {page.requests.map((request, index) => (
            <Request key={request.id} {...props} request={request} place={index + 1} />
          ))}
        </ul>
      </form>
    </>
  );
}
