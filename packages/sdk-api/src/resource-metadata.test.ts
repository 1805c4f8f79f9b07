import { expect, test } from 'vitest';
import { protectedResourceMetadata } from './resource-metadata.ts';

const issuer = 'https://id.example.com/';
const metadata = protectedResourceMetadata({
  resource: 'https://api.example.com/mcp',
  authorizationServers: [issuer],
  scopes: ['openid', 'quotes:read'],
  name: 'Quotes',
  documentation: 'https://api.example.com/docs',
  dpop: 'required',
});

test('RFC 9728 §2: the document names the resource, its issuers and scopes', () => {
  expect(metadata.document).toEqual({
    resource: 'https://api.example.com/mcp',
    authorization_servers: ['https://id.example.com'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['openid', 'quotes:read'],
    resource_name: 'Quotes',
    resource_documentation: 'https://api.example.com/docs',
    dpop_bound_access_tokens_required: true,
  });
});

test.each([
  ['https://api.example.com', '/.well-known/oauth-protected-resource'],
  ['https://api.example.com/', '/.well-known/oauth-protected-resource'],
  ['https://api.example.com/mcp', '/.well-known/oauth-protected-resource/mcp'],
  ['http://localhost:5000/a/b', '/.well-known/oauth-protected-resource/a/b'],
])('RFC 9728 §3.1: the well-known part stands between host and path (%s)', (resource, path) => {
  const built = protectedResourceMetadata({ resource, authorizationServers: [issuer] });
  expect([built.path, built.url]).toEqual([path, new URL(resource).origin + path]);
  expect(built.document.resource).toBe(resource);
});

test.each([
  'http://api.example.com',
  'https://api.example.com/?x=1',
  'https://api.example.com/#x',
  'https://me@api.example.com/',
  'api.example.com',
])('RFC 9728 §1.2: %s is no resource identifier', (resource) => {
  expect(() => protectedResourceMetadata({ resource, authorizationServers: [issuer] })).toThrow(
    'resource must be',
  );
});

test('a resource without issuers is refused at start', () => {
  expect(() =>
    protectedResourceMetadata({ resource: 'https://a.example', authorizationServers: [] }),
  ).toThrow('at least one issuer');
});
