import { mayRegisterInto } from '@latchkey/identity';
import { findRegistrationOrganization } from '@latchkey/store';
import type { RequestContext } from '../platform/http.ts';

/**
 * Whether people may register themselves into an organization, or into the one they join when none is named. Scopes that
 * name an organization come from anybody, so the organization itself must allow it.
 */
export async function isRegistrationOpen(
  { deps, instance }: RequestContext,
  organizationId: string | undefined,
): Promise<boolean> {
  if (!instance.settings.isSelfRegistrationEnabled) return false;
  if (organizationId === undefined) return true;
  const first = await findRegistrationOrganization(deps.store.db, instance.scope, {});
  const { login } = await deps.settings.of(instance.scope, organizationId);
  return mayRegisterInto({
    organizationId,
    defaultOrganizationId: first?.id ?? '',
    registration: login.allowRegistration ? 'allowed' : 'not-allowed',
  });
}
