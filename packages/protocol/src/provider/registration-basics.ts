import type { ClientMetadata } from '../wire/client-metadata.ts';
import { grantTypes, type SigningAlgorithm } from '../wire/names.ts';
import type { RegistrationPolicy } from './registration-policy.ts';
import { isLoopback, isPrivateScheme } from './registration-uris.ts';

/** What a registration is held against. */
export interface RegistrationRules {
  readonly policy: RegistrationPolicy;
  /** Algorithms the server has an active key for. */
  readonly signingAlgorithms: readonly SigningAlgorithm[];
  /** A metadata document holds no secrets, so its client cannot have one. */
  readonly source: 'registration' | 'document';
}

function wordsInOrder(type: string): string {
  const order = ['code', 'id_token', 'token'];
  const words = type.split(' ');
  return words.every((word) => order.includes(word))
    ? [...words].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(' ')
    : type;
}

/** Settings that depend on one another, with their defaults (RFC 7591 §2, OpenID Connect Dynamic Client Registration §2). */
export interface RegistrationBasics {
  readonly method: string;
  readonly type: 'user_agent' | 'web' | 'native';
  readonly grants: readonly string[];
  readonly responses: readonly string[];
}

function typeOf(metadata: ClientMetadata, method: string): RegistrationBasics['type'] {
  const { applicationType, redirectUris = [] } = metadata;
  if (applicationType === 'native') return 'native';
  if (method !== 'none') return 'web';
  // Many native clients do not say that they are; where they want to be sent back to does.
  const looksNative = redirectUris.some((uri) => isLoopback(uri) || isPrivateScheme(uri));
  return applicationType === undefined && looksNative ? 'native' : 'user_agent';
}

/**
 * Those of some values that policy allows. Clients ask for all that discovery lists; what is registered instead is told in
 * the answer (RFC 7591 §2). Where nothing is left, all stay, for the refusal to name them.
 */
function allowedOf(asked: readonly string[], allowed: readonly string[]): readonly string[] {
  const kept = asked.filter((value) => allowed.includes(value));
  return kept.length === 0 ? asked : kept;
}

/**
 * What a client asks for, with the defaults, and reduced to what policy allows.
 * @see RFC 7591 §2; OpenID Connect Dynamic Client Registration §2
 */
export function registrationBasics(metadata: ClientMetadata, rules: RegistrationRules): RegistrationBasics {
  const usual = rules.source === 'document' ? 'none' : 'client_secret_basic';
  const method = metadata.tokenEndpointAuthMethod ?? usual;
  const grants = allowedOf(metadata.grantTypes ?? [grantTypes.authorizationCode], rules.policy.grantTypes);
  const usualResponses = grants.includes(grantTypes.authorizationCode) ? ['code'] : [];
  const asked = (metadata.responseTypes ?? usualResponses).map(wordsInOrder);
  const responses = allowedOf(asked, rules.policy.responseTypes);
  return { method, type: typeOf(metadata, method), grants, responses };
}
