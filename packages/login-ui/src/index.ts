export { chooseLocale } from './choose-locale.ts';
export { supportedLocales } from './locales.ts';
export { renderPage } from './render-page.tsx';
export type {
  AccountChoice,
  AccountsPage,
  ErrorPage,
  FormPostPage,
  FormProblem,
  FormTarget,
  LoginNamePage,
  Page,
  PageContext,
  PageErrorCode,
  PasswordPage,
  SignedInPage,
  SignedOutPage,
  SignOutConfirmPage,
} from './view-models.ts';
