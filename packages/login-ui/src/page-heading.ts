import type { Translator } from './translator.ts';
import type { Page, PageContext } from './view-models.ts';
import { visibleText } from './visible-text.ts';

/** What a page is about, in a few words: its `<h1>` and the first part of its `<title>`. */
export function pageHeading(page: Page, context: PageContext, translator: Translator): string {
  switch (page.kind) {
    case 'login-name':
    case 'password':
    case 'new-password':
    case 'accounts':
    case 'register':
    case 'consent':
    case 'device-code':
    case 'device-confirm':
    case 'requests':
    case 'sign-out-confirm':
    case 'signed-out':
    case 'frontchannel-logout':
    case 'signed-in':
      return translator.text(`${page.kind}.heading`);
    case 'device-done':
      return translator.text(`device-done.${page.outcome}.heading`);
    case 'error':
      return translator.text(`error.${page.code}.heading`, { activity: page.activity ?? 'signIn' });
    case 'form-post':
      return context.applicationName === undefined
        ? translator.text('form-post.heading-plain')
        : translator.text('form-post.heading', { application: visibleText(context.applicationName) });
  }
}
