import { limits } from '../wire/limits.ts';
import type { OAuthErrorCode } from '../wire/names.ts';
import type { Params } from '../wire/params.ts';
import { parseScope } from '../wire/scope.ts';

/** Whom a backchannel authentication request is about. */
export type BackchannelHint =
  | { readonly kind: 'login'; readonly loginHint: string }
  | { readonly kind: 'id-token'; readonly idToken: string };

/** A backchannel authentication request whose parameters are in order. */
export interface BackchannelRequest {
  readonly scopes: readonly string[];
  readonly hint: BackchannelHint;
  readonly acrValues: readonly string[];
  readonly lifeSeconds: number;
  readonly bindingMessage?: string;
  /** There in ping mode. */
  readonly notificationToken?: string;
}

/** The request, or the error to answer with. */
export type BackchannelVerdict =
  | { readonly kind: 'checked'; readonly request: BackchannelRequest }
  | { readonly kind: 'refused'; readonly error: OAuthErrorCode; readonly description: string };

type Problem = readonly [error: OAuthErrorCode, description: string];

const usualLifeSeconds = 300;
const maximumLifeSeconds = 1800;
const maximumBindingMessage = 100;
const maximumNotificationToken = 1024;
const maximumLoginHint = 8192;
const maximumAcrValues = 10;
const hintNames = ['login_hint', 'id_token_hint', 'login_hint_token'] as const;

/** RFC 6750 §2.1, since the token comes back in a Bearer header. */
const bearerToken = /^[A-Za-z0-9._~+/-]+=*$/;

interface Check {
  readonly name: string;
  readonly problemOf: (params: Params, deliveryMode: 'poll' | 'ping') => Problem | undefined;
}

/** The checks in order. */
const checks: readonly Check[] = [
  {
    name: 'nothing that is not supported',
    problemOf: (params) => {
      if (params.has('request_uri'))
        return ['invalid_request', 'request_uri is not supported; send the signed request in request'];
      return params.has('resource')
        ? ['invalid_target', 'resource is not supported here; ask for the audience by scope']
        : undefined;
    },
  },
  {
    name: 'scope with openid',
    problemOf: (params) => {
      if (!params.has('scope')) return ['invalid_request', 'scope is missing; ask for openid at least'];
      const scopes = parseScope(params.get('scope'));
      if (scopes === undefined)
        return ['invalid_scope', 'scope has characters a scope must not have, or too many entries'];
      return scopes.includes('openid') ? undefined : ['invalid_scope', 'scope must contain openid'];
    },
  },
  {
    name: 'exactly one hint',
    problemOf: (params) => {
      const given = hintNames.filter((name) => params.has(name));
      const [only] = given;
      if (given.length !== 1 || only === undefined)
        return ['invalid_request', 'send exactly one of login_hint and id_token_hint'];
      if (only === 'login_hint_token')
        return ['invalid_request', 'login_hint_token is not supported; send login_hint or id_token_hint'];
      const most = only === 'id_token_hint' ? limits.readText : maximumLoginHint;
      return (params.get(only)?.length ?? 0) > most
        ? ['invalid_request', `${only} is longer than ${most} characters`]
        : undefined;
    },
  },
  {
    name: 'binding message printable and short',
    problemOf: (params) => {
      const message = params.get('binding_message');
      const isFit =
        message === undefined ||
        (message.length <= maximumBindingMessage && !/[\p{C}\p{Zl}\p{Zp}]/u.test(message));
      return isFit
        ? undefined
        : [
            'invalid_binding_message',
            `binding_message must be at most ${maximumBindingMessage} printable characters`,
          ];
    },
  },
  {
    name: 'notification token in ping mode',
    problemOf: (params, deliveryMode) => {
      if (deliveryMode === 'poll') return undefined;
      const token = params.get('client_notification_token');
      if (token === undefined)
        return ['invalid_request', 'client_notification_token is missing; ping mode needs one'];
      return token.length <= maximumNotificationToken && bearerToken.test(token)
        ? undefined
        : [
            'invalid_request',
            `client_notification_token must be a bearer token of at most ${maximumNotificationToken} characters`,
          ];
    },
  },
  {
    name: 'requested expiry a number of seconds',
    problemOf: (params) =>
      /^[1-9][0-9]{0,9}$/.test(params.get('requested_expiry') ?? '1')
        ? undefined
        : ['invalid_request', 'requested_expiry must be a positive whole number of seconds'],
  },
  {
    name: 'few acr values',
    problemOf: (params) =>
      acrValuesOf(params).length <= maximumAcrValues && (params.get('acr_values')?.length ?? 0) <= 1000
        ? undefined
        : ['invalid_request', `acr_values may hold at most ${maximumAcrValues} values`],
  },
];

function acrValuesOf(params: Params): readonly string[] {
  return (params.get('acr_values') ?? '').split(' ').filter((value) => value !== '');
}

function hintOf(params: Params): BackchannelHint {
  const idToken = params.get('id_token_hint');
  return idToken === undefined
    ? { kind: 'login', loginHint: params.get('login_hint') ?? '' }
    : { kind: 'id-token', idToken };
}

/**
 * Judges the parameters of a backchannel authentication request. A life asked for that is longer than the server gives
 * is cut; the answer tells what it is.
 * @see OpenID CIBA Core §7.1, §7.2, §13
 */
export function checkBackchannelRequest(params: Params, deliveryMode: 'poll' | 'ping'): BackchannelVerdict {
  for (const { problemOf } of checks) {
    const problem = problemOf(params, deliveryMode);
    if (problem !== undefined) return { kind: 'refused', error: problem[0], description: problem[1] };
  }
  const bindingMessage = params.get('binding_message');
  const notificationToken = deliveryMode === 'ping' ? params.get('client_notification_token') : undefined;
  return {
    kind: 'checked',
    request: {
      scopes: parseScope(params.get('scope')) ?? [],
      hint: hintOf(params),
      acrValues: acrValuesOf(params),
      lifeSeconds: Math.min(Number(params.get('requested_expiry') ?? usualLifeSeconds), maximumLifeSeconds),
      ...(bindingMessage === undefined ? {} : { bindingMessage }),
      ...(notificationToken === undefined ? {} : { notificationToken }),
    },
  };
}
