import { epochMs, type RevocationLookup } from '@latchkey/protocol';
import {
  type Committed,
  currentTailCursor,
  isEventThere,
  listRestorableInstances,
  listRevocations,
  type Revocation,
  readTail,
  type Store,
  type TailCursor,
  type TailEvent,
} from '@latchkey/store';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** The database could not be asked in time, so nothing may be said about a token. Answered with 503. */
export class StaleState extends Error {
  override readonly name = 'StaleState';
}

/** What this process has heard from the event log. */
export interface LiveState {
  /** Live revocations of an instance. Trust it only after `ensureFresh`. */
  readonly revocationsOf: (instanceId: string) => RevocationLookup;
  /**
   * Resolves once memory is known to be as new as the bound says; returns nothing at all when it already is. Rejects with
   * `StaleState` when the log cannot be read.
   */
  readonly ensureFresh: () => Promise<void> | undefined;
  /** Milliseconds since memory was known to be complete. */
  readonly ageMs: () => number;
  /** Calls back for every waking event, those of this process included. */
  readonly onEvent: (
    listener: (event: Pick<TailEvent, 'instanceId' | 'objectKind' | 'objectId' | 'type'>) => void,
  ) => void;
  readonly revocationCount: () => number;
  readonly stop: () => Promise<void>;
}

/** How the log is followed. */
export interface LiveStateOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** How old memory may be before the database is asked. */
  readonly boundMs: number;
  readonly pollMs: number;
}

type Marks = Map<string, { notAfterMs: number; keepUntilMs: number }>;

function remember(marks: Map<string, Marks>, instanceId: string, revocation: Omit<Revocation, 'kind'>): void {
  const own = marks.get(instanceId) ?? new Map<string, { notAfterMs: number; keepUntilMs: number }>();
  marks.set(instanceId, own);
  const known = own.get(revocation.id);
  if (known === undefined || known.notAfterMs < revocation.notAfterMs) {
    own.set(revocation.id, { notAfterMs: revocation.notAfterMs, keepUntilMs: revocation.keepUntilMs });
  }
}

function prune(marks: Map<string, Marks>, nowMs: number): void {
  for (const own of marks.values()) {
    for (const [id, mark] of own) if (mark.keepUntilMs < nowMs) own.delete(id);
  }
}

/** Reads the log from a cursor on and hands each event to `apply` once. */
function createReader(
  store: Store,
  start: TailCursor,
  apply: (event: TailEvent) => void,
  onWentBack: (lastSeen: TailEvent | undefined) => Promise<void>,
) {
  let cursor = start;
  let seen = new Map<number, string>();
  let lastSeen: TailEvent | undefined;
  return async (): Promise<void> => {
    const { events, next } = await readTail(store.db, cursor);
    // Ids of transactions that left nothing behind may be given again after a crash; otherwise this is an earlier state of the
    // database, or another one.
    if (BigInt(next.txId) < BigInt(cursor.txId)) {
      await onWentBack(lastSeen);
      cursor = next;
      seen = new Map();
      lastSeen = undefined;
      return;
    }
    for (const event of events) {
      // After a restore a number of the log may be given a second time.
      if (seen.get(event.seq) === event.txId) continue;
      apply(event);
      seen.set(event.seq, event.txId);
      lastSeen = event;
    }
    // What lies below the new cursor is not read again, so it need not be remembered.
    seen = new Map([...seen].filter(([, txId]) => BigInt(txId) >= BigInt(next.txId)));
    cursor = next;
  };
}

// A single reading may be late on a busy machine, above all at its start; the next one follows at once.
const failuresToReport = 2;

interface ReadingState {
  confirmedAt: number;
  stopped: boolean;
  failures: number;
}

/** Reads the log, one reading at a time for all who ask, and says in the program's log when it cannot be read. */
function createCatchUp(read: () => Promise<void>, state: ReadingState, log: LiveStateOptions['log']) {
  let running: Promise<void> | undefined;
  const readOnce = async (): Promise<void> => {
    const startedAt = performance.now();
    try {
      await read();
      state.confirmedAt = startedAt;
      if (state.failures >= failuresToReport) log.info('the event log can be read again');
      state.failures = 0;
    } catch (cause) {
      state.failures += 1;
      if (state.failures === failuresToReport && !state.stopped)
        log.error({ err: cause }, 'the event log cannot be read; tokens cannot be judged until it can');
      throw new StaleState('the database is away', { cause });
    } finally {
      running = undefined;
    }
  };
  const catchUp = (): Promise<void> => {
    running ??= readOnce();
    return running;
  };
  return { catchUp, running: () => running };
}

/** Loads the revocations that still matter and follows the log from there. */
export async function followLog(options: LiveStateOptions): Promise<LiveState> {
  const { store, clock, log, boundMs, pollMs } = options;
  const marks = new Map<string, Marks>();
  const listeners: ((event: Pick<TailEvent, 'instanceId' | 'objectKind' | 'objectId' | 'type'>) => void)[] =
    [];
  const state: ReadingState = { confirmedAt: performance.now(), stopped: false, failures: 0 };

  const apply = (event: TailEvent): void => {
    for (const revocation of event.revokes ?? []) remember(marks, event.instanceId, revocation);
    for (const listener of listeners) listener(event);
  };
  const loadRevocations = async (): Promise<void> => {
    for (const row of await listRevocations(store.db, clock.now())) remember(marks, row.instanceId, row);
  };
  const onWentBack = async (lastSeen: TailEvent | undefined): Promise<void> => {
    if (lastSeen === undefined || (await isEventThere(store.db, lastSeen)))
      log.info(
        {},
        'transaction ids went back, as after a crash of the database server; memory is read anew. If a backup was restored, run `latchkey restored`',
      );
    else
      log.error(
        'the database went back to an earlier state, as after a restored backup or a failover that lost writes; what was revoked since may count again: run `latchkey restored`',
      );
    await loadRevocations();
    // Nothing that was kept in memory is known to be true any more.
    for (const { id } of await listRestorableInstances(store.db))
      for (const listener of listeners)
        listener({ instanceId: id, type: 'database.went-back', objectKind: 'instance', objectId: id });
  };
  const read = createReader(store, await currentTailCursor(store.db), apply, onWentBack);
  await loadRevocations();
  state.confirmedAt = performance.now();

  const { catchUp, running } = createCatchUp(read, state, log);
  // Errors of the background reader have been logged by catchUp; whoever needs fresh state calls it again and hears of it.
  const wake = (): void => void catchUp().catch(() => undefined);
  // A reader that starts after the commit is needed: one under way may have read before it.
  const wakeAfter = (): void => void (running() ?? Promise.resolve()).catch(() => undefined).then(wake);
  const unlisten = await store.engine.listen('latchkey_events', wakeAfter);
  const forget = store.onCommitted(({ instanceId, revocations, wakingEvents }: Committed) => {
    for (const revocation of revocations) remember(marks, instanceId, revocation);
    // Heard again from the log, which does no harm: the database notifies this process of its own changes, too.
    for (const event of wakingEvents) for (const listener of listeners) listener({ instanceId, ...event });
  });
  const poll = setInterval(wake, pollMs);
  const pruning = setInterval(() => prune(marks, clock.now()), 60_000);
  poll.unref();
  pruning.unref();

  return {
    revocationsOf: (instanceId) => {
      const own = marks.get(instanceId);
      return (id) => {
        const mark = (own ?? marks.get(instanceId))?.get(id);
        return mark === undefined ? undefined : epochMs(mark.notAfterMs);
      };
    },
    ensureFresh: () => (performance.now() - state.confirmedAt <= boundMs ? undefined : catchUp()),
    ageMs: () => performance.now() - state.confirmedAt,
    onEvent: (listener) => void listeners.push(listener),
    revocationCount: () => [...marks.values()].reduce((sum, own) => sum + own.size, 0),
    stop: async () => {
      state.stopped = true;
      clearInterval(poll);
      clearInterval(pruning);
      forget();
      await unlisten();
      await running()?.catch(() => undefined);
    },
  };
}
