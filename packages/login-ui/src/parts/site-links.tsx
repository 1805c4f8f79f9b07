/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { Translator } from '../translator.ts';
import type { PageContext } from '../view-models.ts';

/** Help, terms and privacy policy of whoever runs the sign-in; nothing when there are none. They open beside the page. */
export function SiteLinks(props: { readonly context: PageContext; readonly translator: Translator }) {
  const { helpHref, termsHref, privacyHref } = props.context.siteLinks ?? {};
  const { translator } = props;
  const links = [
    { id: 'site-help', href: helpHref, text: translator.text('footer.help') },
    { id: 'site-terms', href: termsHref, text: translator.text('footer.terms') },
    { id: 'site-privacy', href: privacyHref, text: translator.text('footer.privacy') },
  ].flatMap(({ href, ...link }) => (href === undefined ? [] : [{ ...link, href }]));
  if (links.length === 0) return null;
  return (
    <nav class="languages" aria-label={translator.text('footer.links')}>
      {links.map(({ id, href, text }) => (
        <a key={id} id={id} href={href} target="_blank" rel="noopener noreferrer">
          {text}
        </a>
      ))}
    </nav>
  );
}
