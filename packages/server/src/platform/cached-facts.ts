import type { Subject } from '@latchkey/identity';
import {
  type ClientFacts,
  isDocumentClientId,
  type ResourceFacts,
  type TargetFacts,
} from '@latchkey/protocol';
import {
  findClient,
  findMachineClient,
  findPersonalAccessToken,
  findResource,
  findSubject,
  findTarget,
  type MachineClient,
  type PersonalAccessToken,
  type Scope,
  type Store,
} from '@latchkey/store';
import { LRUCache } from 'lru-cache';
import type { ClientDocuments } from './client-documents.ts';
import type { LiveState } from './live-state.ts';

/** Facts kept in memory until the log says they changed. */
export interface FactCache<T> {
  /** The facts of an id, from memory or the database; `undefined` when there is no such thing. */
  readonly load: (scope: Scope, id: string) => Promise<T | undefined>;
  /** What memory holds of an id, for paths on which each promise counts; nothing at all where `load` has to be asked. */
  readonly recall: (scope: Scope, id: string) => { readonly value: T | undefined } | undefined;
}

// Ids of ours are far shorter; what a stranger sends in place of one must not fill the memory.
const maximumIdLength = 250;

interface Loader<T> {
  readonly find: (scope: Scope, id: string) => Promise<T | undefined>;
  readonly maximum: number;
}

interface Invalidation {
  readonly dropAll: () => void;
  readonly drop: (instanceId: string, id: string) => void;
}

/** A cache of facts that are read by `find`; whoever makes one drops what the log says has changed. */
export function createFactCache<T>({ find, maximum }: Loader<T>): FactCache<T> & Invalidation {
  // Entries expire after a minute whatever the log says: a belt beside the braces.
  const known = new LRUCache<string, { readonly value: T | undefined }>({
    max: maximum,
    ttl: 60_000,
    // Looks at the clock once a second, not at every hit.
    ttlResolution: 1000,
  });
  const loading = new Map<string, Promise<T | undefined>>();
  let epoch = 0;
  const nameOf = (instanceId: string, id: string): string => `${instanceId} ${id}`;
  const fetch = async (scope: Scope, id: string, name: string): Promise<T | undefined> => {
    const began = epoch;
    try {
      const value = await find(scope, id);
      // What was read before a change was heard of may be old: hand it out once, keep it not.
      if (began === epoch) known.set(name, { value });
      return value;
    } finally {
      loading.delete(name);
    }
  };
  return {
    load: (scope, id) => {
      if (id.length > maximumIdLength) return Promise.resolve(undefined);
      const name = nameOf(scope.instanceId, id);
      // `peek`: the order of use costs more to keep than a look-up in the database once in a while.
      const hit = known.peek(name);
      if (hit !== undefined) return Promise.resolve(hit.value);
      const pending = loading.get(name) ?? fetch(scope, id, name);
      loading.set(name, pending);
      return pending;
    },
    recall: (scope, id) => known.peek(nameOf(scope.instanceId, id)),
    drop: (instanceId, id) => {
      epoch += 1;
      known.delete(nameOf(instanceId, id));
      loading.delete(nameOf(instanceId, id));
    },
    dropAll: () => {
      epoch += 1;
      known.clear();
      loading.clear();
    },
  };
}

/** What requests need to know again and again. */
export interface CachedFacts {
  /** Applications by client id. */
  readonly clients: FactCache<ClientFacts>;
  /** Users by id. */
  readonly subjects: FactCache<Subject>;
  /** Machine users by canonical login name or id. */
  readonly machines: FactCache<MachineClient>;
  /** Active projects as targets of tokens, by id; `zitadel` names the one of the management API. */
  readonly projects: FactCache<TargetFacts>;
  /** Applications that registered a resource indicator, by its URI. */
  readonly resources: FactCache<ResourceFacts>;
  /** Personal access tokens that were not taken back, by id. */
  readonly personalTokens: FactCache<PersonalAccessToken>;
}

/** The caches of one process, emptied by the log it follows. */
export function createCachedFacts(store: Store, live: LiveState, documents: ClientDocuments): CachedFacts {
  const namesOfMachine = new LRUCache<string, string>({ max: 20_000 });
  const clients = createFactCache<ClientFacts>({
    find: async (scope, id) => {
      const stored = await findClient(store.db, scope, id);
      return isDocumentClientId(id) ? await documents.load(scope, id, stored) : stored;
    },
    maximum: 10_000,
  });
  const subjects = createFactCache<Subject>({
    find: (scope, id) => findSubject(store.db, scope, id),
    maximum: 50_000,
  });
  const machines = createFactCache<MachineClient>({
    maximum: 10_000,
    find: async (scope, name) => {
      const machine = await findMachineClient(store.db, scope, name);
      // Its id is dropped anyway; the login name is what an event does not tell.
      if (machine !== undefined && machine.userId !== name)
        namesOfMachine.set(`${scope.instanceId} ${machine.userId}`, name);
      return machine;
    },
  });
  const projects = createFactCache<TargetFacts>({
    maximum: 10_000,
    find: (scope, id) => findTarget(store.db, scope, id),
  });
  const resources = createFactCache<ResourceFacts>({
    maximum: 10_000,
    find: (scope, uri) => findResource(store.db, scope, uri),
  });
  const personalTokens = createFactCache<PersonalAccessToken>({
    maximum: 20_000,
    find: (scope, id) => findPersonalAccessToken(store.db, scope, id),
  });
  live.onEvent(({ instanceId, type, objectKind, objectId }) => {
    switch (objectKind) {
      case 'user': {
        subjects.drop(instanceId, objectId);
        // A name nobody had when it was last looked up may be a machine's now.
        if (type === 'client.secret.created' || type === 'user.changed') machines.dropAll();
        machines.drop(instanceId, objectId);
        const name = namesOfMachine.get(`${instanceId} ${objectId}`);
        if (name !== undefined) machines.drop(instanceId, name);
        break;
      }
      case 'session':
      case 'grant':
      case 'token':
      case 'key':
      case 'consent':
        break;
      case 'personal-access-token':
        personalTokens.drop(instanceId, objectId);
        break;
      case 'application':
        clients.dropAll();
        machines.dropAll();
        resources.dropAll();
        break;
      default:
        for (const cache of [clients, subjects, machines, projects, resources, personalTokens])
          cache.dropAll();
    }
  });
  return { clients, subjects, machines, projects, resources, personalTokens };
}
