import {
  buildClientInformation,
  endpointPaths,
  needsSecret,
  type RegisteredSettings,
  registrationNotes,
} from '@latchkey/protocol';
import {
  findClient,
  findRegistration,
  type Registration,
  removeClientSecrets,
  updateRegistration,
  updateState,
} from '@latchkey/store';
import { makeSecret } from '../platform/client-secret.ts';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext } from '../platform/http.ts';
import { newId, newSecret, sha256Hex } from '../platform/random.ts';
import { toColumns } from '../platform/registered-columns.ts';
import { readBearer, readRegistration, refuseToken } from './read-registration.ts';
import { registrationUri } from './register.ts';

interface Registered {
  readonly row: Registration;
  readonly settings: RegisteredSettings;
  readonly tokenSha256: string;
}

/**
 * The registration whose token a request bears. RFC 7592 §2.1: one that does not exist is answered as a wrong token is,
 * so that nobody can try out client ids.
 */
async function readRegistered(context: RequestContext): Promise<Registered> {
  const { deps, instance } = context;
  const refusal = 'the registration access token is not the one of this client';
  const token = readBearer(context);
  const clientId = context.path.slice(endpointPaths.register.length + 1);
  if (token === undefined || clientId.length > 250) throw refuseToken(refusal);
  const tokenSha256 = sha256Hex(token);
  const row = await findRegistration(deps.store.db, instance.scope, clientId, tokenSha256);
  const facts = row === undefined ? undefined : await findClient(deps.store.db, instance.scope, clientId);
  if (row === undefined || facts === undefined) throw refuseToken(refusal);
  return { row, settings: facts.application, tokenSha256 };
}

function changeOf(context: RequestContext, { row }: Registered) {
  const actor = { kind: 'client', id: row.clientId, ip: context.ip } as const;
  return { scope: context.instance.scope, actor, nowMs: context.deps.clock.now() };
}

function answer(
  context: RequestContext,
  registered: Pick<Registered, 'row' | 'settings'>,
  more: Readonly<Record<string, unknown>>,
): Answer {
  const { row, settings } = registered;
  return json(200, {
    ...buildClientInformation(row.clientId, settings, row.registrationNotes),
    client_id_issued_at: Math.floor(row.createdAtMs / 1000),
    registration_client_uri: registrationUri(context.instance, row.clientId),
    ...more,
  });
}

/** GET /oauth/v2/register/{client_id}: RFC 7592 §2.1. The secret is not told: only its hash is kept. */
export async function readClient(context: RequestContext): Promise<Answer> {
  const registered = await readRegistered(context);
  return answer(context, registered, { registration_access_token: readBearer(context) });
}

const serverMembers = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

async function checkOwnMembers(
  context: RequestContext,
  body: Readonly<Record<string, unknown>>,
  { row }: Registered,
): Promise<void> {
  if (body.client_id !== row.clientId)
    throw new OAuthError('invalid_client_metadata', 'client_id must be there and be the one of the address');
  const forbidden = serverMembers.find((name) => name in body);
  if (forbidden !== undefined)
    throw new OAuthError('invalid_client_metadata', `leave ${forbidden} out; the server decides it`);
  if (body.client_secret === undefined) return;
  const { client_secret: secret } = body;
  const facts = await findClient(context.deps.store.db, context.instance.scope, row.clientId);
  const isKnown =
    typeof secret === 'string' &&
    facts?.application.secrets.some((known) => known.sha256 === sha256Hex(secret)) === true;
  if (!isKnown)
    throw new OAuthError('invalid_client_metadata', 'client_secret cannot be chosen; leave it out');
}

/** PUT /oauth/v2/register/{client_id}: RFC 7592 §2.2. What is left out goes back to its default; the token is replaced. */
export async function replaceClient(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const registered = await readRegistered(context);
  const { row, tokenSha256 } = registered;
  const { body, metadata, settings } = await readRegistration(context);
  // Whether people are asked is the operator's to change, never the client's.
  const kept = { ...settings, isThirdParty: row.isThirdParty };
  await checkOwnMembers(context, body, registered);
  const token = newSecret('lk_reg_');
  const notes = registrationNotes(metadata);
  const isOtherMethod = settings.authMethod !== row.authMethod;
  const secret =
    isOtherMethod && needsSecret(settings.authMethod)
      ? makeSecret(instance, newId(deps.clock.now()), settings.authMethod)
      : undefined;
  await deps.store.change(changeOf(context, registered), async (change) => {
    const outcome = await updateRegistration(change, row.id, tokenSha256, {
      ...toColumns(kept),
      registrationNotes: JSON.stringify(notes),
      registrationTokenSha256: sha256Hex(token),
    });
    if (outcome === 'refused') throw refuseToken('the registration access token was replaced meanwhile');
    if (isOtherMethod) await removeClientSecrets(change, row.id);
    await secret?.store(change, row.id);
  });
  return answer(
    context,
    { row: { ...row, registrationNotes: notes }, settings },
    {
      registration_access_token: token,
      ...(secret === undefined ? {} : { client_secret: secret.text, client_secret_expires_at: 0 }),
    },
  );
}

/** DELETE /oauth/v2/register/{client_id}: RFC 7592 §2.3. Everything the client was given ends with it. */
export async function removeClient(context: RequestContext): Promise<Answer> {
  const registered = await readRegistered(context);
  await context.deps.store.change(changeOf(context, registered), (change) =>
    updateState(change, 'application', registered.row.id, 'removed'),
  );
  return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' };
}
