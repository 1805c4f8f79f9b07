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
  /** What the application tells about itself; https addresses only, since they are written as links. */
  readonly applicationLinks?: ApplicationLinks;
  /** How whoever runs the sign-in wants it to look; the pages' own look without it. */
  readonly branding?: PageBranding;
  /** Pages of whoever runs the sign-in; https addresses only, since they are written as links. */
  readonly siteLinks?: SiteLinks;
}

/** Colours of one theme as six hexadecimal digits, such as `#0a5f8a`. Those left out are the pages' own. */
export interface ThemeColors {
  readonly accent?: string;
  readonly accentHover?: string;
  /** Text on the accent. */
  readonly onAccent?: string;
  readonly canvas?: string;
}

/** The look of an organization. Whoever fills it in has made sure that the colours can be read. */
export interface PageBranding {
  readonly themeMode: 'auto' | 'light' | 'dark';
  readonly light: ThemeColors;
  readonly dark: ThemeColors;
  readonly radiusPx: number;
  readonly font: 'inter' | 'system';
  /** https or data: addresses of pictures. */
  readonly logoLight?: string;
  readonly logoDark?: string;
  readonly hidesKeyMark: boolean;
}

/** Pages linked below every page. */
export interface SiteLinks {
  readonly helpHref?: string;
  readonly termsHref?: string;
  readonly privacyHref?: string;
}

/** Addresses an application has registered for people to read (OpenID Connect Dynamic Client Registration 1.0 §2). */
export interface ApplicationLinks {
  readonly clientUri?: string;
  /** Shown as a picture: whoever fills it in has decided that its host may know of the visitor. */
  readonly logoUri?: string;
  readonly policyUri?: string;
  readonly tosUri?: string;
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
  | { readonly kind: 'user-code-wrong' }
  | { readonly kind: 'too-many-attempts'; readonly retryAfterSeconds: number }
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
  /** To the page where people make an account, where they may. */
  readonly registerHref?: string;
  /** Tells the application, or the device, that the person wants no sign-in; absent when nobody asked for one. */
  readonly cancelForm?: FormTarget;
}

/** Lets somebody make an account. */
export interface RegisterPage {
  readonly kind: 'register';
  readonly form: FormTarget;
  readonly givenName: string;
  readonly familyName: string;
  readonly loginName: string;
  readonly passwordMinimumLength: number;
  readonly fieldProblems: readonly RegisterFieldProblem[];
  readonly problem?: FormProblem;
  /** To the sign-in, for who has an account already. */
  readonly signInHref: string;
  /** Tells the application, or the device, that the person wants no sign-in; absent when nobody asked for one. */
  readonly cancelForm?: FormTarget;
}

/** Why a field of the registration was not taken. */
export interface RegisterFieldProblem {
  readonly field: 'givenName' | 'familyName' | 'loginName' | 'password';
  readonly kind:
    | 'missing'
    | 'name-not-usable'
    | 'email-not-usable'
    | 'login-name-taken'
    | 'foreign-domain'
    | 'too-short'
    | 'too-long'
    | 'common'
    | 'contains-context';
}

/** Something an application asks for, in words a person knows. */
export type ConsentItemKind =
  | 'identity'
  | 'profile'
  | 'email'
  | 'phone'
  | 'address'
  | 'roles'
  | 'metadata'
  | 'organization'
  | 'management-api'
  | 'offline-access';

/** A project whose APIs the application will use for the user. */
export interface ConsentProjectItem {
  readonly kind: 'project';
  readonly project: string;
  readonly organization: string;
}

/** A line of what an application asks for. */
export type ConsentLine = ConsentItemKind | ConsentProjectItem;

/** Asks whether the application may have what it asks for. Posts `decision` = `allow` or `cancel`. */
export interface ConsentPage {
  readonly kind: 'consent';
  readonly form: FormTarget;
  readonly account: AccountChoice;
  readonly items: readonly ConsentLine[];
  /** "Not you?": to the sign-in as somebody else. */
  readonly otherAccountHref: string;
}

/** Asks for the code a device shows (RFC 8628 §3.3). */
export interface DeviceCodePage {
  readonly kind: 'device-code';
  readonly form: FormTarget;
  /** What a link brought along, or was typed before. */
  readonly userCode: string;
  readonly problem?: FormProblem;
}

/** Asks whether a device may go on as this person. Posts `decision` = `approve` or `deny`. */
export interface DeviceConfirmPage {
  readonly kind: 'device-confirm';
  readonly form: FormTarget;
  readonly account: AccountChoice;
  /** To be compared with what the device shows. */
  readonly userCode: string;
  readonly items: readonly ConsentLine[];
  readonly otherAccountHref: string;
  /** Why this person cannot approve. */
  readonly problem?: FormProblem;
}

/** The device has its answer. */
export interface DeviceDonePage {
  readonly kind: 'device-done';
  /** `gone`: somebody else decided, or the time was over. */
  readonly outcome: 'approved' | 'denied' | 'gone';
  readonly againHref: string;
}

/** Something an application asks of a person through another channel (OpenID CIBA Core §8). */
export interface WaitingRequest {
  readonly id: string;
  readonly applicationName: string;
  /** What the person sees where they asked for it, to compare. */
  readonly bindingMessage?: string;
  readonly items: readonly ConsentLine[];
  readonly account?: AccountChoice;
}

/** What waits for the people signed in on this browser. Posts `approve` or `deny` with the id of a request. */
export interface RequestsPage {
  readonly kind: 'requests';
  readonly form: FormTarget;
  readonly requests: readonly WaitingRequest[];
  /** How the last one ended. */
  readonly told?: 'approved' | 'denied' | 'gone' | 'refused';
}

/** Asks for the password of the login name given before. */
export interface PasswordPage {
  readonly kind: 'password';
  readonly form: FormTarget;
  readonly loginName: string;
  readonly problem?: FormProblem;
  /** "Not you?": back to the login name. */
  readonly otherAccountHref: string;
  /** Tells the application, or the device, that the person wants no sign-in; absent when nobody asked for one. */
  readonly cancelForm?: FormTarget;
}

/** Asks somebody whose password was given by another to choose their own. */
export interface NewPasswordPage {
  readonly kind: 'new-password';
  readonly form: FormTarget;
  readonly loginName: string;
  readonly passwordMinimumLength: number;
  /** Why the password was not taken; `same` is the one they were given. */
  readonly passwordProblem?: 'missing' | 'same' | 'too-short' | 'too-long' | 'common' | 'contains-context';
  readonly problem?: FormProblem;
  /** Tells the application, or the device, that the person wants no sign-in; absent when nobody asked for one. */
  readonly cancelForm?: FormTarget;
}

/** Lists the accounts signed in on this browser: continue as one of them, or use another. */
export interface AccountsPage {
  readonly kind: 'accounts';
  /** Posts the chosen `sessionId`. */
  readonly form: FormTarget;
  readonly accounts: readonly AccountChoice[];
  readonly otherAccountHref: string;
  /** Tells the application, or the device, that the person wants no sign-in; absent when nobody asked for one. */
  readonly cancelForm?: FormTarget;
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

/** Signed out; the applications that asked to be told are loaded out of sight before the browser goes on. */
export interface FrontchannelLogoutPage {
  readonly kind: 'frontchannel-logout';
  /** Addresses of the applications, each for a hidden frame. */
  readonly frames: readonly string[];
  /** Where to go then. */
  readonly continueHref: string;
}

/** Signed in, though no application asked for it. */
export interface SignedInPage {
  readonly kind: 'signed-in';
  readonly account: AccountChoice;
  readonly signOutHref: string;
  /** Where people go on to who came by themselves. */
  readonly continueHref?: string;
  /** Whether they have just signed in: the page goes on by itself then. */
  readonly goesOn?: 'by-itself';
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

/** What a person was doing when something went wrong. */
export type Activity = 'signIn' | 'signOut' | 'device' | 'approval';

/** A way on from an error: the same again, the application, or a page of ours to begin at. */
export interface WayOn {
  readonly kind: 'again' | 'application' | 'start';
  readonly href: string;
}

/** An error on our own origin; never a redirect. */
export interface ErrorPage {
  readonly kind: 'error';
  readonly code: PageErrorCode;
  /** A sign-in unless given. */
  readonly activity?: Activity;
  /** Where the person goes on, the best way first. */
  readonly ways?: readonly WayOn[];
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
  | NewPasswordPage
  | AccountsPage
  | RegisterPage
  | ConsentPage
  | DeviceCodePage
  | DeviceConfirmPage
  | DeviceDonePage
  | RequestsPage
  | SignOutConfirmPage
  | SignedOutPage
  | FrontchannelLogoutPage
  | SignedInPage
  | ErrorPage
  | FormPostPage;
