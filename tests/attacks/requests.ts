import { basicOf } from '../flows/flow-world.ts';
import type { AttackRequest } from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';

type Fields = Readonly<Record<string, string>>;

/** RFC 7636, appendix B. */
export const someChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** Fields without those an attack leaves out by an empty value. */
function withoutEmpty(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

/** An authorization request of the shop's front end; an empty value leaves a parameter out, `raw` is appended. */
export function authorize({ shop }: AttackWorld, changes: Fields = {}, raw = ''): AttackRequest {
  const params = withoutEmpty({
    client_id: shop.spa.clientId,
    redirect_uri: shop.spa.redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: someChallenge,
    code_challenge_method: 'S256',
    ...changes,
  });
  return { path: `/oauth/v2/authorize?${new URLSearchParams(params)}${raw}` };
}

/** A request to the token endpoint; an empty value leaves a parameter out. */
export function token(form: Fields, headers: Fields = {}): AttackRequest {
  return { path: '/oauth/v2/token', form: withoutEmpty(form), headers };
}

/** An introspection, by the shop's API unless said otherwise. */
export function introspection(
  { shop }: AttackWorld,
  text: string,
  headers: Fields = basicOf(shop.api),
): AttackRequest {
  return { path: '/oauth/v2/introspect', form: { token: text }, headers };
}

/** A call of userinfo with a bearer token. */
export function userinfo(text: string): AttackRequest {
  return { path: '/oidc/v1/userinfo', headers: { authorization: `Bearer ${text}` } };
}

/** A call of the management API; `path` is what follows `/api/v1`. */
export function api(accessToken: string, method: string, path: string, json?: unknown): AttackRequest {
  return {
    path: `/api/v1${path}`,
    method,
    headers: { authorization: `Bearer ${accessToken}` },
    ...(json === undefined ? {} : { json }),
  };
}
