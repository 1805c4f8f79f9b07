import { type Operations, operations, type ResponseOf } from '@latchkey/contract';
import { parseAddress } from '@latchkey/protocol';
import {
  type Change,
  findInstanceName,
  insertDomain,
  insertInitialAccessToken,
  listDomains,
  listInitialAccessTokens,
  lockInstanceName,
  removeDomain,
  removeInitialAccessToken,
  renameInstance,
  type Store,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { moveConsole } from '../platform/management-project.ts';
import { newId, newSecret, sha256Hex } from '../platform/random.ts';
import { findRegistrationHome, keepRegistrationHome } from '../platform/registration-home.ts';
import { latchkeyVersion } from '../platform/version.ts';
import {
  activateWebKey,
  createWebKey,
  listWebKeys,
  retireWebKey,
  revokeWebKey,
  type WebKey as StoredWebKey,
  type WebKeyContext,
  type WebKeyOutcome,
} from '../platform/web-keys.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { pageAnswer } from './list-answer.ts';
import { refuseField } from './user-representation.ts';

type Instance = ResponseOf<Operations['getInstance']>;
type AnyCall = Pick<CallOf<'getInstance'>, 'deps' | 'instance' | 'caller' | 'context'>;

async function toInstance(
  db: Store['db'],
  { instance }: Pick<AnyCall, 'instance'>,
  name: string,
): Promise<Instance> {
  const [primary] = await listDomains(db, instance.scope);
  return {
    id: instance.id,
    name,
    issuer: primary?.origin ?? instance.origin,
    managementProjectId: instance.settings.managementProjectId,
    version: latchkeyVersion,
    createdAt: new Date(instance.settings.createdAtMs).toISOString(),
  };
}

async function moveConsoleTo(change: Change): Promise<void> {
  await moveConsole(change, { domains: await listDomains(change.trx, change.scope) });
}

function keyContext({ deps, instance, caller, context }: AnyCall): WebKeyContext {
  const actor = { kind: 'user', id: caller.subject.user.id, ip: context.ip } as const;
  return { store: deps.store, clock: deps.clock, instance, actor };
}

type WebKey = ResponseOf<Operations['createWebKey']>;

function toWebKey({ sinceMs, nextAtMs, rsaBits, ...rest }: StoredWebKey): WebKey {
  return {
    ...rest,
    since: new Date(sinceMs).toISOString(),
    nextAt: nextAtMs === undefined ? null : new Date(nextAtMs).toISOString(),
    rsaBits: rsaBits ?? null,
  };
}

async function keyAnswer(call: AnyCall, keyId: string): Promise<WebKey> {
  const key = (await listWebKeys(keyContext(call))).find((each) => each.keyId === keyId);
  if (key === undefined) throw notFound('key', keyId);
  return toWebKey(key);
}

/** What a change of keys came to, or why it was refused. */
function settled(outcome: WebKeyOutcome, keyId: string): string {
  switch (outcome.kind) {
    case 'published':
    case 'signing':
    case 'withdrawn':
    case 'retired':
    case 'revoked':
      return outcome.keyId;
    case 'not-found':
      throw notFound('key', keyId);
    case 'next-exists':
      throw new ApiError(
        'conflict',
        `The key ${outcome.keyId} waits to sign already; activate or retire it first.`,
      );
    case 'no-successor':
      throw new ApiError('conflict', 'No other key of the algorithm is published; create one first.');
    case 'contended':
      throw new ApiError('conflict', 'Another change of the keys came between; try again.');
    case 'wrong-state':
      throw new ApiError('conflict', `The key is ${outcome.state}; that cannot be done to it.`);
    case 'too-young':
      throw new ApiError(
        'conflict',
        `Clients may not have the key yet; it can sign from ${new Date(outcome.usableAtMs).toISOString()} on, or send now: true.`,
      );
  }
}

async function createRegistrationToken(
  call: CallOf<'createRegistrationToken'>,
): Promise<ResponseOf<Operations['createRegistrationToken']>> {
  const { deps, instance, body, nowMs } = call;
  const token = newSecret('lk_iat_');
  const home = await findRegistrationHome(deps.store, instance);
  const id = newId(deps.clock.now());
  const expiresAtMs = nowMs + body.lifetimeSeconds * 1000;
  await call.change(async (change) => {
    await keepRegistrationHome(change, home);
    await insertInitialAccessToken(change, {
      id,
      sha256: sha256Hex(token),
      projectId: home.id,
      usesLeft: body.uses,
      expiresAtMs,
    });
  });
  return { id, token, projectId: home.id, uses: body.uses, expiresAt: new Date(expiresAtMs).toISOString() };
}

/** Carries the operations about the instance out. */
export const instanceHandlers: Handlers<
  | 'getInstance'
  | 'updateInstance'
  | 'listInstanceDomains'
  | 'addInstanceDomain'
  | 'removeInstanceDomain'
  | 'listWebKeys'
  | 'createWebKey'
  | 'activateWebKey'
  | 'retireWebKey'
  | 'revokeWebKey'
  | 'listRegistrationTokens'
  | 'createRegistrationToken'
  | 'removeRegistrationToken'
> = {
  getInstance: async (call) => {
    const { db } = call.deps.store;
    return await toInstance(db, call, await findInstanceName(db, call.instance.scope));
  },
  updateInstance: async (call) => {
    const { name } = call.body;
    const now = await call.change(async (change) => {
      const before = await lockInstanceName(change);
      call.checkVersion(operations.getInstance.response, await toInstance(change.trx, call, before));
      if (name !== undefined && name !== before) await renameInstance(change, before, name);
      return name ?? before;
    });
    return await toInstance(call.deps.store.db, call, now);
  },
  listInstanceDomains: async ({ deps, instance }) => ({
    items: [...(await listDomains(deps.store.db, instance.scope))],
  }),
  addInstanceDomain: async (call) => {
    const { origin } = call.body;
    const read = parseAddress(origin, 'issuer');
    if (read.kind === 'refused') refuseField('origin', read.detail);
    await call.change(async (change) => {
      if ((await insertDomain(change, origin)) === 'taken')
        throw new ApiError('already-exists', `An instance answers at ${read.url.host} already.`, {
          errors: [{ pointer: '/origin', detail: 'is taken; choose another' }],
        });
      await moveConsoleTo(change);
    });
    return { host: read.url.host, origin, isPrimary: false };
  },
  removeInstanceDomain: async (call) => {
    const { host } = call.path;
    await call.change(async (change) => {
      const outcome = await removeDomain(change, host);
      if (outcome === 'not-found') throw notFound('address', host);
      if (outcome === 'primary')
        throw new ApiError(
          'conflict',
          'It is the first address of the instance; LATCHKEY_ISSUER moves that one.',
        );
      await moveConsoleTo(change);
    });
    return undefined;
  },
  listWebKeys: async (call) => ({
    items: (await listWebKeys(keyContext(call))).map(toWebKey),
  }),
  createWebKey: async (call) => {
    const { algorithm, rsaBits } = call.body;
    const wish = rsaBits === undefined ? { algorithm } : { algorithm, rsaBits };
    const keyId = settled(await createWebKey(keyContext(call), wish), '');
    return await keyAnswer(call, keyId);
  },
  activateWebKey: async (call) => {
    const { keyId } = call.path;
    const haste = call.body.now ? 'now' : 'when-known';
    return await keyAnswer(call, settled(await activateWebKey(keyContext(call), keyId, haste), keyId));
  },
  retireWebKey: async (call) => {
    const { keyId } = call.path;
    const before = await keyAnswer(call, keyId);
    const outcome = await retireWebKey(keyContext(call), keyId);
    settled(outcome, keyId);
    // One that never signed is gone from the list.
    return outcome.kind === 'withdrawn' ? { ...before, state: 'removed' } : await keyAnswer(call, keyId);
  },
  revokeWebKey: async (call) => {
    const { keyId } = call.path;
    settled(await revokeWebKey(keyContext(call), keyId), keyId);
    return undefined;
  },
  listRegistrationTokens: async (call) => {
    const { deps, instance, query, position, nowMs } = call;
    const before = position === undefined ? undefined : String(position[0]);
    const page = { limit: query.limit + 1, before, nowMs };
    const rows = await listInitialAccessTokens(deps.store.db, instance.scope, page);
    return pageAnswer(rows, query.limit, {
      item: ({ createdAtMs, expiresAtMs, ...rest }) => ({
        ...rest,
        createdAt: new Date(createdAtMs).toISOString(),
        expiresAt: new Date(expiresAtMs).toISOString(),
      }),
      position: ({ id }) => [id],
      cursorAfter: call.cursorAfter,
    });
  },
  createRegistrationToken,
  removeRegistrationToken: async (call) => {
    const { registrationTokenId: id } = call.path;
    const outcome = await call.change((change) => removeInitialAccessToken(change, id));
    if (outcome === 'not-found') throw notFound('initial access token', id);
    return undefined;
  },
};
