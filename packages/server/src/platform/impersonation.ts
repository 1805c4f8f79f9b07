import { managesOutside } from '@latchkey/contract';
import { type ImpersonationRefusal, mayImpersonate, type Subject } from '@latchkey/identity';
import { listPlacedMemberships } from '@latchkey/store';
import type { RequestContext } from './http.ts';

/** Why a user may not act as another at this moment; `undefined` when they may. Rejects when the database is away. */
export async function findImpersonationRefusal(
  { deps, instance }: Pick<RequestContext, 'deps' | 'instance'>,
  actor: Subject,
  subject: Subject,
): Promise<ImpersonationRefusal | undefined> {
  const heldBy = ({ user }: Subject) =>
    listPlacedMemberships(deps.store.db, instance.scope, { userId: user.id });
  const [ofActor, ofSubject] = await Promise.all([heldBy(actor), heldBy(subject)]);
  const organizationId = actor.organization.id;
  // What somebody manages elsewhere makes them a manager, but gives them no reach here.
  const reaching = ofActor.filter(
    ({ objectKind, objectId }) => objectKind === 'instance' || objectId === organizationId,
  );
  const subjectHome = subject.organization.id;
  return mayImpersonate({
    setting: instance.settings.isImpersonationEnabled ? 'on' : 'off',
    actor: { organizationId, managerRoles: reaching.flatMap(({ roles }) => roles) },
    subject: {
      organizationId: subjectHome,
      managerRoles: ofSubject.flatMap(({ roles }) => roles),
      manages: managesOutside(subjectHome, ofSubject) ? 'more' : 'own-organization',
    },
  });
}

/** What a refused impersonation is told. */
export function describeImpersonationRefusal(refusal: ImpersonationRefusal): string {
  switch (refusal.kind) {
    case 'switched-off':
      return 'impersonation is switched off; an administrator can allow it in the settings of the instance';
    case 'not-an-impersonator':
      return 'the actor holds no impersonator role for this user';
    case 'subject-is-manager':
      return 'the role of the actor does not reach users who are managers';
  }
}
