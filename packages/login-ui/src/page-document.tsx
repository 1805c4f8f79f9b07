/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { ComponentChildren } from 'preact';
import { pageHeading } from './page-heading.ts';
import type { PageProps } from './page-props.ts';
import { pageStyles } from './page-styles.ts';
import { KeyMark, keyMarkIcon } from './parts/key-mark.tsx';
import { LanguageLinks } from './parts/language-links.tsx';
import type { Page } from './view-models.ts';
import { visibleText } from './visible-text.ts';

/** The document around every page: head, wordmark, the page itself, languages. */
export function PageDocument(props: PageProps<Page> & { readonly children: ComponentChildren }) {
  const { page, context, translator } = props;
  const { tag, direction } = translator.locale;
  const organizationName = visibleText(context.organizationName);
  return (
    <html lang={tag} dir={direction}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${pageHeading(page, context, translator)} · ${organizationName}`}</title>
        <meta name="robots" content="noindex" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        {page.kind === 'frontchannel-logout' && (
          <meta http-equiv="refresh" content={`4;url=${page.continueHref}`} />
        )}
        <link rel="icon" href={keyMarkIcon} />
        {/* A constant of ours, written unescaped because escaping would break its selectors. */}
        <style nonce={context.nonce} dangerouslySetInnerHTML={{ __html: pageStyles }} />
      </head>
      <body>
        <div class="column">
          <main class="card" data-page={page.kind}>
            <p class="wordmark">
              <KeyMark />
              <bdi>{organizationName}</bdi>
            </p>
            {props.children}
          </main>
          {/* The form-post page answers a POST: it has no address in another language. */}
          {page.kind !== 'form-post' && <LanguageLinks context={context} translator={translator} />}
        </div>
      </body>
    </html>
  );
}
