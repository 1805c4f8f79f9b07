/**
 * Whose data a statement may touch: the door every look-up goes through. There is no store function without one but
 * those that list the instances themselves.
 */
export interface Scope {
  readonly instanceId: string;
  readonly organizationId?: string;
}

/** Who makes a change, for the event log. */
export interface Actor {
  readonly kind: 'user' | 'client' | 'system' | 'operator';
  readonly id: string;
  readonly ip?: string;
  /** Users who act as the actor, the present one first (RFC 8693 §4.1). */
  readonly actingUserIds?: readonly string[];
}
