import { describe, expect, test } from 'vitest';
import { grantTypes, standardScopes } from '../wire/names.ts';
import { buildMetadata, endpointPaths } from './metadata.ts';

const issuer = 'https://id.example';
const metadata = buildMetadata(issuer, ['en', 'de']);
const list = (name: string): readonly unknown[] => {
  const value = metadata[name];
  return Array.isArray(value) ? value : [];
};

describe('buildMetadata', () => {
  test('RFC 8414 §2: the required members are there, and issuer is the issuer', () => {
    expect(metadata).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/oauth/v2/authorize`,
      token_endpoint: `${issuer}/oauth/v2/token`,
      response_types_supported: ['code'],
    });
  });

  test('OpenID Connect Discovery §3: jwks_uri, subject types and RS256 are named', () => {
    expect(metadata).toMatchObject({
      jwks_uri: `${issuer}/oauth/v2/keys`,
      subject_types_supported: ['public'],
      userinfo_endpoint: `${issuer}/oidc/v1/userinfo`,
      end_session_endpoint: `${issuer}/oidc/v1/end_session`,
    });
    expect(list('id_token_signing_alg_values_supported')).toContain('RS256');
    expect(list('scopes_supported')).toContain('openid');
  });

  test('ZITADEL dialect §1.1: every address is one of the endpoint map, under the issuer', () => {
    const addresses = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name));
    expect(addresses).toHaveLength(7);
    const known = Object.values(endpointPaths).map((path) => issuer + path);
    for (const [, address] of addresses) expect(known).toContain(address);
  });

  test('RFC 8414 §2: only the grant types the token endpoint knows are named, and all of them', () => {
    expect(list('grant_types_supported').toSorted()).toEqual(Object.values(grantTypes).toSorted());
  });

  test('RFC 8414 §2: only standard scopes that yield something are named', () => {
    expect(list('scopes_supported')).toEqual(standardScopes.filter((scope) => scope !== 'address'));
  });

  test('RFC 7636 §6.2: S256 is the only code challenge method', () => {
    expect(list('code_challenge_methods_supported')).toEqual(['S256']);
  });

  test('RFC 8414 §2: assertion algorithms stand beside every endpoint that takes assertions, and none is none', () => {
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      expect(list(`${endpoint}_endpoint_auth_methods_supported`)).toContain('private_key_jwt');
      expect(list(`${endpoint}_endpoint_auth_signing_alg_values_supported`)).toEqual(['RS256']);
    }
    expect(list('introspection_endpoint_auth_methods_supported')).not.toContain('none');
  });

  test('RFC 9207 §3: the iss parameter is announced', () => {
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true);
  });

  test('OpenID Connect Discovery §3: what is not supported is denied, since the defaults would promise it', () => {
    expect(metadata).toMatchObject({
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      claims_parameter_supported: false,
    });
    for (const absent of ['registration_endpoint', 'device_authorization_endpoint', 'check_session_iframe'])
      expect(metadata).not.toHaveProperty(absent);
  });

  test('RFC 8414 §2: no member is empty, and languages are those of the instance', () => {
    for (const [name, value] of Object.entries(metadata)) {
      expect([name, value]).not.toEqual([name, []]);
      if (Array.isArray(value)) expect(new Set(value).size).toBe(value.length);
    }
    expect(list('ui_locales_supported')).toEqual(['en', 'de']);
  });
});
