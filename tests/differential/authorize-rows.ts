import { authorize, type Row } from './rows.ts';

/** Authorization requests, and what they come to. */
export const authorizeRows: readonly Row[] = [
  {
    name: 'unknown client',
    ask: authorize({ client_id: '404' }),
    both: 'page',
  },
  {
    name: 'no client_id',
    ask: authorize({ client_id: '' }),
    both: 'page',
  },
  {
    name: 'client_id twice',
    ask: authorize({}, 'spa', '&client_id=x'),
    both: 'page',
  },
  {
    name: 'redirect_uri that is not registered',
    ask: authorize({ redirect_uri: 'https://evil.example.com/' }),
    both: 'page',
  },
  {
    name: 'redirect_uri with a path more',
    ask: authorize({ redirect_uri: 'https://spa.example.com/callback/x' }),
    both: 'page',
  },
  {
    name: 'redirect_uri with a query more',
    ask: authorize({ redirect_uri: 'https://spa.example.com/callback?x=1' }),
    both: 'page',
  },
  {
    name: 'no redirect_uri though one is registered',
    ask: authorize({ redirect_uri: '' }),
    ours: 'page',
    theirs: 'asks the person',
    because: 'OpenID Connect Core §3.1.2.1 requires it, and what is explicit cannot be misread',
  },
  {
    name: 'no response_type',
    ask: authorize({ response_type: '' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'response_type of another world',
    ask: authorize({ response_type: 'dance' }),
    both: 'query unsupported_response_type state iss',
  },
  {
    name: 'response_type id_token for a client of codes',
    ask: authorize({ response_type: 'id_token' }),
    ours: 'fragment unauthorized_client state iss',
    theirs: 'fragment invalid_request state iss',
    because: 'RFC 6749 §4.1.2.1: a client that may not use a response type is unauthorized_client',
  },
  {
    name: 'response_type code id_token for a client of codes',
    ask: authorize({ response_type: 'code id_token' }),
    ours: 'fragment unauthorized_client state iss',
    theirs: 'fragment invalid_request state iss',
    because: 'RFC 6749 §4.1.2.1: a client that may not use a response type is unauthorized_client',
  },
  {
    name: 'no scope',
    ask: authorize({ scope: '' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'scope without openid',
    ask: authorize({ scope: 'profile' }),
    ours: 'query invalid_scope state iss',
    theirs: 'query invalid_request state iss',
    because: 'ZITADEL dialect: the scope is what is wrong, so invalid_scope',
  },
  {
    name: 'scope with an unknown word',
    ask: authorize({ scope: 'openid dance' }),
    both: 'asks the person',
  },
  {
    name: 'no PKCE by a public client',
    ask: authorize({ code_challenge: '', code_challenge_method: '' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'no PKCE by a confidential client',
    ask: authorize({ code_challenge: '', code_challenge_method: '' }, 'web'),
    both: 'asks the person',
  },
  {
    name: 'PKCE plain',
    ask: authorize({ code_challenge_method: 'plain' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'PKCE without a method',
    ask: authorize({ code_challenge_method: '' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'PKCE method without a challenge',
    ask: authorize({ code_challenge: '' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'PKCE challenge too short',
    ask: authorize({ code_challenge: 'abc' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'PKCE challenge with characters it may not have',
    ask: authorize({ code_challenge: `${'x'.repeat(42)}!` }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'prompt none without a session',
    ask: authorize({ prompt: 'none' }),
    both: 'query login_required state iss',
  },
  {
    name: 'prompt none with another',
    ask: authorize({ prompt: 'none login' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'prompt unknown',
    ask: authorize({ prompt: 'dance' }),
    ours: 'asks the person',
    theirs: 'query invalid_request state iss',
    because:
      'RFC 6749 §3.1: what the server does not know is ignored; values of extensions differ between servers',
  },
  {
    name: 'max_age negative',
    ask: authorize({ max_age: '-1' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'max_age no number',
    ask: authorize({ max_age: 'old' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'registration parameter',
    ask: authorize({ registration: '{}' }),
    both: 'query registration_not_supported state iss',
  },
  {
    name: 'request object that is none',
    ask: authorize({ request: 'a.b.c' }),
    both: 'query invalid_request_object state iss',
  },
  {
    name: 'request and request_uri at once',
    ask: authorize({ request: 'a.b.c', request_uri: 'https://spa.example.com/r' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'claims that are no JSON',
    ask: authorize({ claims: '{' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'claims that are a list',
    ask: authorize({ claims: '[]' }),
    both: 'query invalid_request state iss',
  },
  {
    name: 'scope twice',
    ask: authorize({}, 'spa', '&scope=openid'),
    both: 'query invalid_request state iss',
  },
  {
    name: 'state twice',
    ask: authorize({}, 'spa', '&state=other'),
    ours: 'query invalid_request state iss',
    theirs: 'query invalid_request iss',
    because: 'RFC 6749 §4.1.2.1: state comes back with every error; of two the first',
  },
  {
    name: 'an error by fragment',
    ask: authorize({ response_mode: 'fragment', prompt: 'none' }),
    both: 'fragment login_required state iss',
  },
  {
    name: 'an error by form_post',
    ask: authorize({ response_mode: 'form_post', prompt: 'none' }),
    both: 'form_post login_required state iss',
  },
  {
    name: 'response_mode unknown',
    ask: authorize({ response_mode: 'pigeon', prompt: 'none' }),
    ours: 'query login_required state iss',
    theirs: 'query unsupported_response_mode state iss',
    because: 'ZITADEL dialect: a mode that is not known is ignored',
  },
  {
    name: 'id_token_hint that is none',
    ask: authorize({ id_token_hint: 'nonsense' }),
    ours: 'asks the person',
    theirs: 'query invalid_request state iss',
    because: 'a hint that cannot be read proves nothing, and the person is asked as without it',
  },
  {
    name: 'an unknown parameter',
    ask: authorize({ dance: 'yes' }),
    both: 'asks the person',
  },
  {
    name: 'an error without state',
    ask: authorize({ state: '', prompt: 'none' }),
    both: 'query login_required iss',
  },
  {
    name: 'a good request',
    ask: authorize({}),
    both: 'asks the person',
  },
];
