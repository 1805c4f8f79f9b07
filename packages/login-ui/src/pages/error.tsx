/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';
import type { Translator } from '../translator.ts';
import type { ErrorPage, WayOn } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

/** When to try again, for the errors that pass by themselves. */
function retryText(page: ErrorPage, translator: Translator): string | undefined {
  if (page.retryAfterSeconds !== undefined) {
    return translator.text('error.retry', { wait: translator.wait(page.retryAfterSeconds) });
  }
  const passes = page.code === 'rate-limited' || page.code === 'unavailable';
  return passes ? translator.text('error.retry-soon') : undefined;
}

function wayText({ kind }: WayOn, { page, context, translator }: PageProps<ErrorPage>): string {
  switch (kind) {
    case 'again':
      return translator.text('error.again');
    case 'application':
      return context.applicationName === undefined
        ? translator.text('error.application-plain')
        : translator.text('error.application', { application: visibleText(context.applicationName) });
    case 'start':
      return translator.text('error.start', { activity: page.activity ?? 'signIn' });
  }
}

/** Where to go on: the best way as the page's button, others below it. */
function WaysOn(props: PageProps<ErrorPage>) {
  const { ways = [] } = props.page;
  if (ways.length === 0) return null;
  return (
    <nav class="ways" aria-label={props.translator.text('error.ways')}>
      {ways.map((way, index) => (
        <a
          key={way.kind}
          class={index === 0 ? 'button' : 'button button-quiet'}
          id={`way-${way.kind}`}
          href={way.href}
        >
          <bdi>{wayText(way, props)}</bdi>
        </a>
      ))}
    </nav>
  );
}

/** What went wrong and what to do; below it, quietly, what a developer or an administrator needs. */
export function ErrorView(props: PageProps<ErrorPage>) {
  const { page, translator } = props;
  return (
    <>
      <Heading {...props} />
      <p class="advice">
        {translator.text(`error.${page.code}.advice`, { activity: page.activity ?? 'signIn' })}{' '}
        {retryText(page, translator)}
      </p>
      <WaysOn {...props} />
      <dl class="facts">
        {page.detail !== undefined && (
          <div>
            <dt>{translator.text('error.for-developers')}</dt>
            <dd lang="en" dir="auto" id="error-detail">
              {visibleText(page.detail)}
            </dd>
          </div>
        )}
        <div>
          <dt>{translator.text('error.code')}</dt>
          <dd>
            <code id="error-code">{page.code}</code>
          </dd>
        </div>
        <div>
          <dt>{translator.text('error.request-id')}</dt>
          <dd>
            <code id="request-id">{visibleText(page.requestId)}</code>
          </dd>
        </div>
      </dl>
    </>
  );
}
