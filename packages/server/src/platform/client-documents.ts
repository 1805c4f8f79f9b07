import {
  buildDocumentApplication,
  type ClientFacts,
  isDocumentClientId,
  type RegisteredSettings,
  readClientDocument,
} from '@latchkey/protocol';
import { type Change, type Scope, type Store, upsertDocumentApplication } from '@latchkey/store';
import { LRUCache } from 'lru-cache';
import type { Instances } from './instances.ts';
import type { Logger } from './log.ts';
import { toColumns } from './registered-columns.ts';
import {
  findRegistrationHome,
  hashedId,
  keepRegistrationHome,
  registrationRules,
} from './registration-home.ts';
import { FetchRefused, type SafeFetch } from './safe-fetch.ts';

const keptMs = 600_000;
const refusalKeptMs = 60_000;
// draft-ietf-oauth-client-id-metadata-document §6.6 recommends 5 kB; key sets and many redirect URIs need more.
const maximumDocumentBytes = 32_768;
// Fewer than an instance has turns for outbound calls: strangers who name addresses must not hold up the rest.
const maximumReading = 5;

type Outcome =
  | { readonly kind: 'client'; readonly settings: RegisteredSettings }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable' };

/** Clients that are known by a document at the address that is their client id. */
export interface ClientDocuments {
  /**
   * The client of an address, given what is stored of it; `undefined` when the instance takes no documents or this one
   * describes no client. When the address cannot be reached, what a person consented to before still counts.
   */
  readonly load: (
    scope: Scope,
    clientId: string,
    stored: ClientFacts | undefined,
  ) => Promise<ClientFacts | undefined>;
}

async function readDocument(
  deps: { readonly safeFetch: SafeFetch; readonly log: Logger },
  url: string,
  rules: Parameters<typeof readClientDocument>[2],
  instanceId: string,
): Promise<Outcome> {
  try {
    const answer = await deps.safeFetch(url, {
      accept: 'application/json',
      maximumBytes: maximumDocumentBytes,
      instanceId,
    });
    if (answer.status >= 500) return { kind: 'unreachable' };
    const type = answer.headers['content-type'] ?? '';
    const isJson = /^application\/([a-z0-9.-]+\+)?json\s*(;|$)/i.test(type);
    const document =
      answer.status === 200 && isJson
        ? readClientDocument(answer.body, url, rules)
        : { kind: 'refused' as const, detail: `status ${answer.status}, type ${type}` };
    if (document.kind === 'client') return document;
    deps.log.info({ clientId: url, detail: document.detail }, 'a client id metadata document was refused');
    return { kind: 'refused' };
  } catch (error) {
    if (!(error instanceof FetchRefused)) throw error;
    deps.log.info(
      { clientId: url, detail: error.message },
      'a client id metadata document could not be read',
    );
    return { kind: 'unreachable' };
  }
}

/** The documents one process knows: good ones for ten minutes, others for one, 2000 at most. */
export function createClientDocuments(deps: {
  readonly store: Store;
  readonly instances: Instances;
  readonly safeFetch: SafeFetch;
  readonly log: Logger;
}): ClientDocuments {
  const known = new LRUCache<string, Outcome>({ max: 2000, ttl: keptMs });
  const reading = { count: 0 };
  return {
    load: async (scope, clientId, stored) => {
      // What is found here is kept in memory, so it must not be judged by settings of before.
      const settling = deps.instances.settled();
      if (settling !== undefined) await settling;
      const instance = deps.instances.all().find(({ id }) => id === scope.instanceId);
      if (instance?.settings.isClientIdMetadataEnabled !== true || !isDocumentClientId(clientId))
        return undefined;
      const name = `${instance.id} ${clientId}`;
      // What was good by an earlier policy need not be by this one.
      const key = `${name} ${JSON.stringify(instance.settings.registrationPolicy)}`;
      let outcome = known.get(key);
      if (outcome === undefined) {
        if (reading.count >= maximumReading) return stored;
        reading.count += 1;
        try {
          outcome = await readDocument(deps, clientId, registrationRules(instance), instance.id);
        } finally {
          reading.count -= 1;
        }
        known.set(key, outcome, { ttl: outcome.kind === 'client' ? keptMs : refusalKeptMs });
      }
      if (outcome.kind === 'refused') return undefined;
      if (outcome.kind === 'unreachable') return stored;
      const { settings } = outcome;
      // What an operator did to the stored application, switching it off above all, stands.
      if (stored !== undefined) return { ...stored, application: { ...stored.application, ...settings } };
      const home = await findRegistrationHome(deps.store, instance);
      const application = buildDocumentApplication(hashedId(name), clientId, settings);
      return { application, project: { ...home, clientIds: [clientId] } };
    },
  };
}

/**
 * Stores an application that is known by its document, in the change in which a person agrees to it; does nothing for all
 * others. Until then nothing is kept of it, since anybody can name any address.
 */
export async function keepDocumentClient(change: Change, client: ClientFacts): Promise<void> {
  const { application, project } = client;
  if (!isDocumentClientId(application.clientId)) return;
  await keepRegistrationHome(change, project);
  await upsertDocumentApplication(change, {
    id: application.id,
    clientId: application.clientId,
    projectId: project.id,
    organizationId: project.organizationId,
    ...toColumns(application),
  });
}
