import type { ClientMetadata } from '../wire/client-metadata.ts';
import { parseClientMetadata } from '../wire/client-metadata.ts';
import { parseStrictJson } from '../wire/strict-json.ts';
import { checkRegistration, type RegisteredSettings } from './client-registration.ts';
import type { ApplicationFacts } from './facts.ts';
import type { RegistrationRules } from './registration-basics.ts';

/** The most a client id that is a URL may hold; longer ones name nobody. */
export const maximumClientIdLength = 250;

/**
 * Whether a client id is the address of a metadata document: https, a path, no dot segments, no fragment, no user name.
 * @see draft-ietf-oauth-client-id-metadata-document §3
 */
export function isDocumentClientId(clientId: string): boolean {
  if (clientId.length > maximumClientIdLength || !/^https:\/\/[\x21-\x7e]+$/.test(clientId)) return false;
  if (!URL.canParse(clientId)) return false;
  const url = new URL(clientId);
  const path = /^https:\/\/[^/?#]+(\/[^?#]*)?/.exec(clientId)?.[1] ?? '';
  return (
    url.username === '' &&
    url.password === '' &&
    !clientId.includes('#') &&
    !clientId.includes('\\') &&
    path !== '' &&
    // Browsers read %2e as a dot, too.
    !path.split('/').some((segment) => ['.', '..'].includes(segment.replace(/%2e/gi, '.')))
  );
}

/** A client as its own document describes it, or why the document counts for nothing. */
export type ClientDocument =
  | { readonly kind: 'client'; readonly settings: RegisteredSettings }
  | { readonly kind: 'refused'; readonly detail: string };

const secretMembers = ['client_secret', 'client_secret_expires_at'];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function documentProblem(value: unknown, clientId: string): string | undefined {
  if (!isRecord(value)) return 'the document must be a JSON object';
  if (value.client_id !== clientId) return 'client_id of the document must be its own address';
  return secretMembers.some((name) => name in value)
    ? 'a document that anybody can read cannot hold a secret'
    : undefined;
}

/** A person must be able to see who asks, so the name of the document's host stands in for a missing name. */
function named(metadata: ClientMetadata, clientId: string): ClientMetadata {
  return { ...metadata, clientName: metadata.clientName ?? new URL(clientId).host };
}

/**
 * Reads a client id metadata document.
 * @see draft-ietf-oauth-client-id-metadata-document §4, §4.1
 */
export function readClientDocument(
  text: string,
  clientId: string,
  rules: Omit<RegistrationRules, 'source'>,
): ClientDocument {
  const json = parseStrictJson(text);
  if (json.kind === 'malformed') return { kind: 'refused', detail: json.detail };
  const problem = documentProblem(json.value, clientId);
  if (problem !== undefined) return { kind: 'refused', detail: problem };
  const parsed = parseClientMetadata(json.value);
  if (parsed.kind === 'refused') return { kind: 'refused', detail: parsed.detail };
  const metadata = named(parsed.metadata, clientId);
  // Its sector would have to be fetched in turn, which one request of a stranger must not cause.
  if (metadata.subjectType === 'pairwise' && metadata.sectorIdentifierUri !== undefined)
    return { kind: 'refused', detail: 'sector_identifier_uri is not taken from documents' };
  const verdict = checkRegistration(metadata, { ...rules, source: 'document' });
  return verdict.kind === 'refused'
    ? { kind: 'refused', detail: verdict.detail }
    : { kind: 'client', settings: verdict.settings };
}

/**
 * The facts of an application that is known by its document alone: the settings it names, and for all else what a new
 * application has.
 * @see draft-ietf-oauth-client-id-metadata-document §4
 */
export function buildDocumentApplication(
  id: string,
  clientId: string,
  settings: RegisteredSettings,
): ApplicationFacts {
  return {
    id,
    clientId,
    state: 'active',
    secrets: [],
    keys: [],
    additionalOrigins: [],
    developmentMode: false,
    accessTokenType: 'opaque',
    accessTokenRoleAssertion: false,
    idTokenRoleAssertion: false,
    idTokenUserinfoAssertion: false,
    idTokenClientIdAssertion: false,
    clockSkewSeconds: 0,
    accessTokenLifetimeSeconds: null,
    idTokenLifetimeSeconds: null,
    accessTokenSigningAlg: 'RS256',
    securityProfile: 'standard',
    accessTokenJwtType: null,
    isMinimalIntrospection: false,
    isSelfRegistered: true,
    isManagementClient: false,
    resourceUris: [],
    refreshIdleSeconds: null,
    refreshAbsoluteSeconds: null,
    ...settings,
  };
}
