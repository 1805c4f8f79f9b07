import type { Subject } from '@latchkey/identity';
import type { EpochSeconds } from '@latchkey/protocol';
import type { Membership } from '@latchkey/store';

/** What the access token says about the sign-in of whoever acts, and how it was sent. */
export interface CallerSignIn {
  /** When they signed in; absent for machines, and when it is unknown. */
  readonly authTime?: EpochSeconds;
  readonly scheme: 'Bearer' | 'DPoP';
}

/** Who calls, and what they manage. */
export interface Caller {
  readonly subject: Subject;
  readonly memberships: readonly Membership[];
  /** Who acts as the subject, the present actor first; empty when nobody does. */
  readonly actorIds: readonly string[];
  readonly signIn: CallerSignIn;
}
