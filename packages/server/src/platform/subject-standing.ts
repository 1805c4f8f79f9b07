import type { Subject } from '@latchkey/identity';
import type { SubjectStanding } from '@latchkey/protocol';

/** A user as `mayIssue` looks at them. */
export function standingOf(subject: Subject): SubjectStanding {
  return {
    userId: subject.user.id,
    userState: subject.user.state,
    organizationId: subject.organization.id,
    organizationDomain: subject.organization.primaryDomain,
    organizationState: subject.organization.state,
    authorizedProjectIds: subject.authorizations.map((authorization) => authorization.projectId),
  };
}
