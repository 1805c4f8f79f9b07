import {
  type ClientFacts,
  epochMs,
  type GrantType,
  type ResourceFacts,
  type ResponseType,
} from '@latchkey/protocol';
import { type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { ApplicationRow, Tables } from './tables.ts';

/** What a new application is made of; settings left out have the column's default, JSON ones are given as text. */
export type NewApplication = Omit<Insertable<ApplicationRow>, 'instanceId' | 'createdAtMs' | 'state'>;

/** A new application. */
export async function insertApplication(change: Change, input: NewApplication): Promise<void> {
  const { instanceId } = change.scope;
  await change.trx
    .insertInto('applications')
    .values({ ...input, instanceId, createdAtMs: change.nowMs })
    .execute();
  await change.record({
    type: 'application.created',
    objectKind: 'application',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { name: input.name, type: input.type, clientId: input.clientId },
    reach: 'waking',
  });
}

/** Settings of an application that may be changed later. */
export type ApplicationSettings = Omit<
  Updateable<ApplicationRow>,
  'instanceId' | 'id' | 'organizationId' | 'projectId' | 'clientId' | 'createdAtMs' | 'state'
>;

/** Changes settings of an application. Resolves to whether it exists. */
export async function updateApplication(
  change: Change,
  id: string,
  settings: ApplicationSettings,
): Promise<'changed' | 'not-found'> {
  const result = await change.trx
    .updateTable('applications')
    .set(settings)
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return 'not-found';
  await change.record({
    type: 'application.changed',
    objectKind: 'application',
    objectId: id,
    detail: settings,
    reach: 'waking',
  });
  return 'changed';
}

/** How a secret is stored: as its SHA-256 in hex, or as the hash of another system until it is used. */
export type StoredSecret =
  | { readonly sha256: string }
  | { readonly sha256: null; readonly foreignHash: string };

/** A secret of an application or machine user. */
export async function insertClientSecret(
  change: Change,
  input: StoredSecret & {
    readonly id: string;
    readonly ownerId: string;
    readonly expiresAtMs?: number;
    /** The secret sealed by the instance's sealer, at `client_secrets|sealed|<id>`, where it signs assertions. */
    readonly sealed?: Buffer;
    /** An application unless told otherwise. */
    readonly ownerKind?: 'application' | 'user';
  },
): Promise<void> {
  const { ownerKind = 'application', ...row } = input;
  await change.trx
    .insertInto('clientSecrets')
    .values({
      ...row,
      expiresAtMs: input.expiresAtMs ?? null,
      instanceId: change.scope.instanceId,
      createdAtMs: change.nowMs,
    })
    .execute();
  await change.record({
    type: 'client.secret.created',
    objectKind: ownerKind,
    objectId: input.ownerId,
    detail: { secretId: input.id },
    reach: 'waking',
  });
}

/** A public key of an application. */
export async function insertApplicationKey(
  change: Change,
  input: {
    readonly id: string;
    readonly applicationId: string;
    readonly publicKeyPem: string;
    readonly expiresAtMs?: number;
  },
): Promise<void> {
  await change.trx
    .insertInto('applicationKeys')
    .values({
      ...input,
      expiresAtMs: input.expiresAtMs ?? null,
      instanceId: change.scope.instanceId,
      createdAtMs: change.nowMs,
    })
    .execute();
  await change.record({
    type: 'application.key.created',
    objectKind: 'application',
    objectId: input.applicationId,
    detail: { keyId: input.id },
    reach: 'waking',
  });
}

interface ClientExtras {
  projectState: ClientFacts['project']['state'];
  organizationState: ClientFacts['project']['organizationState'];
  projectOrganizationId: string;
  roleAssertion: boolean;
  roleCheck: boolean;
  hasProjectCheck: boolean;
  roleKeys: string[];
  clientIds: string[];
  secrets: {
    id: string;
    sha256: string | null;
    foreignHash: string | null;
    expiresAtMs: number | null;
    sealedHex: string | null;
  }[];
  keys: { keyId: string; publicKeyPem: string; expiresAtMs: number | null }[];
}

// Maps, so that the compiler sees to it that none is missing.
const grantTypes: Readonly<Record<GrantType, true>> = {
  authorization_code: true,
  implicit: true,
  refresh_token: true,
  client_credentials: true,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': true,
  'urn:ietf:params:oauth:grant-type:device_code': true,
  'urn:ietf:params:oauth:grant-type:token-exchange': true,
  'urn:openid:params:grant-type:ciba': true,
};
const responseTypes: Readonly<Record<ResponseType, true>> = {
  code: true,
  id_token: true,
  'id_token token': true,
  'code id_token': true,
  'code token': true,
  'code id_token token': true,
};

function isResponseType(text: string): text is ResponseType {
  return Object.hasOwn(responseTypes, text);
}

function isGrantType(text: string): text is GrantType {
  return Object.hasOwn(grantTypes, text);
}

function expiry<T extends { expiresAtMs: number | null }>(
  row: T,
): T & { expiresAtMs: ReturnType<typeof epochMs> | null } {
  return { ...row, expiresAtMs: row.expiresAtMs === null ? null : epochMs(row.expiresAtMs) };
}

function toClientFacts(row: Selectable<ApplicationRow> & ClientExtras): ClientFacts {
  return {
    application: {
      ...row,
      grantTypes: row.grantTypes.filter(isGrantType),
      responseTypes: row.responseTypes.filter(isResponseType),
      secrets: row.secrets.map(expiry),
      keys: row.keys.map(expiry),
      // Only the client ID of a document is an address: others hold no colon.
      isSelfRegistered: row.registrationTokenSha256 !== null || row.clientId.startsWith('https://'),
    },
    project: {
      id: row.projectId,
      state: row.projectState,
      organizationId: row.projectOrganizationId,
      organizationState: row.organizationState,
      roleAssertion: row.roleAssertion,
      roleCheck: row.roleCheck,
      hasProjectCheck: row.hasProjectCheck,
      roleKeys: row.roleKeys,
      // Applications of others that share a project are nothing to each other.
      clientIds: row.isThirdParty ? [row.clientId] : row.clientIds,
    },
  };
}

/** An application with its project, secrets, keys and roles, in one round trip; `undefined` when nobody has the client id. */
export async function findClient(
  db: Kysely<Tables>,
  scope: Scope,
  clientId: string,
): Promise<ClientFacts | undefined> {
  const row = await db
    .selectFrom('applications as a')
    .innerJoin('projects as p', (join) =>
      join.onRef('p.instanceId', '=', 'a.instanceId').onRef('p.id', '=', 'a.projectId'),
    )
    .innerJoin('organizations as o', (join) =>
      join.onRef('o.instanceId', '=', 'p.instanceId').onRef('o.id', '=', 'p.organizationId'),
    )
    .selectAll('a')
    .select([
      'p.state as projectState',
      'o.state as organizationState',
      'p.organizationId as projectOrganizationId',
    ])
    .select(['p.roleAssertion', 'p.roleCheck', 'p.hasProjectCheck'])
    .select([
      sql<
        string[]
      >`array(select r.key from roles r where r.instance_id = p.instance_id and r.project_id = p.id order by r.key)`.as(
        'roleKeys',
      ),
      sql<
        string[]
      >`array(select c.client_id from applications c where c.instance_id = p.instance_id and c.project_id = p.id and c.state <> 'removed' order by c.type <> 'api', c.id)`.as(
        'clientIds',
      ),
      sql<
        ClientExtras['secrets']
      >`coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'sha256', s.sha256, 'foreignHash', s.foreign_hash, 'expiresAtMs', s.expires_at_ms, 'sealedHex', encode(s.sealed, 'hex'))) from client_secrets s where s.instance_id = a.instance_id and s.owner_id = a.id), '[]')`.as(
        'secrets',
      ),
      sql<
        ClientExtras['keys']
      >`coalesce((select jsonb_agg(jsonb_build_object('keyId', k.id, 'publicKeyPem', k.public_key_pem, 'expiresAtMs', k.expires_at_ms)) from application_keys k where k.instance_id = a.instance_id and k.application_id = a.id), '[]')`.as(
        'keys',
      ),
    ])
    .where('a.instanceId', '=', scope.instanceId)
    .where('a.clientId', '=', clientId)
    .where('a.state', '<>', 'removed')
    .executeTakeFirst();
  return row === undefined ? undefined : toClientFacts(row);
}

/** The application a resource indicator belongs to (RFC 8707 §2), if it is active. */
export async function findResource(
  db: Kysely<Tables>,
  scope: Scope,
  uri: string,
): Promise<ResourceFacts | undefined> {
  const row = await db
    .selectFrom('applications')
    .select(['clientId', 'projectId'])
    .where('instanceId', '=', scope.instanceId)
    .where('state', '=', 'active')
    .where(sql<boolean>`resource_uris @> ${[uri]}::text[]`)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...row, uri };
}
