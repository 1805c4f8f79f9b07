/**
 * What a sign-in page shows. The server fills one of these in; `renderPage` turns it into HTML. Nothing here knows HTTP.
 */

/** What every page shares, whatever it shows. */
export interface PageContext {
  /** The language the page is written in, one of `supportedLocales`. */
  readonly locale: string;
  /** The same page in the other languages, for the footer. */
  readonly localeLinks: readonly { readonly locale: string; readonly href: string }[];
  /** The CSP nonce of this response: every inline style and script carries it. */
  readonly nonce: string;
  /** The organization's name, shown where a logo would be. */
  readonly organizationName: string;
  /** The application that asked for the sign-in; absent when the person came by themselves. */
  readonly applicationName?: string;
}

/** A form's target and the fields that travel unseen (the sealed request, the anti-forgery token). */
export interface FormTarget {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Why the last try on a form did not work. */
export type FormProblem =
  | { readonly kind: 'login-name-missing' }
  | { readonly kind: 'password-missing' }
  | { readonly kind: 'credentials-wrong' }
  | { readonly kind: 'too-many-attempts'; readonly retryAfterSeconds: number }
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  | { readonly kind: 'account-not-usable' };

/** An account that is signed in on this browser. */
export interface AccountChoice {
  readonly sessionId: string;
  readonly displayName: string;
  readonly loginName: string;
}

/** Asks who is signing in. */
export interface LoginNamePage {
  readonly kind: 'login-name';
  readonly form: FormTarget;
  readonly loginName: string;
  readonly problem?: FormProblem;
  /** Back to the list of signed-in accounts, where there are any. */
  readonly accountsHref?: string;
}

/** Asks for the password of the login name given before. */
export interface PasswordPage {
  readonly kind: 'password';
  readonly form: FormTarget;
  readonly loginName: string;
  readonly problem?: FormProblem;
  /** "Not you?": back to the login name. */
  readonly otherAccountHref: string;
}

/** Lists the accounts signed in on this browser: continue as one of them, or use another. */
export interface AccountsPage {
  readonly kind: 'accounts';
  /** Posts the chosen `sessionId`. */
  readonly form: FormTarget;
  readonly accounts: readonly AccountChoice[];
  readonly otherAccountHref: string;
}

/** Asks whether to sign out (RP-initiated logout without a hint we can trust). */
export interface SignOutConfirmPage {
  readonly kind: 'sign-out-confirm';
  readonly form: FormTarget;
  readonly accounts: readonly AccountChoice[];
}

/** Signed out; nothing more to do. */
export interface SignedOutPage {
  readonly kind: 'signed-out';
}

/** Signed in, though no application asked for it. */
export interface SignedInPage {
  readonly kind: 'signed-in';
  readonly account: AccountChoice;
  readonly signOutHref: string;
}

/** What went wrong, for a person. */
export type PageErrorCode =
  | 'client-unknown'
  | 'redirect-uri-mismatch'
  | 'request-invalid'
  | 'request-expired'
  | 'other-browser'
  | 'forbidden-origin'
  | 'host-unknown'
  | 'not-found'
  | 'method-not-allowed'
  | 'too-large'
  | 'rate-limited'
  | 'unavailable'
  | 'internal';

/** An error on our own origin; never a redirect. */
export interface ErrorPage {
  readonly kind: 'error';
  readonly code: PageErrorCode;
  /** A plain-English sentence for developers ("redirect_uri … is not registered for …"); safe to show. */
  readonly detail?: string;
  readonly requestId: string;
  readonly retryAfterSeconds?: number;
}

/** OAuth 2.0 Form Post Response Mode §2: a document that submits itself to the application. */
export interface FormPostPage {
  readonly kind: 'form-post';
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Any of the pages. */
export type Page =
  | LoginNamePage
  | PasswordPage
  | AccountsPage
  | SignOutConfirmPage
  | SignedOutPage
  | SignedInPage
  | ErrorPage
  | FormPostPage;
