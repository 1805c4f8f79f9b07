/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { PageDocument } from './page-document.tsx';
import { AccountsView } from './pages/accounts.tsx';
import { ErrorView } from './pages/error.tsx';
import { FormPostView } from './pages/form-post.tsx';
import { LoginNameView } from './pages/login-name.tsx';
import { PasswordView } from './pages/password.tsx';
import { SignOutConfirmView } from './pages/sign-out-confirm.tsx';
import { SignedInView } from './pages/signed-in.tsx';
import { SignedOutView } from './pages/signed-out.tsx';
import { type Translator, translatorFor } from './translator.ts';
import type { Page, PageContext } from './view-models.ts';

function renderView(page: Page, context: PageContext, translator: Translator): VNode {
  const shared = { context, translator };
  switch (page.kind) {
    case 'login-name':
      return <LoginNameView page={page} {...shared} />;
    case 'password':
      return <PasswordView page={page} {...shared} />;
    case 'accounts':
      return <AccountsView page={page} {...shared} />;
    case 'sign-out-confirm':
      return <SignOutConfirmView page={page} {...shared} />;
    case 'signed-out':
      return <SignedOutView page={page} {...shared} />;
    case 'signed-in':
      return <SignedInView page={page} {...shared} />;
    case 'error':
      return <ErrorView page={page} {...shared} />;
    case 'form-post':
      return <FormPostView page={page} {...shared} />;
  }
}

/**
 * Turns a view model into a complete HTML document, `<!doctype html>` included.
 *
 * The page needs no JavaScript and fetches nothing: its one `<style>` (and the one `<script>` of the form-post page) carries
 * `context.nonce`. Every text is escaped; links and form actions are written as given, so they must be the server's own.
 *
 * @param context shared by all pages; an unsupported `locale` gives the default language
 */
export function renderPage(page: Page, context: PageContext): string {
  const translator = translatorFor(context.locale);
  return `<!doctype html>${render(
    <PageDocument page={page} context={context} translator={translator}>
      {renderView(page, context, translator)}
    </PageDocument>,
  )}`;
}
