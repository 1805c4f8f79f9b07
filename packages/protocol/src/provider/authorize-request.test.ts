import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Change,
  callback,
  checkedRequest,
  codeOf,
  goodParams,
  judge,
  sent,
  surroundings,
  told,
} from '../../fixtures/judge-request.ts';
import { sampleApplication as application, sampleProject as project } from '../../fixtures/sample-client.ts';
import { parseParams } from '../wire/params.ts';
import { pageChecks, redirectChecks } from './authorize-checks.ts';
import { checkAuthorizeRequest } from './authorize-request.ts';

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
/** Every response type with an access token, of every application whose tokens must be bound. */
const unboundCases: readonly Case[] = (
  ['id_token token', 'code token', 'code id_token token'] as const
).flatMap((type) =>
  [{ isDpopRequired: true }, { isCertificateBound: true }].map(
    (demand): Case => [
      `${type} with ${Object.keys(demand).join()}`,
      {
        params: { response_type: type, nonce: 'n' },
        application: {
          ...demand,
          responseTypes: [type],
          grantTypes: ['authorization_code', 'implicit'],
        },
      },
      'unauthorized_client',
    ],
  ),
);
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
    ...unboundCases,
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
    ['without openid', sent({ scope: 'profile', resource: undefined }), 'invalid_scope'],
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
    [
      'none of a confidential client that must',
      {
        params: { code_challenge: undefined, code_challenge_method: undefined },
        application: { authMethod: 'client_secret_basic', isPkceRequired: true },
      },
      'invalid_request',
    ],
    ['method alone', sent({ code_challenge: undefined }), 'invalid_request'],
    ['plain', sent({ code_challenge_method: 'plain' }), 'invalid_request'],
    ['plain by default', sent({ code_challenge_method: undefined }), 'invalid_request'],
    ['other case', sent({ code_challenge_method: 's256' }), 'invalid_request'],
    ['too short', sent({ code_challenge: 'abc' }), 'invalid_request'],
    ['padded', sent({ code_challenge: `${goodParams.code_challenge}=` }), 'invalid_request'],
  ],
  'prompt=none alone': [
    ['none with login', sent({ prompt: 'none login' }), 'invalid_request'],
    ['none twice', sent({ prompt: 'none none' }), 'invalid_request'],
    ['none with an unknown one', sent({ prompt: 'none magic' }), 'invalid_request'],
    ['create', sent({ prompt: 'create' }), 'invalid_request'],
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
  'resources obtainable': [
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
    ['state', sent({ state: 's'.repeat(8193) }), 'invalid_request'],
    ['login_hint', sent({ login_hint: 'x'.repeat(8193) }), 'invalid_request'],
    ['id_token_hint', sent({ id_token_hint: 'x'.repeat(32_769) }), 'invalid_request'],
    ['ui_locales', sent({ ui_locales: 'x'.repeat(8193) }), 'invalid_request'],
    ['all together', sent({ state: 's'.repeat(8192), nonce: 'n'.repeat(4096) }), 'invalid_request'],
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

  test.each([
    ['magic', []],
    ['login magic', ['login']],
    ['None', []],
  ])('RFC 6749 §3.1: prompt values of unknown extensions are ignored (%s)', (prompt, prompts) => {
    expect(checkedRequest(sent({ prompt }))?.prompts).toEqual(prompts);
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
        // A request object that cannot be read is told in place of a redirect URI it may have held.
        if (pageChecks[i]?.name === 'redirect_uri registered' && later.origin?.problem !== undefined)
          continue;
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
