import { domainOfName } from '@latchkey/identity';
import { findDomainOwner, type Scope, type Store } from '@latchkey/store';

/**
 * Whether a login name or e-mail address is in a domain that another organization has verified: people of that
 * organization are known by it, so nobody of another one may be.
 */
export async function isInForeignDomain(
  db: Store['db'],
  scope: Scope,
  organizationId: string,
  name: string,
): Promise<boolean> {
  const domain = domainOfName(name);
  const owner = domain === undefined ? undefined : await findDomainOwner(db, scope, domain);
  return owner !== undefined && owner !== organizationId;
}
