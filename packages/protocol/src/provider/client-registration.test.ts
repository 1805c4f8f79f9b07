import { describe, expect, test } from 'vitest';
import { parseClientMetadata } from '../wire/client-metadata.ts';
import { buildClientInformation, registrationNotes } from './client-information.ts';
import { checkRegistration, isSectorOf, needsSecret } from './client-registration.ts';
import type { RegistrationRules } from './registration-basics.ts';
import { parseRegistrationPolicy } from './registration-policy.ts';

const everything = {
  grantTypes: [
    ...['authorization_code', 'implicit', 'refresh_token'],
    ...['urn:ietf:params:oauth:grant-type:device_code', 'urn:openid:params:grant-type:ciba'],
  ],
  responseTypes: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'],
};
const rules: RegistrationRules = {
  policy: parseRegistrationPolicy(everything),
  signingAlgorithms: ['RS256', 'ES256'],
  source: 'registration',
};
const uri = 'https://a.example/cb';
const key = { kty: 'EC', crv: 'P-256', kid: 'k', x: 'x', y: 'y' };

const hybrid = { response_types: ['code token'], grant_types: ['authorization_code', 'implicit'] };

function check(change: object, over: Partial<RegistrationRules> = {}) {
  const parsed = parseClientMetadata({ redirect_uris: [uri], ...change });
  return parsed.kind === 'refused' ? parsed : checkRegistration(parsed.metadata, { ...rules, ...over });
}

function settingsOf(change: object, over: Partial<RegistrationRules> = {}) {
  const verdict = check(change, over);
  if (verdict.kind !== 'accepted') throw new Error(verdict.detail);
  return verdict.settings;
}

describe('checkRegistration', () => {
  test('RFC 7591 §2: what is left out has the default of the standard', () => {
    expect(settingsOf({})).toMatchObject({
      type: 'web',
      authMethod: 'client_secret_basic',
      grantTypes: ['authorization_code'],
      responseTypes: ['code'],
      idTokenSigningAlg: 'RS256',
      subjectType: 'public',
      isThirdParty: true,
      isAuthTimeRequired: false,
    });
  });

  test.each([
    [{}, 'web'],
    [{ application_type: 'native' }, 'native'],
    [{ token_endpoint_auth_method: 'none' }, 'user_agent'],
    [{ token_endpoint_auth_method: 'none', redirect_uris: ['http://localhost:1/cb'] }, 'native'],
    [{ token_endpoint_auth_method: 'none', redirect_uris: ['com.example:/cb'] }, 'native'],
    [{ application_type: 'native', redirect_uris: ['http://[::1]:9/cb'] }, 'native'],
    [{ redirect_uris: ['http://localhost:1/cb'] }, 'web'],
  ] as const)('OpenID Connect Dynamic Client Registration §2: %j makes a %s application', (change, type) => {
    expect(settingsOf(change).type).toBe(type);
  });

  test.each([
    [{ redirect_uris: ['http://a.example/cb'] }],
    [{ redirect_uris: ['com.example:/cb'] }],
    [{ redirect_uris: ['https://u:p@a.example/cb'] }],
    [{ redirect_uris: ['data:text/html,x'], application_type: 'native' }],
    [{ redirect_uris: ['http://a.example/cb'], application_type: 'native' }],
    [{ redirect_uris: ['http://localhost/cb'], application_type: 'web', token_endpoint_auth_method: 'none' }],
    [{ redirect_uris: ['http://localhost/cb'], response_types: ['id_token'], grant_types: ['implicit'] }],
    [{ redirect_uris: ['https://a.example/\u00e4'] }],
    [{ redirect_uris: ['https://a.example/"'] }],
    [{ redirect_uris: [`https://a.example/${'x'.repeat(2000)}`] }],
    [{ redirect_uris: [] }],
  ])('RFC 7591 §5, RFC 8252 §7: %j is invalid_redirect_uri', (change) => {
    expect(check(change)).toMatchObject({ kind: 'refused', code: 'invalid_redirect_uri' });
  });

  test('a policy may let http redirect URIs pass', () => {
    const policy = { ...rules.policy, isHttpRedirectAllowed: true };
    expect(check({ redirect_uris: ['http://intranet/cb'] }, { policy }).kind).toBe('accepted');
  });

  test.each([
    [{ response_types: ['token'] }],
    [{ response_types: ['code'], grant_types: ['implicit'] }],
    [{ response_types: ['id_token'], grant_types: ['authorization_code'] }],
    [{ response_types: ['id_token'], grant_types: ['implicit', 'authorization_code'] }],
    [{ response_types: ['code id_token'], grant_types: ['authorization_code'] }],
    [{ grant_types: [] }],
    [{ grant_types: ['password'] }],
    [{ response_types: ['none'] }],
    [{ ...hybrid, dpop_bound_access_tokens: true }],
    [{ ...hybrid, tls_client_certificate_bound_access_tokens: true }],
  ])('RFC 7591 §2.1: %j does not go together', (change) => {
    expect(check(change)).toMatchObject({ kind: 'refused', code: 'invalid_client_metadata' });
  });

  test('RFC 7591 §2: of the grant and response types asked for, those that policy allows are registered and told', () => {
    const policy = {
      ...rules.policy,
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
    } as const;
    const settings = settingsOf(
      {
        grant_types: ['authorization_code', 'implicit', 'refresh_token', 'urn:example:unheard'],
        response_types: ['code', 'id_token', 'code id_token'],
        scope: '',
      },
      { policy },
    );
    expect(settings).toMatchObject({
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
    });
    expect(buildClientInformation('7', settings, {})).toMatchObject({
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    });
  });

  test('Multiple Response Types §3: the words of a response type may come in any order', () => {
    const settings = settingsOf({
      response_types: ['token id_token code', 'code'],
      grant_types: ['authorization_code', 'implicit'],
    });
    expect(settings.responseTypes).toEqual(['code', 'code id_token token']);
  });

  test('RFC 8628: a client of the device grant needs no redirect URI', () => {
    const change = {
      redirect_uris: undefined,
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      token_endpoint_auth_method: 'none',
    };
    expect(settingsOf(change)).toMatchObject({ redirectUris: [], responseTypes: [] });
  });

  test.each([
    [{ token_endpoint_auth_method: 'private_key_jwt' }],
    [{ token_endpoint_auth_method: 'self_signed_tls_client_auth' }],
    [{ token_endpoint_auth_method: 'tls_client_auth' }],
    [
      {
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_dns: 'a',
        tls_client_auth_san_ip: '1.1.1.1',
      },
    ],
    [{ tls_client_auth_san_dns: 'a.example' }],
    [{ token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg: 'RS256' }],
    [
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [key] },
        token_endpoint_auth_signing_alg: 'none',
      },
    ],
    [{ id_token_signed_response_alg: 'HS256' }],
    [{ authorization_signed_response_alg: 'EdDSA' }],
    [{ request_object_signing_alg: 'none' }],
    [{ id_token_encrypted_response_alg: 'RSA-OAEP' }],
    [{ id_token_encrypted_response_alg: 'RSA1_5', jwks: { keys: [key] } }],
    [{ id_token_encrypted_response_enc: 'A128GCM' }],
    [{ require_signed_request_object: true }],
    [{ subject_type: 'secret' }],
    [{ application_type: 'desktop' }],
    [{ backchannel_token_delivery_mode: 'push' }],
    [{ backchannel_token_delivery_mode: 'ping' }],
    [{ grant_types: ['authorization_code', 'urn:openid:params:grant-type:ciba'] }],
    [{ backchannel_user_code_parameter: true }],
    [{ post_logout_redirect_uris: ['http://a.example/bye'] }],
    [{ request_uris: ['http://a.example/request'] }],
  ])('RFC 7591 §3.2.2: %j is invalid_client_metadata', (change) => {
    expect(check(change)).toMatchObject({ kind: 'refused', code: 'invalid_client_metadata' });
  });

  test('RFC 7591 §3.2.1: what was registered is told by the names it came by', () => {
    const metadata = {
      redirect_uris: [uri],
      post_logout_redirect_uris: ['https://a.example/bye'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [key] },
      id_token_signed_response_alg: 'ES256',
      id_token_encrypted_response_alg: 'ECDH-ES',
      userinfo_signed_response_alg: 'RS256',
      request_uris: ['https://a.example/request#hash'],
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      default_acr_values: ['urn:x'],
      frontchannel_logout_uri: 'https://a.example/front',
      frontchannel_logout_session_required: true,
      backchannel_logout_uri: 'https://a.example/back',
      software_version: '2',
      subject_type: 'pairwise',
    };
    const parsed = parseClientMetadata(metadata);
    if (parsed.kind === 'refused') throw new Error(parsed.detail);
    const told = buildClientInformation('7', settingsOf(metadata), registrationNotes(parsed.metadata));
    expect(told).toMatchObject({
      ...metadata,
      client_id: '7',
      backchannel_logout_session_required: false,
      id_token_encrypted_response_enc: 'A128CBC-HS256',
    });
    expect(Object.values(told)).not.toContain(null);
  });

  test('OpenID Connect Core §8.1: the host of sector_identifier_uri is the sector', () => {
    const verdict = check({ subject_type: 'pairwise', sector_identifier_uri: 'https://s.example:8443/x' });
    expect(verdict).toMatchObject({
      settings: { sectorIdentifier: 's.example:8443' },
      sectorUri: 'https://s.example:8443/x',
    });
    expect(isSectorOf([uri, 'x'], [uri])).toBe(true);
    expect(isSectorOf(['x'], [uri])).toBe(false);
    expect(isSectorOf({ 0: uri }, [uri])).toBe(false);
  });

  test('RFC 6749 §2.3.1: secrets are for the methods that use one', () => {
    expect(needsSecret('client_secret_jwt')).toBe(true);
    expect(needsSecret('private_key_jwt')).toBe(false);
    expect(needsSecret('none')).toBe(false);
  });
});

describe('parseRegistrationPolicy', () => {
  test('RFC 7591 §5: an empty or broken policy is the careful one', () => {
    const careful = {
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      isHttpRedirectAllowed: false,
      maximumApplications: 1000,
      isThirdParty: true,
    };
    for (const stored of [{}, null, 'x', { maximumApplications: -1, isThirdParty: 'no', grantTypes: 7 }])
      expect(parseRegistrationPolicy(stored)).toEqual(careful);
  });
});
