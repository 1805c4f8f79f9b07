import { type VerifiedRedirect, verifiedRedirect } from '../brands.ts';
import type { OAuthErrorCode, ResponseMode } from '../wire/names.ts';
import { describeParamsProblem, type ParsedParams, printable } from '../wire/params.ts';
import { judgeRedirectUri } from '../wire/redirect-uri.ts';
import { grantableScopes, parseScope, reservedScopes } from '../wire/scope.ts';
import type { ClientFacts } from './facts.ts';
import { isClientActive } from './may-issue.ts';
import { isCodeChallenge } from './pkce.ts';

/** `prompt` values this server acts on (OpenID Connect Core §3.1.2.1). */
export type Prompt = 'none' | 'login' | 'select_account' | 'consent';

/** An authorization request every check has passed. Made by `checkAuthorizeRequest` only. */
export interface CheckedAuthorizeRequest {
  readonly clientId: string;
  readonly redirectUri: VerifiedRedirect;
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
}

/** An error only a page of ours may show: the redirect URI is not known to be the client's. */
export interface AuthorizePageProblem {
  readonly code: 'client-unknown' | 'redirect-uri-mismatch' | 'request-invalid';
  readonly detail: string;
}

/** Where an error may be sent, once the redirect URI has been verified. */
export interface RedirectTarget {
  readonly redirectUri: VerifiedRedirect;
  readonly responseMode: ResponseMode;
  readonly state?: string;
}

/** The verdict on an authorization request. */
export type AuthorizeVerdict =
  | { readonly kind: 'page-error'; readonly problem: AuthorizePageProblem }
  | {
      readonly kind: 'redirect-error';
      readonly target: RedirectTarget;
      readonly error: OAuthErrorCode;
      readonly description: string;
    }
  | { readonly kind: 'checked'; readonly request: CheckedAuthorizeRequest };

/** What the checks look at. `client` is absent when nobody registered the id. */
export interface AuthorizeFacts {
  readonly parsed: ParsedParams;
  readonly client: ClientFacts | undefined;
}

interface PageCheck {
  readonly name: string;
  readonly check: (facts: AuthorizeFacts) => AuthorizePageProblem | undefined;
}

interface RedirectCheck {
  readonly name: string;
  readonly check: (
    facts: AuthorizeFacts & { readonly client: ClientFacts },
  ) => [OAuthErrorCode, string] | undefined;
}

const maximumState = 4096;
const maximumHint = 8192;
const maximumCarried = 8000;
const knownPrompts: readonly string[] = ['none', 'login', 'select_account', 'consent'];

function isPrompt(text: string): text is Prompt {
  return knownPrompts.includes(text);
}

function promptsOf(facts: AuthorizeFacts): readonly string[] {
  return (facts.parsed.params.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
}

/** The checks whose failure must stay on our own origin, in order. */
export const pageChecks: readonly PageCheck[] = [
  {
    name: 'client_id present and readable once',
    check: ({ parsed }) => {
      const { problem } = parsed;
      if (problem?.kind === 'repeated' && (problem.name === 'client_id' || problem.name === 'redirect_uri')) {
        return { code: 'request-invalid', detail: describeParamsProblem(problem) };
      }
      if (parsed.params.get('client_id') === undefined) {
        return { code: 'request-invalid', detail: 'client_id is missing from the authorization request' };
      }
      return undefined;
    },
  },
  {
    name: 'client known and active',
    check: ({ parsed, client }) => {
      if (client === undefined) {
        const id = printable(parsed.params.get('client_id') ?? '');
        return { code: 'client-unknown', detail: `no application has the client_id ${id}` };
      }
      if (!isClientActive(client)) {
        return { code: 'client-unknown', detail: `the application ${client.application.name} is not active` };
      }
      if (client.application.type === 'api') {
        return {
          code: 'client-unknown',
          detail: 'an API application cannot sign people in; use the client_id of a front end',
        };
      }
      return undefined;
    },
  },
  {
    name: 'redirect_uri registered',
    check: ({ parsed, client }) => {
      const uri = parsed.params.get('redirect_uri');
      if (uri === undefined)
        return { code: 'request-invalid', detail: 'redirect_uri is missing from the authorization request' };
      if (client === undefined) return undefined;
      const { application } = client;
      const verdict = judgeRedirectUri(uri, {
        registered: application.redirectUris,
        applicationType: application.type,
        authMethod: application.authMethod,
        developmentMode: application.developmentMode,
      });
      switch (verdict.kind) {
        case 'allowed':
          return undefined;
        case 'not-registered':
          return {
            code: 'redirect-uri-mismatch',
            detail: `redirect_uri ${printable(uri)} is not registered for ${application.name}; register it exactly as sent, or send one that is`,
          };
        case 'insecure':
          return {
            code: 'redirect-uri-mismatch',
            detail: `redirect_uri ${printable(uri)}: ${verdict.detail}`,
          };
      }
    },
  },
];

/** The checks whose failure goes to the verified redirect URI, in order. */
export const redirectChecks: readonly RedirectCheck[] = [
  {
    name: 'parameters well formed and not repeated',
    check: ({ parsed }) =>
      parsed.problem === undefined ? undefined : ['invalid_request', describeParamsProblem(parsed.problem)],
  },
  {
    name: 'request objects are not supported',
    check: ({ parsed: { params } }) => {
      if (params.has('request'))
        return ['request_not_supported', 'request objects are not supported; send plain parameters'];
      if (params.has('request_uri'))
        return ['request_uri_not_supported', 'request_uri is not supported; send plain parameters'];
      if (params.has('registration'))
        return ['registration_not_supported', 'the registration parameter is not supported'];
      return undefined;
    },
  },
  {
    name: 'response_type is code',
    check: ({ parsed: { params } }) => {
      const type = params.get('response_type');
      if (type === undefined) return ['invalid_request', 'response_type is missing; use code'];
      return type === 'code'
        ? undefined
        : ['unsupported_response_type', 'only response_type=code is supported'];
    },
  },
  {
    name: 'client may use the code flow',
    check: ({ client }) =>
      client.application.grantTypes.includes('authorization_code')
        ? undefined
        : [
            'unauthorized_client',
            'the application may not use the authorization code grant; allow it in its settings',
          ],
  },
  {
    name: 'scope well formed, with openid',
    check: ({ parsed: { params } }) => {
      const text = params.get('scope');
      if (text === undefined) return ['invalid_request', 'scope is missing; ask for openid at least'];
      const scopes = parseScope(text);
      if (scopes === undefined)
        return ['invalid_scope', 'scope has characters a scope must not have, or too many entries'];
      return scopes.includes('openid') ? undefined : ['invalid_scope', 'scope must contain openid'];
    },
  },
  {
    name: 'PKCE with S256',
    check: ({ parsed: { params }, client }) => {
      const challenge = params.get('code_challenge');
      const method = params.get('code_challenge_method');
      if (challenge === undefined) {
        if (method !== undefined)
          return ['invalid_request', 'code_challenge_method was sent without code_challenge'];
        return client.application.authMethod === 'none'
          ? ['invalid_request', 'code_challenge is missing; this application must use PKCE with S256']
          : undefined;
      }
      if (method !== 'S256') return ['invalid_request', 'code_challenge_method must be S256'];
      return isCodeChallenge(challenge)
        ? undefined
        : ['invalid_request', 'code_challenge must be the base64url SHA-256 of the verifier'];
    },
  },
  {
    name: 'prompt values known, none alone',
    check: (facts) => {
      const prompts = promptsOf(facts);
      if (prompts.includes('create'))
        return ['invalid_request', 'prompt=create is not available: this server does not offer registration'];
      if (!prompts.every(isPrompt)) return ['invalid_request', 'prompt has an unknown value'];
      return prompts.includes('none') && prompts.length > 1
        ? ['invalid_request', 'prompt=none must stand alone']
        : undefined;
    },
  },
  {
    name: 'max_age a number of seconds',
    check: ({ parsed: { params } }) => {
      const text = params.get('max_age');
      return text === undefined || /^[0-9]{1,10}$/.test(text)
        ? undefined
        : ['invalid_request', 'max_age must be a whole number of seconds'];
    },
  },
  {
    name: 'values within bounds',
    check: ({ parsed: { params } }) => {
      for (const name of ['state', 'nonce'] as const) {
        if ((params.get(name)?.length ?? 0) > maximumState)
          return ['invalid_request', `${name} is longer than ${maximumState} characters`];
      }
      if ((params.get('id_token_hint')?.length ?? 0) > maximumHint)
        return ['invalid_request', 'id_token_hint is too long'];
      const carried = ['state', 'nonce', 'scope', 'redirect_uri', 'login_hint', 'ui_locales'];
      const size = carried.reduce((sum, name) => sum + (params.get(name)?.length ?? 0), 0);
      // The request travels sealed in the address of the sign-in pages, which servers cut off at 16 kB.
      if (size > maximumCarried)
        return ['invalid_request', `the parameters are longer than ${maximumCarried} characters in all`];
      return undefined;
    },
  },
];

function responseModeOf(text: string | undefined): ResponseMode {
  // The dialect ignores a response_mode it does not know; code answers go to the query then.
  return text === 'form_post' || text === 'fragment' ? text : 'query';
}

function targetOf(facts: AuthorizeFacts): RedirectTarget {
  const { params } = facts.parsed;
  const state = params.get('state');
  return {
    redirectUri: verifiedRedirect(params.get('redirect_uri') ?? ''),
    responseMode: responseModeOf(params.get('response_mode')),
    ...(state === undefined || state.length > maximumState ? {} : { state }),
  };
}

function optional(
  params: ReadonlyMap<string, string>,
): Pick<
  CheckedAuthorizeRequest,
  'nonce' | 'codeChallenge' | 'maxAgeSeconds' | 'loginHint' | 'idTokenHint' | 'uiLocales'
> {
  const nonce = params.get('nonce');
  const codeChallenge = params.get('code_challenge');
  const maxAge = params.get('max_age');
  const loginHint = params.get('login_hint');
  const idTokenHint = params.get('id_token_hint');
  const uiLocales = params.get('ui_locales');
  return {
    ...(nonce === undefined ? {} : { nonce }),
    ...(codeChallenge === undefined ? {} : { codeChallenge }),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
    ...(loginHint === undefined ? {} : { loginHint }),
    ...(idTokenHint === undefined ? {} : { idTokenHint }),
    ...(uiLocales === undefined ? {} : { uiLocales }),
  };
}

function scopesToGrant(facts: AuthorizeFacts & { client: ClientFacts }): readonly string[] {
  const { application, project } = facts.client;
  const asked = parseScope(facts.parsed.params.get('scope')) ?? [];
  const granted = grantableScopes(asked, project.roleKeys).filter(
    (scope) => scope !== 'offline_access' || application.grantTypes.includes('refresh_token'),
  );
  // With project role assertion and no role scope, every role of the project is asked for (ZITADEL dialect, claims).
  const hasRoleScope = granted.some((scope) => scope.startsWith(reservedScopes.roleOf('')));
  return project.roleAssertion && !hasRoleScope
    ? [...granted, ...project.roleKeys.map(reservedScopes.roleOf)]
    : granted;
}

/**
 * Judges an authorization request by the two tables of checks above: failures of the first never leave our origin,
 * failures of the second go to the verified redirect URI.
 * @see RFC 6749 §4.1.1, §4.1.2.1; OpenID Connect Core §3.1.2.1, §3.1.2.2
 */
export function checkAuthorizeRequest(facts: AuthorizeFacts): AuthorizeVerdict {
  for (const { check } of pageChecks) {
    const problem = check(facts);
    if (problem !== undefined) return { kind: 'page-error', problem };
  }
  const { client, parsed } = facts;
  if (client === undefined)
    return { kind: 'page-error', problem: { code: 'client-unknown', detail: 'unknown client' } };
  const known = { parsed, client };
  const target = targetOf(facts);
  for (const { check } of redirectChecks) {
    const problem = check(known);
    if (problem !== undefined)
      return { kind: 'redirect-error', target, error: problem[0], description: problem[1] };
  }
  return {
    kind: 'checked',
    request: {
      ...target,
      clientId: client.application.clientId,
      scopes: scopesToGrant(known),
      prompts: promptsOf(facts).filter(isPrompt),
      ...optional(parsed.params),
    },
  };
}
