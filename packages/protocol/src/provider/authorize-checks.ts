import { parseClaimsParameter } from '../wire/claims-parameter.ts';
import { jsonBytes, limits } from '../wire/limits.ts';
import { type OAuthErrorCode, responseTypes } from '../wire/names.ts';
import { describeParamsProblem, printable } from '../wire/params.ts';
import { judgeRedirectUri } from '../wire/redirect-uri.ts';
import { parseScope } from '../wire/scope.ts';
import {
  type AuthorizeFacts,
  type AuthorizePageProblem,
  isFapi,
  isResponseType,
  promptsOf,
  resourcesOf,
  responseTypeOf,
} from './authorize-facts.ts';
import type { ClientFacts } from './facts.ts';
import { isClientActive } from './may-issue.ts';
import { isCodeChallenge, needsPkce } from './pkce.ts';
import { isUnboundResponse, unboundResponseDetail } from './token-binding.ts';

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

const maximumResources = 10;

/** What of a request travels on with it: what else it may hold is read at once, or of a fixed size. */
const carriedParameters = [
  ...(['state', 'nonce', 'scope', 'redirect_uri', 'login_hint', 'ui_locales', 'claims', 'resource'] as const),
  ...(['acr_values', 'prompt', 'response_type', 'response_mode'] as const),
] as const;

const singleLimits = [
  ['state', limits.state],
  ['login_hint', limits.state],
  ['ui_locales', limits.state],
  ['nonce', limits.nonce],
  ['id_token_hint', limits.readText],
] as const;

/** Every parameter the authorization endpoint reads. A pushed request keeps these alone, so that it can be carried. */
export const authorizeParameters: ReadonlySet<string> = new Set([
  ...carriedParameters,
  ...([
    'client_id',
    'id_token_hint',
    'code_challenge',
    'code_challenge_method',
    'max_age',
    'dpop_jkt',
  ] as const),
]);

function redirectProblem({ parsed, client }: AuthorizeFacts): AuthorizePageProblem | undefined {
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
    check: (facts) => {
      const problem = redirectProblem(facts);
      const { problem: objectProblem } = facts.origin;
      // A request object that cannot be read may have held the right one, so it is what has to be mended.
      return problem === undefined || objectProblem === undefined
        ? problem
        : { code: 'request-invalid', detail: objectProblem.join(': ') };
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
    name: 'request object or reference usable',
    check: ({ origin, parsed: { params } }) => {
      if (origin.problem !== undefined) return [...origin.problem];
      return params.has('registration')
        ? ['registration_not_supported', 'the registration parameter is not supported']
        : undefined;
    },
  },
  {
    name: 'pushed and signed where the application must',
    check: ({ client, origin }) => {
      const { application } = client;
      if ((application.isParRequired || isFapi(client)) && !origin.isPushed)
        return ['invalid_request', 'this application must push its authorization requests (PAR) first'];
      const mustSign =
        application.isSignedRequestRequired || application.securityProfile === 'fapi2_message_signing';
      return mustSign && !origin.isSigned
        ? ['invalid_request', 'this application must sign its authorization requests; send a request object']
        : undefined;
    },
  },
  {
    name: 'response_type known',
    check: ({ parsed: { params } }) => {
      const type = responseTypeOf(params.get('response_type'));
      if (type === '') return ['invalid_request', 'response_type is missing; use code'];
      return isResponseType(type)
        ? undefined
        : ['unsupported_response_type', `response_type must be one of ${responseTypes.join(', ')}`];
    },
  },
  {
    name: 'client may use the response type',
    check: ({ client, parsed: { params } }) => {
      const type = responseTypeOf(params.get('response_type'));
      const { grantTypes, responseTypes: allowed } = client.application;
      const words = type.split(' ');
      const needsCode = words.includes('code');
      const needsImplicit = words.some((word) => word !== 'code');
      if (isFapi(client) && type !== 'code')
        return ['unauthorized_client', 'this application may use response_type=code alone'];
      if (isUnboundResponse(client.application, type)) return ['unauthorized_client', unboundResponseDetail];
      if (needsCode && !grantTypes.includes('authorization_code'))
        return [
          'unauthorized_client',
          'the application may not use the authorization code grant; allow it in its settings',
        ];
      const isAllowed =
        allowed.some((known) => known === type) && (!needsImplicit || grantTypes.includes('implicit'));
      return isAllowed
        ? undefined
        : [
            'unauthorized_client',
            `the application may not use response_type=${type}; allow it in its settings, or use code`,
          ];
    },
  },
  {
    name: 'response_mode fits the response type',
    check: ({ client, parsed: { params } }) => {
      const type = responseTypeOf(params.get('response_type'));
      const mode = params.get('response_mode') ?? '';
      // Multiple Response Types §5: tokens must not travel in a query, where logs and Referer headers would keep them.
      if (type !== 'code' && (mode === 'query' || mode === 'query.jwt'))
        return ['invalid_request', 'tokens cannot be answered in the query; use fragment or form_post'];
      return client.application.securityProfile === 'fapi2_message_signing' && !/^(.+\.)?jwt$/.test(mode)
        ? ['invalid_request', 'this application must have its answers signed; send response_mode=jwt']
        : undefined;
    },
  },
  {
    name: 'nonce where an ID token comes back at once',
    check: ({ parsed: { params } }) =>
      responseTypeOf(params.get('response_type')).includes('id_token') && !params.has('nonce')
        ? ['invalid_request', 'nonce is missing; response types with id_token need one']
        : undefined,
  },
  {
    name: 'scope well formed, with openid for ID tokens',
    check: ({ parsed: { params } }) => {
      const text = params.get('scope');
      if (text === undefined) {
        return params.has('resource')
          ? undefined
          : ['invalid_request', 'scope is missing; ask for openid at least'];
      }
      const scopes = parseScope(text);
      if (scopes === undefined)
        return ['invalid_scope', 'scope has characters a scope must not have, or too many entries'];
      if (scopes.includes('openid')) return undefined;
      // Plain OAuth asks for a code to reach an API, named by resource; anything else without openid is a slip.
      return params.has('resource') && responseTypeOf(params.get('response_type')) === 'code'
        ? undefined
        : ['invalid_scope', 'scope must contain openid, or the request must name a resource'];
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
        const isCodeIssued = responseTypeOf(params.get('response_type')).includes('code');
        return isCodeIssued && needsPkce(client.application)
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
    // Values of extensions this server does not know are ignored, as unknown parameters are (RFC 6749 §3.1).
    name: 'prompt=none alone',
    check: (facts) => {
      const prompts = promptsOf(facts);
      if (prompts.includes('create') && facts.selfRegistration === 'off')
        return ['invalid_request', 'prompt=create is not available: this server does not offer registration'];
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
    name: 'claims readable',
    check: ({ parsed: { params } }) => {
      const text = params.get('claims');
      return text === undefined || parseClaimsParameter(text) !== undefined
        ? undefined
        : ['invalid_request', 'claims must be a JSON object as OpenID Connect Core 5.5 describes it'];
    },
  },
  {
    name: 'resources obtainable',
    check: ({ parsed: { params }, obtainableResources }) => {
      const resources = resourcesOf(params);
      if (resources.length > maximumResources)
        return ['invalid_target', `at most ${maximumResources} resources may be named`];
      const unknown = resources.find((uri) => !obtainableResources.includes(uri));
      return unknown === undefined
        ? undefined
        : [
            'invalid_target',
            `resource ${printable(unknown)} is not registered, or its project does not allow this application`,
          ];
    },
  },
  {
    name: 'dpop_jkt a thumbprint',
    check: ({ parsed: { params } }) => {
      const jkt = params.get('dpop_jkt');
      return jkt === undefined || /^[A-Za-z0-9_-]{43}$/.test(jkt)
        ? undefined
        : ['invalid_request', 'dpop_jkt must be the SHA-256 thumbprint of a key, base64url'];
    },
  },
  {
    name: 'values within bounds',
    check: ({ parsed: { params } }) => {
      for (const [name, most] of singleLimits) {
        if ((params.get(name)?.length ?? 0) > most)
          return ['invalid_request', `${name} is longer than ${most} characters`];
      }
      const size = carriedParameters.reduce((sum, name) => sum + jsonBytes(params.get(name) ?? ''), 0);
      // The request travels sealed in the address of the sign-in pages, and what it asks for in tokens.
      if (size > limits.carried)
        return ['invalid_request', `the parameters are longer than ${limits.carried} bytes in all`];
      return undefined;
    },
  },
];
