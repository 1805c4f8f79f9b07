import { limits } from './limits.ts';
import { parseStrictJson } from './strict-json.ts';

/** How a claim was asked for (OpenID Connect Core §5.5.1). */
export interface ClaimWish {
  readonly name: string;
  readonly isEssential: boolean;
  /** Values one of which it must have; empty when any will do. */
  readonly values: readonly string[];
}

/** The `claims` parameter, read. */
export interface ClaimsParameter {
  readonly idToken: readonly ClaimWish[];
  readonly userinfo: readonly ClaimWish[];
}

/** Names of claims asked for one by one, for tokens to carry. */
export interface RequestedClaims {
  readonly idToken: readonly string[];
  readonly userinfo: readonly string[];
}

const maximumClaims = 50;
const claimName = /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((entry) => typeof entry === 'string').slice(0, 20);
}

function wishOf(name: string, value: unknown): ClaimWish | undefined {
  if (value === null) return { name, isEssential: false, values: [] };
  if (!isObject(value)) return undefined;
  if (value.essential !== undefined && typeof value.essential !== 'boolean') return undefined;
  return {
    name,
    isEssential: value.essential === true,
    values: value.values === undefined ? texts(value.value) : texts(value.values),
  };
}

function wishesOf(value: unknown): readonly ClaimWish[] | undefined {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > maximumClaims) return undefined;
  const wishes: ClaimWish[] = [];
  for (const [name, wish] of entries) {
    const read = claimName.test(name) ? wishOf(name, wish) : undefined;
    if (read === undefined) return undefined;
    wishes.push(read);
  }
  return wishes;
}

/**
 * Reads the `claims` parameter. `undefined` when it is not JSON of the demanded shape or too large. Members besides
 * `id_token` and `userinfo` are ignored.
 * @see OpenID Connect Core §5.5
 */
export function parseClaimsParameter(text: string): ClaimsParameter | undefined {
  if (text.length > limits.claims) return undefined;
  const json = parseStrictJson(text);
  const value = json.kind === 'value' ? json.value : undefined;
  if (!isObject(value)) return undefined;
  const idToken = wishesOf(value.id_token);
  const userinfo = wishesOf(value.userinfo);
  return idToken === undefined || userinfo === undefined ? undefined : { idToken, userinfo };
}

/**
 * The names alone.
 * @see OpenID Connect Core §5.5
 */
export function requestedNames(claims: ClaimsParameter): RequestedClaims {
  return {
    idToken: claims.idToken.map((wish) => wish.name),
    userinfo: claims.userinfo.map((wish) => wish.name),
  };
}
