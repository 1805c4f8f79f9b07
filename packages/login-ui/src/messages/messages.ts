import type { en } from './en.ts';

/** The name of a sentence; English says which there are. */
export type MessageKey = keyof typeof en;

/** A catalogue: every sentence in one language, in ICU MessageFormat. */
export type Messages = Readonly<Record<MessageKey, string>>;

/** The arguments of the sentences that take some. Every language uses the same ones. */
export interface MessageArguments<Value> {
  'subtitle.application': { readonly application: Value };
  'password.for': { readonly loginName: Value };
  'sign-out-confirm.asked': { readonly application: Value };
  'sign-out-confirm.effect': { readonly count: number };
  'problem.too-many-attempts': { readonly wait: string };
  'error.retry': { readonly wait: string };
  'error.request-invalid.heading': { readonly activity: string };
  'error.request-invalid.advice': { readonly activity: string };
  'error.request-expired.heading': { readonly activity: string };
  'error.request-expired.advice': { readonly activity: string };
  'error.other-browser.heading': { readonly activity: string };
  'error.other-browser.advice': { readonly activity: string };
  'error.forbidden-origin.advice': { readonly activity: string };
  'error.method-not-allowed.advice': { readonly activity: string };
  'error.too-large.advice': { readonly activity: string };
  'error.unavailable.heading': { readonly activity: string };
  'error.start': { readonly activity: string };
  'error.application': { readonly application: string };
  'register.password-hint': { readonly count: number };
  'problem.password-too-short': { readonly count: number };
  'consent.asked': { readonly application: Value };
  'device-confirm.asked': { readonly application: Value };
  'requests.asked': { readonly application: Value };
  'requests.approve-one': { readonly application: string };
  'requests.deny-one': { readonly application: string };
  'consent.roles': { readonly organization: Value };
  'consent.metadata': { readonly organization: Value };
  'consent.project': { readonly project: Value; readonly organization: Value };
  'application.about': { readonly application: Value };
  'form-post.heading': { readonly application: Value };
}
