/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { Translator } from '../translator.ts';
import type { FormTarget } from '../view-models.ts';
import { HiddenFields } from './hidden-fields.tsx';

/** The way back without a sign-in: a form of its own, so that nothing that was typed is sent along. */
export function CancelForm(props: {
  readonly target: FormTarget | undefined;
  readonly translator: Translator;
}) {
  const { target, translator } = props;
  if (target === undefined) return null;
  return (
    <form class="cancel" method="post" action={target.action}>
      <HiddenFields fields={target.hidden} />
      <button class="button button-quiet" id="cancel" type="submit">
        {translator.text('sign-in.cancel')}
      </button>
    </form>
  );
}
