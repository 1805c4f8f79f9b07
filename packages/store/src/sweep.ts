import { type Kysely, sql } from 'kysely';
import { DatabaseUnavailable } from './engine/engine.ts';
import type { Tables } from './tables.ts';

const dayMs = 86_400_000;

interface Expiry {
  readonly table: string;
  readonly column: string;
  /** How long a row is kept past its time. */
  readonly keptMs: number;
}

const expiries: readonly Expiry[] = [
  { table: 'consumed', column: 'keep_until_ms', keptMs: 0 },
  { table: 'revocations', column: 'keep_until_ms', keptMs: 0 },
  // By then nothing of them counts any more (`attemptsForgottenAfterMs`).
  { table: 'sign_in_attempts', column: 'last_failed_at_ms', keptMs: 3 * dayMs },
  { table: 'idempotency_keys', column: 'expires_at_ms', keptMs: 0 },
  { table: 'personal_access_tokens', column: 'expires_at_ms', keptMs: 0 },
  // So that a late poll is told that the code has expired.
  { table: 'device_authorizations', column: 'expires_at_ms', keptMs: dayMs },
  { table: 'backchannel_authentications', column: 'expires_at_ms', keptMs: dayMs },
  { table: 'grants', column: 'absolute_expires_at_ms', keptMs: dayMs },
  { table: 'sessions', column: 'expires_at_ms', keptMs: dayMs },
];

/** Deletes up to `limit` rows that are past their time, leaving alone what another node deletes now. Resolves to how many. */
async function deleteBatch(
  db: Kysely<Tables>,
  expiry: Expiry,
  nowMs: number,
  limit: number,
): Promise<number> {
  const table = sql.table(expiry.table);
  const { numAffectedRows = 0n } = await sql`
    delete from ${table} where ctid = any(array(
      select ctid from ${table} where ${sql.ref(expiry.column)} < ${nowMs - expiry.keptMs}::bigint
      limit ${limit} for update skip locked))`.execute(db);
  return Number(numAffectedRows);
}

const firstBatch = 1000;
const largestBatch = 5000;
const smallestBatch = 10;
// A batch should take about this long: others wait for the embedded database's only connection meanwhile.
const aimedMs = 100;

/** The next size of a table's batches, by how long one of `size` rows took. */
function nextSize(size: number, tookMs: number): number {
  if (tookMs > 2 * aimedMs) return Math.max(smallestBatch, Math.floor(size / 2));
  return tookMs < aimedMs / 2 ? Math.min(largestBatch, size * 2) : size;
}

/** What a sweep has done. */
export interface SweepOutcome {
  readonly removed: number;
  /** Whether nothing is left; what is left is for the next sweep. */
  readonly isFinished: boolean;
}

/**
 * Forgets what can no longer matter: spent codes and assertion ids, old revocations, sessions and grants long over. Works in batches,
 * each a transaction of its own, the tables in turn, for about `budgetMs`, so that a large backlog of one table holds up neither the
 * others nor the rest of the traffic and its removal makes progress at each call. A batch that takes longer than a statement
 * may is tried with fewer rows.
 */
export async function sweepExpired(
  db: Kysely<Tables>,
  nowMs: number,
  budgetMs = 10_000,
): Promise<SweepOutcome> {
  const endsAt = performance.now() + budgetMs;
  const sizes = new Map(expiries.map((expiry) => [expiry, firstBatch]));
  let removed = 0;
  while (sizes.size > 0) {
    for (const [expiry, size] of [...sizes]) {
      const startedAt = performance.now();
      try {
        const deleted = await deleteBatch(db, expiry, nowMs, size);
        removed += deleted;
        if (deleted < size) sizes.delete(expiry);
        else sizes.set(expiry, nextSize(size, performance.now() - startedAt));
      } catch (error) {
        const isSlow = error instanceof DatabaseUnavailable && error.reason === 'statement-timeout';
        if (!isSlow || size === smallestBatch) throw error;
        sizes.set(expiry, Math.max(smallestBatch, Math.floor(size / 4)));
      }
    }
    if (performance.now() >= endsAt) break;
  }
  return { removed, isFinished: sizes.size === 0 };
}
