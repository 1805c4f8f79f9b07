import { describe, expect, test } from 'vitest';
import { type Change, checkedRequest, codeOf, judge, roleScope, sent } from '../../fixtures/judge-request.ts';

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
    expect(state('s'.repeat(8192))).toHaveLength(8192);
    expect(state('s'.repeat(8193))).toBeUndefined();
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
    expect(checkedRequest(asserting)?.scopes).toEqual(['openid', 'profile', 'urn:latchkey:project:roles']);
    const one = sent({ scope: `openid ${roleScope}reader` });
    expect(checkedRequest(asserting, one)?.scopes).toEqual(['openid', `${roleScope}reader`]);
  });
});
