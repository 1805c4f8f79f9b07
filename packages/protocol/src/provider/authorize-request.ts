import { verifiedRedirect } from '../brands.ts';
import { parseClaimsParameter, requestedNames } from '../wire/claims-parameter.ts';
import { limits } from '../wire/limits.ts';
import { type OAuthErrorCode, type ResponseMode, responseModes } from '../wire/names.ts';
import { parseScope } from '../wire/scope.ts';
import { pageChecks, redirectChecks } from './authorize-checks.ts';
import {
  type AuthorizeFacts,
  type AuthorizePageProblem,
  type CheckedAuthorizeRequest,
  isPrompt,
  isResponseType,
  promptsOf,
  type RedirectTarget,
  resourcesOf,
  responseTypeOf,
} from './authorize-facts.ts';
import { awaitedScopes } from './device-grant.ts';
import type { ClientFacts } from './facts.ts';

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

const knownModes: readonly string[] = responseModes;

function isResponseMode(text: string): text is ResponseMode {
  return knownModes.includes(text);
}

/**
 * The mode to answer by, for errors too: the one asked for unless it would put tokens in a query, else what the response
 * type brings. The dialect ignores a mode it does not know.
 */
function responseModeOf(params: ReadonlyMap<string, string>): ResponseMode {
  const text = params.get('response_mode') ?? '';
  const type = responseTypeOf(params.get('response_type'));
  const usual = type.split(' ').some((word) => word === 'token' || word === 'id_token')
    ? 'fragment'
    : 'query';
  if (text === 'jwt') return `${usual}.jwt`;
  if (!isResponseMode(text)) return usual;
  if (usual === 'fragment' && text === 'query') return 'fragment';
  return usual === 'fragment' && text === 'query.jwt' ? 'fragment.jwt' : text;
}

function targetOf(facts: AuthorizeFacts & { readonly client: ClientFacts }): RedirectTarget {
  const { params } = facts.parsed;
  const state = params.get('state');
  return {
    clientId: facts.client.application.clientId,
    redirectUri: verifiedRedirect(params.get('redirect_uri') ?? ''),
    responseMode: responseModeOf(params),
    ...(state === undefined || state.length > limits.state ? {} : { state }),
  };
}

/** What the request wants to know: classes of authentication, claims, and who it must be about. */
function wishesOf(
  params: ReadonlyMap<string, string>,
  client: ClientFacts,
): Pick<CheckedAuthorizeRequest, 'acrValues' | 'demandedAcrValues' | 'claims' | 'hintedUserId'> {
  const { application } = client;
  const text = params.get('claims');
  const claims = text === undefined ? undefined : parseClaimsParameter(text);
  const acrWish = claims?.idToken.find((wish) => wish.name === 'acr');
  const asked = (params.get('acr_values') ?? '').split(' ').filter((value) => value !== '');
  const usual = asked.length > 0 ? asked : application.defaultAcrValues;
  const subject = claims?.idToken.find((wish) => wish.name === 'sub')?.values[0];
  return {
    acrValues: acrWish === undefined ? usual : [...acrWish.values, ...usual],
    demandedAcrValues: acrWish?.isEssential === true ? acrWish.values : [],
    ...(claims === undefined ? {} : { claims: requestedNames(claims) }),
    ...(subject === undefined ? {} : { hintedUserId: subject }),
  };
}

function optional(
  params: ReadonlyMap<string, string>,
  defaultMaxAge: number | null,
): Pick<
  CheckedAuthorizeRequest,
  'nonce' | 'codeChallenge' | 'maxAgeSeconds' | 'loginHint' | 'idTokenHint' | 'uiLocales' | 'dpopJkt'
> {
  const nonce = params.get('nonce');
  const codeChallenge = params.get('code_challenge');
  const maxAge = params.get('max_age') ?? (defaultMaxAge === null ? undefined : String(defaultMaxAge));
  const dpopJkt = params.get('dpop_jkt');
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
    ...(dpopJkt === undefined ? {} : { dpopJkt }),
  };
}

function scopesToGrant(facts: AuthorizeFacts & { client: ClientFacts }): readonly string[] {
  const asked = (parseScope(facts.parsed.params.get('scope')) ?? []).filter(
    (scope) => !facts.droppedScopes.includes(scope),
  );
  // OpenID Connect Core §11: without a code there is no refresh token to be offline with.
  const isCodeIssued = responseTypeOf(facts.parsed.params.get('response_type')).includes('code');
  return awaitedScopes(
    facts.client,
    isCodeIssued ? asked : asked.filter((scope) => scope !== 'offline_access'),
  );
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
  const known = { ...facts, client };
  const target = targetOf(known);
  for (const { check } of redirectChecks) {
    const problem = check(known);
    if (problem !== undefined)
      return { kind: 'redirect-error', target, error: problem[0], description: problem[1] };
  }
  const responseType = responseTypeOf(parsed.params.get('response_type'));
  return {
    kind: 'checked',
    request: {
      ...target,
      responseType: isResponseType(responseType) ? responseType : 'code',
      scopes: scopesToGrant(known),
      prompts: promptsOf(facts).filter(isPrompt),
      resources: resourcesOf(parsed.params),
      ...wishesOf(parsed.params, client),
      ...optional(parsed.params, client.application.defaultMaxAgeSeconds),
    },
  };
}
