import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** A message to somebody else, until it has arrived. */
export interface OutboxRow {
  instanceId: string;
  id: GeneratedAlways<number>;
  kind: 'backchannel-logout' | 'ciba-ping';
  payload: ColumnType<unknown, string | null, string | null>;
  attempts: Generated<number>;
  nextAttemptAtMs: number;
  createdAtMs: number;
}

/** The last message of a kind that did not reach an application. */
export interface DeliveryFailureRow {
  instanceId: string;
  applicationId: string;
  kind: OutboxRow['kind'];
  failedAtMs: number;
  address: string;
  reason: 'answered' | 'unreachable' | 'not-https' | 'not-public' | 'not-callable';
  status: ColumnType<number | null, number | null | undefined, number | null>;
  isGivenUp: boolean;
  deliveredAtMs: ColumnType<number | null, number | null | undefined, number | null>;
}
