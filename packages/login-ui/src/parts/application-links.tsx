/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { Translator } from '../translator.ts';
import type { PageContext } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

/**
 * What the application has registered for people to read: OpenID Connect Dynamic Client Registration 1.0 §2. They open beside
 * the page, so that what was typed is not lost.
 */
export function ApplicationLinks(props: { readonly context: PageContext; readonly translator: Translator }) {
  const { context, translator } = props;
  const { clientUri, policyUri, tosUri } = context.applicationLinks ?? {};
  const application = visibleText(context.applicationName ?? '');
  const links = [
    {
      id: 'application-client',
      href: clientUri,
      text: translator.text('application.about', { application }),
    },
    { id: 'application-policy', href: policyUri, text: translator.text('application.policy') },
    { id: 'application-tos', href: tosUri, text: translator.text('application.tos') },
  ].flatMap(({ href, ...link }) => (href === undefined ? [] : [{ ...link, href }]));
  if (links.length === 0) return null;
  return (
    <nav class="application-links" aria-label={translator.text('application.links')}>
      {links.map(({ id, href, text }) => (
        <a key={id} id={id} href={href} target="_blank" rel="noopener noreferrer">
          <bdi>{text}</bdi>
        </a>
      ))}
    </nav>
  );
}
