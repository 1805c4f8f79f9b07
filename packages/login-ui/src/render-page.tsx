/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { PageDocument } from './page-document.tsx';
import { AccountsView } from './pages/accounts.tsx';
import { ConsentView } from './pages/consent.tsx';
import { DeviceCodeView } from './pages/device-code.tsx';
import { DeviceConfirmView } from './pages/device-confirm.tsx';
import { DeviceDoneView } from './pages/device-done.tsx';
import { ErrorView } from './pages/error.tsx';
import { FormPostView } from './pages/form-post.tsx';
import { FrontchannelLogoutView } from './pages/frontchannel-logout.tsx';
import { LoginNameView } from './pages/login-name.tsx';
import { NewPasswordView } from './pages/new-password.tsx';
import { PasswordView } from './pages/password.tsx';
import { RegisterView } from './pages/register.tsx';
import { RequestsView } from './pages/requests.tsx';
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
    case 'new-password':
      return <NewPasswordView page={page} {...shared} />;
    case 'accounts':
      return <AccountsView page={page} {...shared} />;
    case 'register':
      return <RegisterView page={page} {...shared} />;
    case 'consent':
      return <ConsentView page={page} {...shared} />;
    case 'device-code':
      return <DeviceCodeView page={page} {...shared} />;
    case 'device-confirm':
      return <DeviceConfirmView page={page} {...shared} />;
    case 'device-done':
      return <DeviceDoneView page={page} {...shared} />;
    case 'requests':
      return <RequestsView page={page} {...shared} />;
    case 'sign-out-confirm':
      return <SignOutConfirmView page={page} {...shared} />;
    case 'signed-out':
      return <SignedOutView page={page} {...shared} />;
    case 'frontchannel-logout':
      return <FrontchannelLogoutView page={page} {...shared} />;
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
 * The page needs no JavaScript and fetches nothing: its one `<style>` (and the one `<script>` of the form-post and register pages) carries
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
