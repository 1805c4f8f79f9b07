/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import { locales } from '../locales.ts';
import type { Translator } from '../translator.ts';
import type { PageContext } from '../view-models.ts';

/** The same page in the other languages, each under its own name; nothing when there is no other. */
export function LanguageLinks(props: { readonly context: PageContext; readonly translator: Translator }) {
  const { context, translator } = props;
  const others = context.localeLinks.filter((link) => link.locale !== translator.locale.tag);
  if (others.length === 0) return null;
  return (
    <nav class="languages" aria-label={translator.text('footer.language')}>
      <span aria-current="true">{translator.locale.autonym}</span>
      {others.map(({ locale, href }) => (
        <a key={locale} href={href} lang={locale} hreflang={locale}>
          {locales.find(({ tag }) => tag === locale)?.autonym ?? locale}
        </a>
      ))}
    </nav>
  );
}
