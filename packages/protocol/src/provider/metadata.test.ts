import { describe, expect, test } from 'vitest';
import { grantTypes, responseTypes, standardScopes } from '../wire/names.ts';
import { buildMetadata, endpointPaths, type MetadataFacts } from './metadata.ts';

const issuer = 'https://id.example';
const facts: MetadataFacts = {
  issuer,
  uiLocales: ['en', 'de'],
  signingAlgorithms: ['RS256', 'ES256'],
  dynamicRegistration: 'off',
  clientIdMetadata: 'off',
  selfRegistration: 'off',
  clientCertificates: 'off',
};
const metadata = buildMetadata(facts);
const everything = buildMetadata({
  ...facts,
  dynamicRegistration: 'on',
  clientIdMetadata: 'on',
  selfRegistration: 'on',
  clientCertificates: 'on',
});
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
      response_types_supported: responseTypes,
    });
  });

  test('OpenID Connect Discovery §3: jwks_uri, subject types and RS256 are named', () => {
    expect(metadata).toMatchObject({
      jwks_uri: `${issuer}/oauth/v2/keys`,
      subject_types_supported: ['public', 'pairwise'],
      userinfo_endpoint: `${issuer}/oidc/v1/userinfo`,
      end_session_endpoint: `${issuer}/oidc/v1/end_session`,
    });
    expect(list('id_token_signing_alg_values_supported')).toContain('RS256');
    expect(list('scopes_supported')).toContain('openid');
  });

  test('ZITADEL dialect §1.1: every address is one of the endpoint map, under the issuer', () => {
    const addresses = Object.entries(everything).filter(([name]) => /_endpoint$|_uri$|_iframe$/.test(name));
    expect(addresses).toHaveLength(Object.keys(endpointPaths).length - 2);
    const known = Object.values(endpointPaths).map((path) => issuer + path);
    for (const [, address] of addresses) expect(known).toContain(address);
  });

  test('RFC 8414 §2: only the grant types the token endpoint knows are named, and all of them', () => {
    expect(list('grant_types_supported').toSorted()).toEqual(Object.values(grantTypes).toSorted());
  });

  test('RFC 8414 §2: only standard scopes that yield something are named', () => {
    expect(list('scopes_supported')).toEqual(standardScopes);
  });

  test('RFC 7636 §6.2: S256 is the only code challenge method', () => {
    expect(list('code_challenge_methods_supported')).toEqual(['S256']);
  });

  test('RFC 8414 §2: assertion algorithms stand beside every endpoint that takes assertions, and none is none', () => {
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      expect(list(`${endpoint}_endpoint_auth_methods_supported`)).toContain('private_key_jwt');
      expect(list(`${endpoint}_endpoint_auth_signing_alg_values_supported`)).toEqual(
        expect.arrayContaining(['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256']),
      );
      expect(list(`${endpoint}_endpoint_auth_signing_alg_values_supported`)).not.toContain('none');
    }
    expect(list('introspection_endpoint_auth_methods_supported')).not.toContain('none');
  });

  test('RFC 9207 §3: the iss parameter is announced', () => {
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true);
  });

  test('OpenID Connect Discovery §3: what is switched off is not named', () => {
    expect(metadata).not.toHaveProperty('registration_endpoint');
    expect(metadata).not.toHaveProperty('client_id_metadata_document_supported');
    expect(metadata).not.toHaveProperty('tls_client_certificate_bound_access_tokens');
    expect(list('prompt_values_supported')).not.toContain('create');
    expect(list('token_endpoint_auth_methods_supported')).not.toContain('tls_client_auth');
    expect(everything).toMatchObject({
      registration_endpoint: `${issuer}/oauth/v2/register`,
      client_id_metadata_document_supported: true,
      tls_client_certificate_bound_access_tokens: true,
      prompt_values_supported: expect.arrayContaining(['create']),
      token_endpoint_auth_methods_supported: expect.arrayContaining(['tls_client_auth']),
    });
  });

  test('OpenID Connect Discovery §3: algorithms are those of the keys that sign, unsigned is never offered', () => {
    expect(list('id_token_signing_alg_values_supported')).toEqual(['RS256', 'ES256']);
    expect(list('request_object_signing_alg_values_supported')).toContain('RS256');
    expect(JSON.stringify(everything)).not.toMatch(/alg_values_supported":[^\]]*"none"/);
  });

  test('RFC 8414 §2: no member is empty, and languages are those of the instance', () => {
    for (const [name, value] of Object.entries(metadata)) {
      expect([name, value]).not.toEqual([name, []]);
      if (Array.isArray(value)) expect(new Set(value).size).toBe(value.length);
    }
    expect(list('ui_locales_supported')).toEqual(['en', 'de']);
  });
});
