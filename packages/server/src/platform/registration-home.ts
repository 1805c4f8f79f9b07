import { type ProjectFacts, parseRegistrationPolicy, type RegistrationRules } from '@latchkey/protocol';
import {
  type Change,
  ensureRegistrationProject,
  findFirstOrganization,
  findProject,
  type Scope,
  type Store,
} from '@latchkey/store';
import type { InstanceContext } from './instances.ts';
import { sha256Hex } from './random.ts';

/**
 * A decimal id made of a text: the same on every node, before there is a row to read it from. Longer than ids of `newId`,
 * so the two never meet.
 */
export function hashedId(text: string): string {
  return BigInt(`0x1${sha256Hex(text).slice(0, 32)}`).toString();
}

/** What registrations at an instance are held against. */
export function registrationRules(instance: InstanceContext): Omit<RegistrationRules, 'source'> {
  const active = instance.signingKeys.filter((key) => key.state === 'active');
  return {
    policy: parseRegistrationPolicy(instance.settings.registrationPolicy),
    signingAlgorithms: [...new Set(active.map((key) => key.algorithm))],
  };
}

/**
 * The project of applications that registered themselves: the one the policy names, else one of their own in the first
 * organization, which may not be stored yet.
 */
export async function findRegistrationHome(store: Store, instance: InstanceContext): Promise<ProjectFacts> {
  const scope: Scope = instance.scope;
  const { projectId } = registrationRules(instance).policy;
  const named = projectId === undefined ? undefined : await findProject(store.db, scope, projectId);
  if (named !== undefined) return named;
  const id = hashedId(`registered applications of ${instance.id}`);
  const stored = await findProject(store.db, scope, id);
  if (stored !== undefined) return stored;
  const organization = await findFirstOrganization(store.db, scope);
  return {
    id,
    state: 'active',
    organizationId: organization.id,
    organizationState: organization.state,
    roleAssertion: false,
    roleCheck: false,
    hasProjectCheck: false,
    roleKeys: [],
    clientIds: [],
  };
}

/** Stores the project of registered applications, unless it is stored already. */
export async function keepRegistrationHome(change: Change, home: ProjectFacts): Promise<void> {
  const { id, organizationId } = home;
  await ensureRegistrationProject(change, { id, organizationId, name: 'Registered applications' });
}
