/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import { pageHeading } from '../page-heading.ts';
import type { PageProps } from '../page-props.ts';
import type { Page } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';
import { ApplicationLogo } from './application-logo.tsx';

/** The page's heading alone. */
export function Heading({ page, context, translator }: PageProps<Page>) {
  return <h1>{pageHeading(page, context, translator)}</h1>;
}

/** The page's heading with the application it leads to: one sentence, "Sign in to continue to Quotes". */
export function HeadingWithApplication(props: PageProps<Page>) {
  const { page, context, translator } = props;
  if (context.applicationName === undefined) return <Heading {...props} />;
  const application = <bdi class="name">{visibleText(context.applicationName)}</bdi>;
  return (
    <>
      <ApplicationLogo context={context} />
      <h1>
        {pageHeading(page, context, translator)}{' '}
        <span class="subtitle">{translator.rich('subtitle.application', { application })}</span>
      </h1>
    </>
  );
}
