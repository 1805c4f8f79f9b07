/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';
import type { SignedOutPage } from '../view-models.ts';

/** Signed out; nothing more to do. */
export function SignedOutView(props: PageProps<SignedOutPage>) {
  return (
    <>
      <Heading {...props} />
      <p class="advice">{props.translator.text('signed-out.advice')}</p>
    </>
  );
}
