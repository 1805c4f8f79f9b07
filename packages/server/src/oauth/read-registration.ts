import {
  type ClientMetadata,
  checkRegistration,
  findUncallableAddresses,
  isSectorOf,
  parseClientMetadata,
  parseStrictJson,
  type RegisteredSettings,
  type UncallableAddress,
} from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { maximumFormBytes, type RequestContext } from '../platform/http.ts';
import { registrationRules } from '../platform/registration-home.ts';
import { FetchRefused } from '../platform/safe-fetch.ts';

/** A registration whose metadata has been found good. */
export interface ReadRegistration {
  readonly body: Readonly<Record<string, unknown>>;
  readonly metadata: ClientMetadata;
  readonly settings: RegisteredSettings;
}

/** 401 of the registration endpoints (RFC 6750 §3.1, RFC 7592 §2). */
export function refuseToken(description: string): OAuthError {
  const challenge = `Bearer realm="Latchkey", error="invalid_token", error_description="${description}"`;
  return new OAuthError('invalid_token', description, {
    status: 401,
    headers: { 'www-authenticate': challenge },
  });
}

/** The bearer token of a request; `undefined` when it sent none. Throws `OAuthError` 401 for any other scheme. */
export function readBearer(context: RequestContext): string | undefined {
  const header = context.request.headers.get('authorization');
  if (header === null) return undefined;
  const [, token] = /^bearer +([\w.~+/=-]{1,300})$/i.exec(header) ?? [];
  if (token === undefined) throw refuseToken('send the token as Authorization: Bearer');
  return token;
}

async function readJson(context: RequestContext): Promise<Readonly<Record<string, unknown>>> {
  const type = context.request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new OAuthError('invalid_client_metadata', 'the body must be application/json');
  const json = parseStrictJson(await context.request.readText(maximumFormBytes));
  if (json.kind === 'malformed') throw new OAuthError('invalid_client_metadata', json.detail);
  const { value } = json;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OAuthError('invalid_client_metadata', 'client metadata must be a JSON object');
  return { ...value };
}

async function fetchSector(context: RequestContext, uri: string): Promise<unknown> {
  const { deps, instance } = context;
  const refusal = 'sector_identifier_uri could not be read; it must answer 200 with a JSON list';
  try {
    const answer = await deps.safeFetch(uri, {
      accept: 'application/json',
      maximumBytes: maximumFormBytes,
      instanceId: instance.id,
    });
    const json = parseStrictJson(answer.body);
    if (answer.status === 200 && json.kind === 'value') return json.value;
    throw new OAuthError('invalid_client_metadata', refusal, { internal: `status ${answer.status}` });
  } catch (error) {
    if (!(error instanceof FetchRefused)) throw error;
    throw new OAuthError('invalid_client_metadata', refusal, { internal: error.message, cause: error });
  }
}

const calledMembers = {
  jwksUri: 'jwks_uri',
  requestUris: 'request_uris',
  backchannelLogoutUri: 'backchannel_logout_uri',
  cibaNotificationEndpoint: 'backchannel_client_notification_endpoint',
} as const satisfies Record<UncallableAddress['setting'], string>;

/**
 * Refuses an address that this server would be asked to call and never will. RFC 7591 §3.2.2: nobody watches over a client
 * that registers itself, so it is told at once. Names are not looked up: what they resolve to is judged on calling.
 */
function refuseUncallable(context: RequestContext, settings: RegisteredSettings): void {
  const [first] = findUncallableAddresses(settings, context.deps.outboundRules.findProblem);
  if (first === undefined) return;
  const reason = {
    'not-https': 'is not https',
    'not-public': 'is not a public address',
    'not-callable': 'is no URL this server calls',
  }[first.kind];
  throw new OAuthError(
    'invalid_client_metadata',
    `${calledMembers[first.setting]} ${reason}; use a public https URL`,
  );
}

/**
 * The registration a request asks for. Throws `OAuthError` with the code of RFC 7591 §3.2.2 when it cannot be had;
 * fetches `sector_identifier_uri` when there is one (OpenID Connect Core §8.1).
 */
export async function readRegistration(context: RequestContext): Promise<ReadRegistration> {
  const body = await readJson(context);
  const parsed = parseClientMetadata(body);
  if (parsed.kind === 'refused') throw new OAuthError(parsed.code, parsed.detail);
  const { metadata } = parsed;
  const rules = { ...registrationRules(context.instance), source: 'registration' as const };
  const verdict = checkRegistration(metadata, rules);
  if (verdict.kind === 'refused') throw new OAuthError(verdict.code, verdict.detail);
  refuseUncallable(context, verdict.settings);
  if (verdict.sectorUri !== undefined) {
    const sector = await fetchSector(context, verdict.sectorUri);
    if (!isSectorOf(sector, verdict.settings.redirectUris))
      throw new OAuthError(
        'invalid_client_metadata',
        'the list at sector_identifier_uri does not hold every redirect URI',
      );
  }
  return { body, metadata, settings: verdict.settings };
}
