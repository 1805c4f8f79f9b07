import type { Subject } from '@latchkey/identity';
import type { Membership } from '@latchkey/store';

/** Who calls, and what they manage. */
export interface Caller {
  readonly subject: Subject;
  readonly memberships: readonly Membership[];
  /** Who acts as the subject, the present actor first; empty when nobody does. */
  readonly actorIds: readonly string[];
}
