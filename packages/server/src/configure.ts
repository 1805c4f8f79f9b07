import {
  type ConfigurationDocument,
  configurationDocument,
  type Operations,
  type ResponseOf,
} from '@latchkey/contract';
import type { Actor } from '@latchkey/store';
import type { Caller } from './management/caller.ts';
import { applyConfiguration } from './management/configuration.ts';
import { createInvoker } from './management/invoker.ts';
import { handlerOf } from './management/router.ts';
import type { Deps } from './platform/deps.ts';
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
  };
}

/** Applies a configuration to an instance, in one transaction, in an operator's name. Throws `ApiError` with every problem. */
export async function configure(
  deps: Deps,
  instanceId: string,
  document: unknown,
): Promise<AppliedConfiguration> {
  const instance = deps.instances.all().find(({ id }) => id === instanceId);
  if (instance === undefined) throw new Error(`there is no instance ${instanceId}`);
  const parsed: ConfigurationDocument = configurationDocument.parse(document);
  const actor: Actor = { kind: 'operator', id: 'configuration' };
  const home = { context: contextFor(deps, instance), caller: operatorOf(instance), handlerOf };
  return await applyConfiguration(
    {
      change: (work) => deps.store.change({ scope: instance.scope, actor, nowMs: deps.clock.now() }, work),
      within: (change) => createInvoker(home, change),
    },
    parsed,
  );
}
