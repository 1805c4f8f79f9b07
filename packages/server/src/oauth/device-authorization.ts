import {
  awaitedScopes,
  type ClientFacts,
  formatUserCode,
  grantTypes,
  type Params,
  parseDeviceMaxAge,
  parseScope,
} from '@latchkey/protocol';
import { insertDeviceAuthorization, type NewDeviceAuthorization } from '@latchkey/store';
import { awaitedCodeHash } from '../platform/awaited-codes.ts';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext, readOAuthForm } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { applicationRequester, type Obtaining, obtainResources, obtainScopes } from '../platform/obtain.ts';
import { newId, newSecret } from '../platform/random.ts';
import { newUserCode, userCodeHash } from '../platform/user-codes.ts';
import { authenticateClient } from './client-auth.ts';
import { pollingApplication } from './grants/awaited.ts';

/** How long a device code lives, in seconds. */
const lifeSeconds = 600;
const intervalSeconds = 5;
const maximumResources = 10;
// With 20^8 codes two draws in a row that are both taken mean something else is wrong.
const maximumDraws = 5;

function checkRate(context: RequestContext): void {
  const { limits, clock } = context.deps;
  const now = clock.monotonicMs();
  const waitMs = limits.deviceByIp.waitMs(context.caller, now);
  if (waitMs > 0) {
    const seconds = String(Math.ceil(waitMs / 1000));
    throw new OAuthError(
      'temporarily_unavailable',
      `too many device authorizations; wait ${seconds} seconds`,
      {
        status: 429,
        headers: { 'retry-after': seconds },
      },
    );
  }
  limits.deviceByIp.count(context.caller, now);
}

async function resourcesOf(
  context: RequestContext,
  obtaining: Obtaining,
  params: Params,
): Promise<readonly string[]> {
  const asked = [...new Set((params.get('resource') ?? '').split(' ').filter((uri) => uri !== ''))];
  if (asked.length > maximumResources)
    throw new OAuthError('invalid_target', `at most ${maximumResources} resources may be named`);
  const known = await obtainResources(context, obtaining, asked);
  if (known.length < asked.length)
    throw new OAuthError(
      'invalid_target',
      'resource is not registered, or its project does not allow this application',
    );
  return asked;
}

async function store(
  context: RequestContext,
  { application }: ClientFacts,
  input: Omit<NewDeviceAuthorization, 'userCodeSha256'>,
): Promise<string> {
  const { deps, instance } = context;
  const actor = { kind: 'client', id: application.clientId, ip: context.ip } as const;
  const at = { scope: instance.scope, actor, nowMs: deps.clock.now() };
  for (let draw = 0; draw < maximumDraws; draw += 1) {
    const letters = newUserCode();
    const row = { ...input, userCodeSha256: userCodeHash(instance, letters) };
    if ((await deps.store.change(at, (change) => insertDeviceAuthorization(change, row))) === 'inserted')
      return letters;
  }
  throw new Error('no user code was free');
}

/** POST /oauth/v2/device_authorization: RFC 8628 §3.1, §3.2. */
export async function deviceAuthorization(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const params = await readOAuthForm(context);
  const client = await authenticateClient(context, params, 'single-use');
  const facts = pollingApplication(client, grantTypes.deviceCode);
  const asked = parseScope(params.get('scope'));
  if (asked === undefined)
    throw new OAuthError('invalid_scope', 'scope has characters a scope must not have, or too many entries');
  const maxAgeSeconds = parseDeviceMaxAge(params.get('max_age'));
  if (maxAgeSeconds === 'invalid')
    throw new OAuthError('invalid_request', 'max_age must be a number of seconds');
  const obtaining = applicationRequester(facts);
  const resources = await resourcesOf(context, obtaining, params);
  const { scopes } = await obtainScopes(context, obtaining, awaitedScopes(facts, asked));
  checkRate(context);
  const now = deps.clock.now();
  const deviceCode = newSecret('lk_dc_');
  const letters = await store(context, facts, {
    id: newId(now),
    deviceCodeSha256: awaitedCodeHash(instance, deviceCode),
    applicationId: facts.application.id,
    clientId: facts.application.clientId,
    scopes: [...scopes],
    resources: [...resources],
    grantId: newId(now),
    intervalSeconds,
    expiresAtMs: now + lifeSeconds * 1000,
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  }).catch((error: unknown) => {
    deps.limits.deviceByIp.refund(context.caller);
    throw error;
  });
  const userCode = formatUserCode(letters);
  return json(200, {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: publicUrl(instance, '/device'),
    verification_uri_complete: publicUrl(instance, '/device', { user_code: userCode }),
    expires_in: lifeSeconds,
    interval: intervalSeconds,
  });
}
