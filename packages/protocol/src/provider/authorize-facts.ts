import type { VerifiedRedirect } from '../brands.ts';
import type { RequestedClaims } from '../wire/claims-parameter.ts';
import { type OAuthErrorCode, type ResponseMode, type ResponseType, responseTypes } from '../wire/names.ts';
import type { ParsedParams } from '../wire/params.ts';
import type { ClientFacts } from './facts.ts';

/** `prompt` values this server acts on (OpenID Connect Core §3.1.2.1, Prompt Create §4.1). */
export type Prompt = 'none' | 'login' | 'select_account' | 'consent' | 'create';

/** An authorization request every check has passed. Made by `checkAuthorizeRequest` only. */
export interface CheckedAuthorizeRequest {
  readonly clientId: string;
  readonly redirectUri: VerifiedRedirect;
  readonly responseType: ResponseType;
  readonly responseMode: ResponseMode;
  readonly scopes: readonly string[];
  readonly state?: string;
  readonly nonce?: string;
  readonly codeChallenge?: string;
  readonly prompts: readonly Prompt[];
  readonly maxAgeSeconds?: number;
  readonly loginHint?: string;
  readonly idTokenHint?: string;
  /** Whom a valid id_token_hint names; put here by whoever verified it, in place of the hint. */
  readonly hintedUserId?: string;
  readonly uiLocales?: string;
  /** Classes asked for, best first; empty when nobody asked. */
  readonly acrValues: readonly string[];
  /** Classes one of which must be reached. */
  readonly demandedAcrValues: readonly string[];
  /** Claims asked for one by one. */
  readonly claims?: RequestedClaims;
  /** Resource indicators, all of them registered (RFC 8707 §2.1). */
  readonly resources: readonly string[];
  /** The DPoP key the code will be bound to (RFC 9449 §10). */
  readonly dpopJkt?: string;
  /** The pushed request this is, which may be used once (RFC 9126 §4). */
  readonly pushed?: { readonly id: string; readonly keepUntilMs: number };
}

/** An error only a page of ours may show: the redirect URI is not known to be the client's. */
export interface AuthorizePageProblem {
  readonly code: 'client-unknown' | 'redirect-uri-mismatch' | 'request-invalid';
  readonly detail: string;
}

/** Where an error may be sent, once the redirect URI has been verified. */
export interface RedirectTarget {
  readonly clientId: string;
  readonly redirectUri: VerifiedRedirect;
  readonly responseMode: ResponseMode;
  readonly state?: string;
}

/** How the parameters came: in the request itself, pushed before (RFC 9126), signed (RFC 9101), or both. */
export interface RequestOrigin {
  readonly isPushed: boolean;
  readonly isSigned: boolean;
  /** Why a request object or reference could not be used; the parameters are then those around it. */
  readonly problem?: readonly [OAuthErrorCode, string];
}

/** What the checks look at. `client` is absent when nobody registered the id. */
export interface AuthorizeFacts {
  readonly parsed: ParsedParams;
  readonly client: ClientFacts | undefined;
  readonly origin: RequestOrigin;
  /** Those of the resource indicators in the request that the client may obtain. */
  readonly obtainableResources: readonly string[];
  /** The audience scopes the client may not obtain; they are dropped like unknown scopes. */
  readonly droppedScopes: readonly string[];
  /** Whether people may make accounts for themselves here (`prompt=create`). */
  readonly selfRegistration: 'on' | 'off';
}

const knownPrompts: readonly string[] = ['none', 'login', 'select_account', 'consent', 'create'];
const knownResponseTypes: readonly string[] = responseTypes;

/**
 * Whether a word of `prompt` is one this server acts on.
 * @see OpenID Connect Core §3.1.2.1
 */
export function isPrompt(text: string): text is Prompt {
  return knownPrompts.includes(text);
}

/**
 * Whether a response type, its words in alphabetical order, is one this server knows.
 * @see Multiple Response Types §3
 */
export function isResponseType(text: string): text is ResponseType {
  return knownResponseTypes.includes(text);
}

/**
 * The words of a response type in alphabetical order: their order means nothing.
 * @see Multiple Response Types §3
 */
export function responseTypeOf(text: string | undefined): string {
  return (text ?? '')
    .split(' ')
    .filter((word) => word !== '')
    .sort()
    .join(' ');
}

/**
 * Whether an application is held to FAPI 2.0.
 * @see FAPI 2.0 Security Profile §5.3
 */
export function isFapi({ application }: ClientFacts): boolean {
  return application.securityProfile !== 'standard';
}

/**
 * The resource indicators of a request, as sent.
 * @see RFC 8707 §2
 */
export function resourcesOf(params: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set((params.get('resource') ?? '').split(' ').filter((uri) => uri !== ''))];
}

/**
 * The words of `prompt`.
 * @see OpenID Connect Core §3.1.2.1
 */
export function promptsOf({ parsed }: Pick<AuthorizeFacts, 'parsed'>): readonly string[] {
  return (parsed.params.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
}
