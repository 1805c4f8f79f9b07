/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageContext } from '../view-models.ts';

/**
 * The application's logo above the heading, which names the application: a picture that does not load leaves nothing out. Its
 * place has a fixed size, so nothing moves; the picture itself has none, or browsers would draw a broken one as a box. The host
 * learns no more than that somebody loads it: no referrer, no scripts.
 */
export function ApplicationLogo({ context }: { readonly context: PageContext }) {
  const { logoUri } = context.applicationLinks ?? {};
  if (logoUri === undefined) return null;
  return (
    <span class="application-logo">
      <img id="application-logo" src={logoUri} alt="" decoding="async" referrerpolicy="no-referrer" />
    </span>
  );
}
