import { buildClientInformation, endpointPaths, needsSecret, registrationNotes } from '@latchkey/protocol';
import {
  consumeInitialAccessToken,
  countRegistrations,
  findInitialAccessToken,
  findProject,
  type InitialAccessToken,
  insertApplication,
} from '@latchkey/store';
import { makeSecret } from '../platform/client-secret.ts';
import { isOurFault, OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext } from '../platform/http.ts';
import { type InstanceContext, publicUrl } from '../platform/instances.ts';
import { newId, newSecret, sha256Hex } from '../platform/random.ts';
import { toColumns } from '../platform/registered-columns.ts';
import {
  findRegistrationHome,
  keepRegistrationHome,
  registrationRules,
} from '../platform/registration-home.ts';
import { type ReadRegistration, readBearer, readRegistration, refuseToken } from './read-registration.ts';

/** Where a registration is read, changed and ended (RFC 7592 §2). */
export function registrationUri(instance: InstanceContext, clientId: string): string {
  return publicUrl(instance, `${endpointPaths.register}/${encodeURIComponent(clientId)}`);
}

function checkLimit(context: RequestContext): void {
  const { limits, clock } = context.deps;
  const waitMs = limits.clientRegistrationByIp.waitMs(context.caller, clock.monotonicMs());
  if (waitMs > 0) {
    const seconds = String(Math.ceil(waitMs / 1000));
    throw new OAuthError('temporarily_unavailable', `too many registrations; wait ${seconds} seconds`, {
      status: 429,
      headers: { 'retry-after': seconds },
    });
  }
  limits.clientRegistrationByIp.count(context.caller, clock.monotonicMs());
}

/** The invitation a request came with; `undefined` for anybody else, where anybody may register. */
async function readInvitation(context: RequestContext): Promise<InitialAccessToken | undefined> {
  const { deps, instance } = context;
  const token = readBearer(context);
  if (token === undefined) {
    if (instance.settings.dynamicRegistration !== 'open')
      throw new OAuthError('invalid_request', 'an initial access token is needed; ask the operator for one', {
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="Latchkey"' },
      });
    checkLimit(context);
    return undefined;
  }
  const found = await findInitialAccessToken(
    deps.store.db,
    instance.scope,
    sha256Hex(token),
    deps.clock.now(),
  );
  if (found === undefined) throw refuseToken('the initial access token is unknown, expired or used up');
  return found;
}

async function save(
  context: RequestContext,
  wish: ReadRegistration,
  invitation: InitialAccessToken | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const { deps, instance } = context;
  const now = deps.clock.now();
  const id = newId(now);
  const clientId = newId(now);
  const token = newSecret('lk_reg_');
  const { settings } = wish;
  const secret = needsSecret(settings.authMethod)
    ? makeSecret(instance, newId(now), settings.authMethod)
    : undefined;
  const notes = registrationNotes(wish.metadata);
  const home =
    invitation === undefined
      ? await findRegistrationHome(deps.store, instance)
      : await findProject(deps.store.db, instance.scope, invitation.projectId);
  if (home === undefined) throw refuseToken('the project of the initial access token is gone');
  const { maximumApplications } = registrationRules(instance).policy;
  const change = {
    scope: instance.scope,
    actor: { kind: 'client', id: invitation?.id ?? 'registration', ip: context.ip } as const,
    nowMs: now,
  };
  await deps.store.change(change, async (change) => {
    if (invitation !== undefined && (await consumeInitialAccessToken(change, invitation.id)) === 'spent')
      throw refuseToken('the initial access token is unknown, expired or used up');
    if (invitation === undefined) await keepRegistrationHome(change, home);
    if ((await countRegistrations(change, home.id)) >= maximumApplications)
      throw new OAuthError('invalid_request', 'no more applications can register here; ask the operator', {
        status: 403,
      });
    await insertApplication(change, {
      id,
      clientId,
      projectId: home.id,
      organizationId: home.organizationId,
      ...toColumns(settings),
      registrationTokenSha256: sha256Hex(token),
      registrationNotes: JSON.stringify(notes),
    });
    await secret?.store(change, id);
  });
  return {
    ...buildClientInformation(clientId, settings, notes),
    client_id_issued_at: Math.floor(now / 1000),
    ...(secret === undefined ? {} : { client_secret: secret.text, client_secret_expires_at: 0 }),
    registration_client_uri: registrationUri(instance, clientId),
    registration_access_token: token,
  };
}

/** POST /oauth/v2/register: RFC 7591 §3, OpenID Connect Dynamic Client Registration §3. */
export async function register(context: RequestContext): Promise<Answer> {
  const fresh = context.deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  if (context.instance.settings.dynamicRegistration === 'off')
    throw new OAuthError('invalid_request', 'clients cannot register themselves at this server', {
      status: 404,
    });
  const invitation = await readInvitation(context);
  try {
    return json(201, await save(context, await readRegistration(context), invitation));
  } catch (error) {
    if (invitation === undefined && isOurFault(error))
      context.deps.limits.clientRegistrationByIp.refund(context.caller);
    throw error;
  }
}
