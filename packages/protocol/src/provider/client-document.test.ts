import { describe, expect, test } from 'vitest';
import { buildDocumentApplication, isDocumentClientId, readClientDocument } from './client-document.ts';
import { parseRegistrationPolicy } from './registration-policy.ts';

const clientId = 'https://tool.example.com/client.json';
const rules = { policy: parseRegistrationPolicy({}), signingAlgorithms: ['RS256'] as const };
const document = { client_id: clientId, redirect_uris: ['https://tool.example.com/cb'] };

describe('isDocumentClientId', () => {
  test.each([clientId, 'https://a.example/', 'https://a.example:8443/x?y=z', 'https://a.example/a/..b/.c'])(
    'draft-ietf-oauth-client-id-metadata-document §3: %s is one',
    (id) => expect(isDocumentClientId(id)).toBe(true),
  );

  test.each([
    ...['http://a.example/x', 'https://a.example', 'https://a.example?x', 'https://u@a.example/x'],
    ...['https://u:p@a.example/x', 'https://a.example/x#y', 'https://a.example/x#', 'https://a.example/./x'],
    ...[
      'https://a.example/../x',
      'https://a.example/x/..',
      'https://a.example/%2e/x',
      'https://a.example/x\\y',
    ],
    ...[
      'https://a.example/x y',
      'HTTPS://a.example/x',
      '298347298347',
      `https://a.example/${'x'.repeat(250)}`,
    ],
  ])('draft-ietf-oauth-client-id-metadata-document §3: %s is none', (id) => {
    expect(isDocumentClientId(id)).toBe(false);
  });
});

describe('readClientDocument', () => {
  const read = (change: object) =>
    readClientDocument(JSON.stringify({ ...document, ...change }), clientId, rules);

  test('draft-ietf-oauth-client-id-metadata-document §4.1: without a method the client is public and of somebody else', () => {
    const outcome = read({});
    if (outcome.kind === 'refused') throw new Error(outcome.detail);
    expect(outcome.settings).toMatchObject({
      authMethod: 'none',
      isThirdParty: true,
      name: 'tool.example.com',
    });
    const application = buildDocumentApplication('1', clientId, outcome.settings);
    expect(application).toMatchObject({
      id: '1',
      clientId,
      state: 'active',
      secrets: [],
      developmentMode: false,
    });
  });

  test('draft-ietf-oauth-client-id-metadata-document §4.1: a policy that trusts registrations does not trust documents', () => {
    const policy = parseRegistrationPolicy({ isThirdParty: false });
    const outcome = readClientDocument(JSON.stringify(document), clientId, { ...rules, policy });
    expect(outcome).toMatchObject({ settings: { isThirdParty: true } });
  });

  test.each([
    [{ client_id: `${clientId}/` }],
    [{ client_id: undefined }],
    [{ client_secret: 's' }],
    [{ client_secret_expires_at: 0 }],
    [{ token_endpoint_auth_method: 'client_secret_post' }],
    [{ token_endpoint_auth_method: 'client_secret_jwt' }],
    [{ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'a' }],
    [{ token_endpoint_auth_method: 'private_key_jwt' }],
    [{ redirect_uris: undefined }],
    [{ subject_type: 'pairwise', sector_identifier_uri: 'https://s.example/x' }],
  ])('draft-ietf-oauth-client-id-metadata-document §4.1: %j is refused', (change) => {
    expect(read(change).kind).toBe('refused');
  });
});
