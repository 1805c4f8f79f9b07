import type { AttackRequest } from './attack-request.ts';
import type { AttackWorld } from './attack-world.ts';

/** What must come back. Every answer is held to the oracles besides: no 5xx, no-store, no secret, no change of state. */
export type AttackOutcome =
  | { readonly kind: 'json'; readonly status: number; readonly error?: string }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'page'; readonly status: number }
  | { readonly kind: 'redirect'; readonly error: string; readonly in: 'query' | 'fragment' }
  | { readonly kind: 'status'; readonly status: number };

/** One attack: what is sent, what must happen, and where the rule or the story comes from. */
export interface AttackCase {
  readonly id: string;
  readonly what: string;
  readonly source: string;
  readonly request: (world: AttackWorld) => AttackRequest | Promise<AttackRequest>;
  readonly outcome: AttackOutcome;
}

/** An endpoint for programs answers with this error. */
export function json(status: number, error?: string): AttackOutcome {
  return { kind: 'json', status, ...(error === undefined ? {} : { error }) };
}

/** A page of ours says so, and nobody is sent anywhere. */
export function page(status = 400): AttackOutcome {
  return { kind: 'page', status };
}

/** The application hears an error at its registered address. */
export function redirect(error: string, where: 'query' | 'fragment' = 'query'): AttackOutcome {
  return { kind: 'redirect', error, in: where };
}

/** Introspection says no more than that. */
export const inactive: AttackOutcome = { kind: 'inactive' };

/** An authorization request of the front end, with some parameters replaced; an empty one is left out. */
export function authorize(
  world: AttackWorld,
  changes: Readonly<Record<string, string>> = {},
  raw = '',
): AttackRequest {
  const usual = {
    client_id: world.spa.clientId,
    redirect_uri: world.spa.redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: world.challenge,
    code_challenge_method: 'S256',
  };
  const kept = Object.entries({ ...usual, ...changes }).filter(([, value]) => value !== '');
  return { path: `/oauth/v2/authorize?${new URLSearchParams(kept)}${raw}` };
}

/** A request to the token endpoint. */
export function token(
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): AttackRequest {
  return { path: '/oauth/v2/token', form, headers };
}

/** An introspection by the API. */
export function introspection(world: AttackWorld, text: string): AttackRequest {
  return { path: '/oauth/v2/introspect', form: { token: text }, headers: world.basicOf(world.api) };
}

/** A call of userinfo with a token. */
export function userinfo(text: string): AttackRequest {
  return { path: '/oidc/v1/userinfo', headers: { authorization: `Bearer ${text}` } };
}
