import type { Subject } from '@latchkey/identity';
import {
  type AccessTokenFacts,
  type ClientFacts,
  describeParamsProblem,
  parseParams,
} from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type RequestContext, readForm } from '../platform/http.ts';
import { readAccessToken } from '../platform/tokens.ts';
import { checkPossession } from './proof-of-possession.ts';

/** An error told to somebody who presents an access token (RFC 6750 §3). */
export function bearerChallenge(
  status: number,
  code: 'invalid_token' | 'invalid_request' | 'insufficient_scope',
  description: string,
): OAuthError {
  const scope = code === 'insufficient_scope' ? ', scope="openid"' : '';
  const value = `Bearer realm="Latchkey", error="${code}", error_description="${description}"${scope}`;
  return new OAuthError(code, description, { status, headers: { 'www-authenticate': value } });
}

async function bodyToken(context: RequestContext): Promise<string | undefined> {
  const type = context.request.headers.get('content-type') ?? '';
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
  if (context.request.method !== 'POST' || !isForm) return undefined;
  const { params, problem } = await readForm(context);
  if (problem !== undefined) throw bearerChallenge(400, 'invalid_request', describeParamsProblem(problem));
  return params.get('access_token');
}

/** Where a token is looked for: bodies of the management API are JSON and never hold one. */
export type TokenPlaces = 'header' | 'header-or-form';

interface SentToken {
  readonly scheme: 'bearer' | 'dpop';
  readonly text: string;
}

/** The access token of a request: from the header, or from the form of a POST (RFC 6750 §2.1, §2.2, RFC 9449 §7.1). */
async function sentToken(context: RequestContext, where: TokenPlaces): Promise<SentToken> {
  const header = context.request.headers.get('authorization');
  const inBody = where === 'header' ? undefined : await bodyToken(context);
  // RFC 6750 §2.3: addresses end up in logs, so a token in one is never looked at, nor allowed beside another.
  const isInAddress =
    context.query.includes('access_token') && parseParams(context.query).params.has('access_token');
  if ((header !== null || inBody !== undefined) && isInAddress)
    throw bearerChallenge(400, 'invalid_request', 'the access token must not be in the address');
  if (header !== null && inBody !== undefined)
    throw bearerChallenge(400, 'invalid_request', 'the access token was sent in two ways; send it once');
  if (inBody !== undefined) return { scheme: 'bearer', text: inBody };
  if (header === null) {
    // RFC 6750 §3.1: no error code when the request had no credentials at all.
    throw new OAuthError('invalid_request', 'the access token is missing; send it as Authorization: Bearer', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="Latchkey"' },
    });
  }
  const [, scheme, text] = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header) ?? [];
  if (scheme === undefined || text === undefined)
    throw bearerChallenge(
      400,
      'invalid_request',
      'the Authorization header must be Bearer or DPoP and a token',
    );
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', text };
}

/** A live access token of a request, with whose it is. */
export interface LiveToken {
  readonly token: AccessTokenFacts;
  readonly subject: Subject;
  /** The application it was issued to; machine users have none. */
  readonly client: ClientFacts | undefined;
}

/**
 * The live access token a request presents, held by the one it is bound to. Throws `OAuthError` with a challenge: 401
 * without one or with one that does not count, 400 when it is sent in a wrong way. Source: RFC 6750 §2, RFC 9449 §7.1.
 */
export async function readPresentedToken(context: RequestContext, where: TokenPlaces): Promise<LiveToken> {
  const { deps, instance } = context;
  const { scheme, text } = await sentToken(context, where);
  const reading = await readAccessToken(deps, instance, text);
  if (reading.kind === 'dead') {
    deps.log.debug({ reason: reading.reason, path: context.path }, 'access token refused');
    throw bearerChallenge(
      401,
      'invalid_token',
      'the access token has expired, was revoked or is not one of this server',
    );
  }
  const { token, subject, client } = reading;
  await checkPossession(context, { text, token, scheme, application: client?.application });
  return { token, subject, client };
}
