/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';
import { HiddenFields } from '../parts/hidden-fields.tsx';
import type { FormPostPage } from '../view-models.ts';

// Written for engines of any age. On load, because browsers then leave this page out of the history.
const submitOnLoad = 'window.onload=function(){document.forms[0].submit();};';

/**
 * Submits itself to the application: OAuth 2.0 Form Post Response Mode §2. Nothing outside `<noscript>` may be called
 * `submit`: in a form such an element hides the method of that name.
 */
export function FormPostView(props: PageProps<FormPostPage>) {
  const { page, context, translator } = props;
  return (
    <>
      <Heading {...props} />
      <form method="post" action={page.action}>
        <HiddenFields fields={page.fields} />
        <noscript>
          <p class="advice">{translator.text('form-post.advice')}</p>
          <button class="button" id="submit" type="submit">
            {translator.text('form-post.submit')}
          </button>
        </noscript>
      </form>
      {/* A constant of ours: nothing is filled in, so nothing needs escaping. */}
      <script nonce={context.nonce} dangerouslySetInnerHTML={{ __html: submitOnLoad }} />
    </>
  );
}
