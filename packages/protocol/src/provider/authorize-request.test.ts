import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleApplication as application, sampleProject as project } from '../../fixtures/sample-client.ts';
import { parseParams } from '../wire/params.ts';
import { pageChecks, redirectChecks } from './authorize-checks.ts';
import type { AuthorizeFacts, RequestOrigin } from './authorize-facts.ts';
import { type AuthorizeVerdict, checkAuthorizeRequest } from './authorize-request.ts';
import type { ApplicationFacts, ClientFacts, ProjectFacts } from './facts.ts';

const callback = 'https://app.example/cb';
const roleScope = 'urn:zitadel:iam:org:project:role:';
const surroundings: Omit<AuthorizeFacts, 'parsed' | 'client'> = {
  origin: { isPushed: false, isSigned: false },
  registeredResources: ['https://api.example'],
  selfRegistration: 'off',
};
const goodParams = {
  client_id: '100',
  redirect_uri: callback,
  response_type: 'code',
  scope: 'openid profile',
  state: 'st',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};

/** One change to a good request; several can be laid over each other. */
interface Change {
  readonly params?: Readonly<Record<string, string | undefined>>;
  /** Text behind the query. */
  readonly raw?: string;
  readonly client?: 'unknown';
  readonly origin?: Partial<RequestOrigin>;
  readonly application?: Partial<ApplicationFacts>;
  readonly project?: Partial<ProjectFacts>;
}

function judge(...changes: readonly Change[]): AuthorizeVerdict {
  const query = new URLSearchParams();
  const params: Record<string, string | undefined> = { ...goodParams };
  const client: { application: ApplicationFacts; project: ProjectFacts } = { application, project };
  for (const change of changes) {
    Object.assign(params, change.params);
    client.application = { ...client.application, ...change.application };
    client.project = { ...client.project, ...change.project };
  }
  for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, value);
  const raw = changes.map((change) => change.raw ?? '').join('');
  const known: ClientFacts | undefined = changes.some((c) => c.client === 'unknown') ? undefined : client;
  const origin = Object.assign({}, surroundings.origin, ...changes.map((change) => change.origin));
  return checkAuthorizeRequest({
    ...surroundings,
    origin,
    parsed: parseParams(`${query}${raw}`),
    client: known,
  });
}

const sent = (params: Change['params']): Change => (params === undefined ? {} : { params });
const codeOf = (verdict: AuthorizeVerdict) => {
  switch (verdict.kind) {
    case 'page-error':
      return verdict.problem.code;
    case 'redirect-error':
      return verdict.error;
    case 'checked':
      return 'checked';
  }
};
/** What a verdict says, without where it goes. */
const told = (verdict: AuthorizeVerdict) => ({
  kind: verdict.kind,
  code: codeOf(verdict),
  detail: verdict.kind === 'page-error' ? verdict.problem.detail : '',
  description: verdict.kind === 'redirect-error' ? verdict.description : '',
});
const checkedRequest = (...changes: readonly Change[]) => {
  const verdict = judge(...changes);
  return verdict.kind === 'checked' ? verdict.request : undefined;
};

type Case = readonly [why: string, change: Change, code: string];
/** Failing cases for every check, in the order of the tables. */
const pageCases: Readonly<Record<string, readonly Case[]>> = {
  'client_id present and readable once': [
    ['missing', sent({ client_id: undefined }), 'request-invalid'],
    ['empty', sent({ client_id: '' }), 'request-invalid'],
    ['twice', { raw: '&client_id=100' }, 'request-invalid'],
    ['twice, behind another repeated one', { raw: '&state=x&client_id=100' }, 'request-invalid'],
    ['redirect_uri twice', { raw: '&redirect_uri=x' }, 'request-invalid'],
    ['redirect_uri twice, once unreadable', { raw: '&redirect_uri=%FF' }, 'request-invalid'],
  ],
  'client known and active': [
    ['unknown', { client: 'unknown' }, 'client-unknown'],
    ['application inactive', { application: { state: 'inactive' } }, 'client-unknown'],
    ['application removed', { application: { state: 'removed' } }, 'client-unknown'],
    ['project inactive', { project: { state: 'inactive' } }, 'client-unknown'],
    ['organization inactive', { project: { organizationState: 'inactive' } }, 'client-unknown'],
    ['an API', { application: { type: 'api' } }, 'client-unknown'],
  ],
  'redirect_uri registered': [
    ['not registered', sent({ redirect_uri: 'https://evil.example/cb' }), 'redirect-uri-mismatch'],
    ['missing', sent({ redirect_uri: undefined }), 'request-invalid'],
    ['none registered', { application: { redirectUris: [] } }, 'redirect-uri-mismatch'],
    [
      'insecure',
      { params: { redirect_uri: 'http://a.example' }, application: { redirectUris: ['http://a.example'] } },
      'redirect-uri-mismatch',
    ],
  ],
};
const redirectCases: Readonly<Record<string, readonly Case[]>> = {
  'parameters well formed and not repeated': [
    ['state twice', { raw: '&state=st' }, 'invalid_request'],
    ['an unknown one twice', { raw: '&x=1&x=2' }, 'invalid_request'],
    ['bad encoding', { raw: '&x=%FF' }, 'invalid_request'],
    ['NUL', { raw: '&x=%00' }, 'invalid_request'],
  ],
  'request object or reference usable': [
    [
      'a bad request object',
      { origin: { problem: ['invalid_request_object', 'bad'] } },
      'invalid_request_object',
    ],
    ['registration', sent({ registration: '{}' }), 'registration_not_supported'],
  ],
  'pushed and signed where the application must': [
    [
      'signature required',
      { origin: { isPushed: true }, application: { isSignedRequestRequired: true } },
      'invalid_request',
    ],
    ['PAR required', { application: { isParRequired: true } }, 'invalid_request'],
    ['FAPI 2.0', { application: { securityProfile: 'fapi2' } }, 'invalid_request'],
    [
      'FAPI 2.0 Message Signing unsigned',
      { origin: { isPushed: true }, application: { securityProfile: 'fapi2_message_signing' } },
      'invalid_request',
    ],
  ],
  'response_type known': [
    ['missing', sent({ response_type: undefined }), 'invalid_request'],
    ['token', sent({ response_type: 'token' }), 'unsupported_response_type'],
    ['none', sent({ response_type: 'none' }), 'unsupported_response_type'],
    ['a word twice', sent({ response_type: 'code code' }), 'unsupported_response_type'],
    ['other case', sent({ response_type: 'Code' }), 'unsupported_response_type'],
  ],
  'client may use the response type': [
    ['hybrid by default', sent({ response_type: 'code id_token' }), 'unauthorized_client'],
    ['implicit by default', sent({ response_type: 'id_token token' }), 'unauthorized_client'],
    [
      'implicit without the grant',
      { params: { response_type: 'id_token' }, application: { responseTypes: ['id_token'] } },
      'unauthorized_client',
    ],
    ['other grants only', { application: { grantTypes: ['refresh_token'] } }, 'unauthorized_client'],
    ['no grants', { application: { grantTypes: [] } }, 'unauthorized_client'],
    [
      'FAPI 2.0 with a hybrid type',
      {
        params: { response_type: 'code id_token' },
        origin: { isPushed: true },
        application: {
          securityProfile: 'fapi2',
          responseTypes: ['code id_token'],
          grantTypes: ['authorization_code', 'implicit'],
        },
      },
      'unauthorized_client',
    ],
  ],
  'response_mode fits the response type': [
    [
      'tokens in the query',
      {
        params: { response_type: 'id_token', response_mode: 'query' },
        application: { responseTypes: ['id_token'], grantTypes: ['implicit', 'authorization_code'] },
      },
      'invalid_request',
    ],
    [
      'signed tokens in the query',
      {
        params: { response_type: 'id_token', response_mode: 'query.jwt' },
        application: { responseTypes: ['id_token'], grantTypes: ['implicit', 'authorization_code'] },
      },
      'invalid_request',
    ],
    [
      'unsigned answers of FAPI 2.0 Message Signing',
      {
        origin: { isPushed: true, isSigned: true },
        application: { securityProfile: 'fapi2_message_signing' },
      },
      'invalid_request',
    ],
  ],
  'nonce where an ID token comes back at once': [
    [
      'missing',
      {
        params: { response_type: 'code id_token', nonce: undefined },
        application: {
          responseTypes: ['code', 'code id_token'],
          grantTypes: ['implicit', 'authorization_code'],
        },
      },
      'invalid_request',
    ],
  ],
  'scope well formed, with openid for ID tokens': [
    ['without openid', sent({ scope: 'profile' }), 'invalid_scope'],
    ['missing', sent({ scope: undefined }), 'invalid_request'],
    ['other case', sent({ scope: 'OpenID' }), 'invalid_scope'],
    ['line end', sent({ scope: 'openid\nprofile' }), 'invalid_scope'],
    ['quote', sent({ scope: 'openid "x"' }), 'invalid_scope'],
  ],
  'PKCE with S256': [
    [
      'none of a public client',
      sent({ code_challenge: undefined, code_challenge_method: undefined }),
      'invalid_request',
    ],
    ['method alone', sent({ code_challenge: undefined }), 'invalid_request'],
    ['plain', sent({ code_challenge_method: 'plain' }), 'invalid_request'],
    ['plain by default', sent({ code_challenge_method: undefined }), 'invalid_request'],
    ['other case', sent({ code_challenge_method: 's256' }), 'invalid_request'],
    ['too short', sent({ code_challenge: 'abc' }), 'invalid_request'],
    ['padded', sent({ code_challenge: `${goodParams.code_challenge}=` }), 'invalid_request'],
  ],
  'prompt values known, none alone': [
    ['none with login', sent({ prompt: 'none login' }), 'invalid_request'],
    ['none twice', sent({ prompt: 'none none' }), 'invalid_request'],
    ['unknown', sent({ prompt: 'login magic' }), 'invalid_request'],
    ['create', sent({ prompt: 'create' }), 'invalid_request'],
    ['other case', sent({ prompt: 'None' }), 'invalid_request'],
  ],
  'max_age a number of seconds': [
    ['negative', sent({ max_age: '-1' }), 'invalid_request'],
    ['fraction', sent({ max_age: '1.5' }), 'invalid_request'],
    ['hexadecimal', sent({ max_age: '0x10' }), 'invalid_request'],
    ['exponent', sent({ max_age: '1e3' }), 'invalid_request'],
    ['space', sent({ max_age: ' 1' }), 'invalid_request'],
    ['too long', sent({ max_age: '1'.repeat(11) }), 'invalid_request'],
  ],
  'claims readable': [
    ['no JSON', sent({ claims: '{' }), 'invalid_request'],
    ['a list', sent({ claims: '[]' }), 'invalid_request'],
    ['a member of another shape', sent({ claims: '{"userinfo":{"name":true}}' }), 'invalid_request'],
    ['too long', sent({ claims: JSON.stringify({ x: 'x'.repeat(5000) }) }), 'invalid_request'],
  ],
  'resources registered': [
    ['unknown', sent({ resource: 'https://other.example' }), 'invalid_target'],
    [
      'one unknown of two',
      { raw: '&resource=https://api.example&resource=https://x.example' },
      'invalid_target',
    ],
    ['a fragment', sent({ resource: 'https://api.example#x' }), 'invalid_target'],
  ],
  'dpop_jkt a thumbprint': [['too short', sent({ dpop_jkt: 'abc' }), 'invalid_request']],
  'values within bounds': [
    ['nonce', sent({ nonce: 'n'.repeat(4097) }), 'invalid_request'],
    ['state', sent({ state: 's'.repeat(4097) }), 'invalid_request'],
    ['login_hint', sent({ login_hint: 'x'.repeat(8193) }), 'invalid_request'],
    ['id_token_hint', sent({ id_token_hint: 'x'.repeat(8193) }), 'invalid_request'],
    ['ui_locales', sent({ ui_locales: 'x'.repeat(8193) }), 'invalid_request'],
    ['all together', sent({ state: 's'.repeat(4000), nonce: 'n'.repeat(4000) }), 'invalid_request'],
  ],
};
const flat = (cases: Readonly<Record<string, readonly Case[]>>) =>
  Object.entries(cases).flatMap(([name, list]) =>
    list.map(([why, change, code]) => ({ name, why, change, code })),
  );
const firsts = Object.values({ ...pageCases, ...redirectCases }).flatMap(([first]) => (first ? [first] : []));

/** What a change lays hands on: two that share something cannot be laid over each other. */
const touched = (change: Change): ReadonlySet<string> =>
  new Set(
    Object.entries(change).flatMap(([part, value]) =>
      typeof value === 'string' ? [part] : Object.keys(value).map((name) => `${part}.${name}`),
    ),
  );
const combine = (one: Change, other: Change) => [...touched(one)].every((name) => !touched(other).has(name));

describe('the checks', () => {
  test('every check of the two tables has failing cases here, in its order', () => {
    expect(Object.keys(pageCases)).toEqual(pageChecks.map(({ name }) => name));
    expect(Object.keys(redirectCases)).toEqual(redirectChecks.map(({ name }) => name));
  });

  test('RFC 6749 §4.1.1: a request without fault is accepted', () => {
    expect(checkedRequest()).toEqual({
      clientId: '100',
      redirectUri: callback,
      responseMode: 'query',
      scopes: ['openid', 'profile'],
      state: 'st',
      codeChallenge: goodParams.code_challenge,
      prompts: [],
      responseType: 'code',
      acrValues: [],
      demandedAcrValues: [],
      resources: [],
    });
  });

  test.each(flat(pageCases))(
    'RFC 6749 §4.1.2.1: without a known client and redirect URI the error stays with us ($name: $why)',
    ({ change, code }) => {
      const verdict = judge(change);
      expect([verdict.kind, codeOf(verdict)]).toEqual(['page-error', code]);
      expect(JSON.stringify(verdict)).not.toContain('"target"');
    },
  );

  test.each(flat(redirectCases))(
    'RFC 6749 §4.1.2.1: other errors go to the verified redirect URI ($name: $why)',
    ({ change, code }) => {
      const verdict = judge(change);
      expect([verdict.kind, codeOf(verdict)]).toEqual(['redirect-error', code]);
      if (verdict.kind === 'redirect-error') expect(verdict.target.redirectUri).toBe(callback);
    },
  );

  test('of two problems the earlier check tells, and a page error always wins over a redirect', () => {
    firsts.forEach(([, earlier], i) => {
      const alone = told(judge(earlier));
      expect(alone.kind).toBe(i < pageChecks.length ? 'page-error' : 'redirect-error');
      for (const [, later] of firsts.slice(i + 1)) {
        if (!combine(earlier, later)) continue;
        expect(told(judge(later))).not.toEqual(alone);
        expect(told(judge(earlier, later))).toEqual(alone);
        expect(told(judge(later, earlier))).toEqual(alone);
      }
    });
  });

  test('RFC 9700 §4.11: whatever is sent, no answer leaves for an address that is not registered', () => {
    const piece = fc.constantFrom(
      ...[
        'client_id=100',
        'redirect_uri=https%3A%2F%2Fapp.example%2Fcb',
        'redirect_uri=https%3A%2F%2Fevil.example',
      ],
      ...[
        'response_type=code',
        'scope=openid',
        'state=a',
        'prompt=none',
        '%FF',
        'redirect_uri',
        'client_id=',
      ],
      ...[
        'redirect_uri=https%3A%2F%2Fapp.example%2Fcb%40evil.example',
        'response_mode=form_post',
        'request=x',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const parsed = parseParams(pieces.join('&'));
        const verdict = checkAuthorizeRequest({ ...surroundings, parsed, client: { application, project } });
        if (verdict.kind === 'redirect-error') expect(verdict.target.redirectUri).toBe(callback);
        if (verdict.kind === 'checked') expect(verdict.request.redirectUri).toBe(callback);
        const clientIds = pieces.filter((one) => one.startsWith('client_id')).length;
        const redirects = pieces.filter((one) => one.startsWith('redirect_uri')).length;
        if (clientIds !== 1 || redirects !== 1) expect(verdict.kind).toBe('page-error');
      }),
    );
  });

  test('a sentence about a hostile value is printable', () => {
    const verdict = judge(sent({ redirect_uri: 'https://evil.example/"><script>\u0000é' }), {
      client: 'unknown',
    });
    const mismatch = judge(sent({ redirect_uri: 'https://evil.example/"\r\né' }));
    for (const one of [verdict, mismatch])
      if (one.kind === 'page-error') expect(one.problem.detail).toMatch(/^[\x20-\x7e]+$/);
    expect([verdict.kind, mismatch.kind]).toEqual(['page-error', 'page-error']);
  });
});

describe('what is passed on', () => {
  const hybrid: Change = {
    application: {
      responseTypes: [
        'code',
        'id_token',
        'id_token token',
        'code id_token',
        'code token',
        'code id_token token',
      ],
      grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
    },
  };

  test.each([
    ['code', 'code', 'query'],
    ['id_token', 'id_token', 'fragment'],
    ['token id_token', 'id_token token', 'fragment'],
    ['id_token  code', 'code id_token', 'fragment'],
    ['code token', 'code token', 'fragment'],
    ['token code id_token', 'code id_token token', 'fragment'],
  ])(
    'Multiple Response Types §3, §5: the order of the words means nothing, tokens go to the fragment (%s)',
    (sentType, type, mode) => {
      const request = checkedRequest(hybrid, sent({ response_type: sentType, nonce: 'n' }));
      expect([request?.responseType, request?.responseMode]).toEqual([type, mode]);
    },
  );

  test.each([
    ['code', 'jwt', 'query.jwt'],
    ['code id_token', 'jwt', 'fragment.jwt'],
    ['code', 'form_post.jwt', 'form_post.jwt'],
    ['code', 'fragment.jwt', 'fragment.jwt'],
    ['code id_token', 'form_post', 'form_post'],
  ])('JARM §2.3.4: jwt stands for the usual mode of the response type (%s: %s)', (type, mode, expected) => {
    const request = checkedRequest(hybrid, sent({ response_type: type, response_mode: mode, nonce: 'n' }));
    expect(request?.responseMode).toBe(expected);
  });

  test('OpenID Connect Core §3.2.2.6: errors of implicit and hybrid requests go to the fragment', () => {
    const verdict = judge(hybrid, sent({ response_type: 'code id_token' }));
    expect(verdict).toMatchObject({ kind: 'redirect-error', target: { responseMode: 'fragment' } });
  });

  test('OpenID Connect Core §5.5: claims asked for one by one, essential classes and a demanded subject are kept', () => {
    const claims = JSON.stringify({
      userinfo: { name: { essential: true }, email: null },
      id_token: { acr: { essential: true, values: ['urn:latchkey:acr:2fa'] }, sub: { value: '77' } },
    });
    expect(checkedRequest(sent({ claims, acr_values: 'a b' }))).toMatchObject({
      claims: { userinfo: ['name', 'email'], idToken: ['acr', 'sub'] },
      acrValues: ['urn:latchkey:acr:2fa', 'a', 'b'],
      demandedAcrValues: ['urn:latchkey:acr:2fa'],
      hintedUserId: '77',
    });
  });

  test('RFC 8707 §2: registered resources are kept, also without openid; several may be named', () => {
    const plain = checkedRequest(sent({ scope: undefined, resource: 'https://api.example' }));
    expect(plain).toMatchObject({ resources: ['https://api.example'], scopes: [] });
  });

  test('OpenID Connect Registration §2: default_max_age counts where the request has none', () => {
    const usual: Change = { application: { defaultMaxAgeSeconds: 60 } };
    expect(checkedRequest(usual)?.maxAgeSeconds).toBe(60);
    expect(checkedRequest(usual, sent({ max_age: '5' }))?.maxAgeSeconds).toBe(5);
  });

  test('FAPI 2.0 Security Profile §5.3.2.2: a pushed code request with PKCE passes, without PKCE it does not', () => {
    const fapi: Change = {
      origin: { isPushed: true },
      application: { securityProfile: 'fapi2', authMethod: 'private_key_jwt', type: 'web' },
    };
    expect(codeOf(judge(fapi))).toBe('checked');
    const without = sent({ code_challenge: undefined, code_challenge_method: undefined });
    expect(codeOf(judge(fapi, without))).toBe('invalid_request');
  });

  test.each([
    ['query', 'query'],
    ['fragment', 'fragment'],
    ['form_post', 'form_post'],
    ['web_message', 'query'],
    ['', 'query'],
    ['FORM_POST', 'query'],
  ])('ZITADEL dialect §1.3: a response_mode nobody knows is ignored (%s: %s)', (mode, expected) => {
    expect(checkedRequest(sent({ response_mode: mode }))?.responseMode).toBe(expected);
    const refused = judge(sent({ response_mode: mode, response_type: 'x' }));
    expect(refused.kind === 'redirect-error' ? refused.target.responseMode : undefined).toBe(expected);
  });

  test('RFC 6749 §4.1.2.1: state comes back with an error, unless it is too long to be ours', () => {
    const state = (value: string) => {
      const verdict = judge(sent({ state: value, response_type: 'x' }));
      return verdict.kind === 'redirect-error' ? verdict.target.state : undefined;
    };
    expect(state('a b&c"é')).toBe('a b&c"é');
    expect(state('s'.repeat(4096))).toHaveLength(4096);
    expect(state('s'.repeat(4097))).toBeUndefined();
  });

  test('OpenID Connect Core §3.1.2.1: optional parameters arrive as sent', () => {
    const extra = { nonce: 'n', max_age: '0', login_hint: 'alice', id_token_hint: 'h', ui_locales: 'de en' };
    expect(checkedRequest(sent({ ...extra, prompt: 'login  consent select_account' }))).toMatchObject({
      nonce: 'n',
      maxAgeSeconds: 0,
      loginHint: 'alice',
      idTokenHint: 'h',
      uiLocales: 'de en',
      prompts: ['login', 'consent', 'select_account'],
    });
  });

  test('RFC 7636 §4.3: a confidential client may leave PKCE out, but what it sends must be right', () => {
    const confidential: Change = { application: { type: 'web', authMethod: 'client_secret_basic' } };
    const without = sent({ code_challenge: undefined, code_challenge_method: undefined });
    expect(checkedRequest(confidential, without)).not.toHaveProperty('codeChallenge');
    expect(codeOf(judge(confidential, without))).toBe('checked');
    expect(codeOf(judge(confidential, sent({ code_challenge_method: 'plain' })))).toBe('invalid_request');
  });

  test('OpenID Connect Core §11: offline_access is granted only to who may refresh', () => {
    const scope = sent({ scope: 'openid offline_access' });
    expect(checkedRequest(scope)?.scopes).toEqual(['openid', 'offline_access']);
    expect(checkedRequest(scope, { application: { grantTypes: ['authorization_code'] } })?.scopes).toEqual([
      'openid',
    ]);
  });

  test('ZITADEL dialect §2.1: unknown scopes and roles of other projects are dropped', () => {
    const scope = sent({ scope: `openid quotes:read ${roleScope}admin ${roleScope}owner` });
    expect(checkedRequest(scope)?.scopes).toEqual(['openid', `${roleScope}admin`]);
  });

  test('ZITADEL dialect §2.3: with role assertion and no role scope, all roles of the project are asked for', () => {
    const asserting: Change = { project: { roleAssertion: true } };
    expect(checkedRequest(asserting)?.scopes).toEqual([
      'openid',
      'profile',
      `${roleScope}admin`,
      `${roleScope}reader`,
    ]);
    const one = sent({ scope: `openid ${roleScope}reader` });
    expect(checkedRequest(asserting, one)?.scopes).toEqual(['openid', `${roleScope}reader`]);
  });
});
