import {
  type ConfigurationDocument,
  configurationDocument,
  type Operations,
  type ResponseOf,
} from '@latchkey/contract';
import type { Actor } from '@latchkey/store';
import type { Caller } from './management/caller.ts';
import { exportDocument } from './management/configuration/export-document.ts';
import { applyConfiguration, type ConfigurationHome, planConfiguration } from './management/configuration.ts';
import { createInvoker } from './management/invoker.ts';
import { handlerOf } from './management/router.ts';
import type { Deps } from './platform/deps.ts';
import { ApiError } from './platform/errors.ts';
import type { RequestContext } from './platform/http.ts';
import type { InstanceContext } from './platform/instances.ts';

/** What applying a configuration did. */
export type AppliedConfiguration = ResponseOf<Operations['applyConfiguration']>;

/** A request nobody sent: what an operator asks for on the machine itself. */
function contextFor(deps: Deps, instance: InstanceContext): RequestContext {
  return {
    deps,
    instance,
    request: { method: 'POST', headers: { get: () => null }, readText: async () => '' },
    path: '/api/v1/configuration/apply',
    query: '',
    ip: '',
    caller: '',
    peerAddress: '',
    requestId: 'operator',
  };
}

function operatorOf(instance: InstanceContext): Caller {
  const nobody = { user: { id: 'operator' }, organization: { id: '' }, authorizations: [], metadata: {} };
  return {
    subject: nobody as unknown as Caller['subject'], // cast: whoever configures names every organization; nothing of their own is asked for
    memberships: [
      {
        objectKind: 'instance',
        objectId: instance.id,
        userId: 'operator',
        roles: ['IAM_OWNER'],
        createdAtMs: 0,
      },
    ],
    actorIds: [],
    // Nothing is asked over HTTP, so no sign-in is judged.
    signIn: { scheme: 'Bearer' },
  };
}

/** What an operator can do with the configuration of an instance as a whole, on the machine itself. */
export interface ConfigurationDesk {
  /** What applying a document would change. Throws `ApiError` with every problem. */
  readonly plan: (document: unknown) => Promise<ResponseOf<Operations['planConfiguration']>>;
  /** Applies a document in one transaction; with the digest of a plan, only if it does the same. Throws `ApiError`. */
  readonly apply: (document: unknown, digest?: string) => Promise<AppliedConfiguration>;
  /** The instance as a document, without secrets and ids. */
  readonly export: (options: {
    readonly users: 'all' | 'machines' | 'none';
  }) => Promise<ConfigurationDocument>;
}

function parsed(document: unknown): ConfigurationDocument {
  const result = configurationDocument.safeParse(document);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({
    pointer: path.map((each) => `/${String(each)}`).join(''),
    detail: message,
  }));
  throw new ApiError('invalid-input', errors[0]?.detail ?? 'is wrong', { errors });
}

/** Opens the configuration of an instance in an operator's name. Throws when there is no such instance. */
export function configurationDesk(deps: Deps, instanceId: string): ConfigurationDesk {
  const instance = deps.instances.all().find(({ id }) => id === instanceId);
  if (instance === undefined) throw new Error(`there is no instance ${instanceId}`);
  const actor: Actor = { kind: 'operator', id: 'configuration' };
  const invoking = { context: contextFor(deps, instance), caller: operatorOf(instance), handlerOf };
  const home: ConfigurationHome = {
    change: (work) => deps.store.change({ scope: instance.scope, actor, nowMs: deps.clock.now() }, work),
    within: (change) => createInvoker(invoking, change),
  };
  return {
    plan: (document) => planConfiguration(home, parsed(document)),
    apply: (document, digest) => applyConfiguration(home, parsed(document), digest),
    export: (options) => home.change((change) => exportDocument(home.within(change), options)),
  };
}
