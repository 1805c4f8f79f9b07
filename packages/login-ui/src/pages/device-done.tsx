/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';
import type { DeviceDonePage } from '../view-models.ts';

/** The device has its answer; where it has none, the way to another code. */
export function DeviceDoneView(props: PageProps<DeviceDonePage>) {
  const { page, translator } = props;
  return (
    <>
      <Heading {...props} />
      <p class="advice" id="outcome">
        {translator.text(`device-done.${page.outcome}.advice`)}
      </p>
      {page.outcome === 'gone' && (
        <a class="button button-quiet" id="again" href={page.againHref}>
          {translator.text('device-done.again')}
        </a>
      )}
    </>
  );
}
