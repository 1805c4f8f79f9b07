/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { ComponentChildren } from 'preact';
import { stylesOf } from './branding-styles.ts';
import { pageHeading } from './page-heading.ts';
import type { PageProps } from './page-props.ts';
import { BrandMark } from './parts/brand-mark.tsx';
import { keyMarkIcon } from './parts/key-mark.tsx';
import { LanguageLinks } from './parts/language-links.tsx';
import { SiteLinks } from './parts/site-links.tsx';
import type { Page } from './view-models.ts';
import { visibleText } from './visible-text.ts';

/** The document around every page: head, wordmark, the page itself, languages. */
export function PageDocument(props: PageProps<Page> & { readonly children: ComponentChildren }) {
  const { page, context, translator } = props;
  const { tag, direction } = translator.locale;
  const { branding } = context;
  const themeMode = branding?.themeMode ?? 'auto';
  const colorScheme = themeMode === 'auto' ? 'light dark' : themeMode;
  const organizationName = visibleText(context.organizationName);
  return (
    <html lang={tag} dir={direction}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${pageHeading(page, context, translator)} · ${organizationName}`}</title>
        <meta name="robots" content="noindex" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content={colorScheme} />
        {page.kind === 'frontchannel-logout' && (
          // The page goes on by its script once all frames are loaded; a clock would leave before slow ones are.
          <noscript>
            <meta http-equiv="refresh" content={`4;url=${page.continueHref}`} />
          </noscript>
        )}
        {page.kind === 'signed-in' && page.goesOn === 'by-itself' && page.continueHref !== undefined && (
          <meta http-equiv="refresh" content={`0;url=${page.continueHref}`} />
        )}
        <link rel="icon" href={branding?.hidesKeyMark === true ? 'data:,' : keyMarkIcon} />
        {/* Constants of ours and colours made of digits, written unescaped because escaping would break its selectors. */}
        <style nonce={context.nonce} dangerouslySetInnerHTML={{ __html: stylesOf(context.branding) }} />
      </head>
      <body>
        <div class="column">
          <main class="card" data-page={page.kind}>
            <BrandMark context={context} />
            {props.children}
          </main>
          <SiteLinks context={context} translator={translator} />
          {/* The form-post page answers a POST: it has no address in another language. */}
          {page.kind !== 'form-post' && <LanguageLinks context={context} translator={translator} />}
        </div>
      </body>
    </html>
  );
}
