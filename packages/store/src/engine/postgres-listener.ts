import type { Client } from 'pg';
import { type ChannelSubscribers, createChannelSubscribers } from './channel-subscribers.ts';
import { unavailable } from './database-faults.ts';
import type { DatabaseLink } from './database-link.ts';
import { quoteIdentifier } from './pool-dialect.ts';

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 1000;

/** LISTEN on a connection of its own that comes back by itself. */
export interface PostgresListener {
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface PostgresListenerOptions {
  readonly open: () => Promise<DatabaseLink>;
  /** A half-open connection is noticed by a query this often. */
  readonly heartbeatMs: number;
  readonly onFault: (error: unknown) => void;
}

interface ListenerState {
  readonly options: PostgresListenerOptions;
  readonly subscribers: ChannelSubscribers;
  client: Client | undefined;
  connecting: Promise<void> | undefined;
  retry: NodeJS.Timeout | undefined;
  heartbeat: NodeJS.Timeout | undefined;
  failures: number;
  connectedBefore: boolean;
  /** A pooler is between: whoever LISTENs there hears nothing, so readers have their poll alone. */
  pollsOnly: boolean;
  closed: boolean;
}

function lose(state: ListenerState, client: Client, error: unknown): void {
  if (state.client !== client) return;
  state.client = undefined;
  clearInterval(state.heartbeat);
  client.end().catch(() => undefined);
  if (state.closed) return;
  state.options.onFault(error);
  retryLater(state);
}

function retryLater(state: ListenerState): void {
  if (
    state.closed ||
    state.pollsOnly ||
    state.retry !== undefined ||
    state.subscribers.channels().length === 0
  )
    return;
  const delayMs = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** state.failures);
  state.failures += 1;
  state.retry = setTimeout(() => {
    state.retry = undefined;
    if (state.client === undefined) void connect(state);
  }, delayMs);
}

async function attempt(state: ListenerState): Promise<void> {
  let client: Client | undefined;
  try {
    const link = await state.options.open();
    client = link.client;
    if (link.keeps === 'transactions') {
      state.pollsOnly = true;
      client.end().catch(() => undefined);
      return;
    }
    const opened = client;
    opened.on('notification', (message) => state.subscribers.deliver(message.channel, message.payload ?? ''));
    // Channels added while these statements run see `state.client` unset and are part of the next round.
    let done = new Set<string>();
    for (let todo = state.subscribers.channels(); todo.length > 0; ) {
      await opened.query(todo.map((channel) => `listen ${quoteIdentifier(channel)}`).join(';'));
      done = new Set([...done, ...todo]);
      todo = state.subscribers.channels().filter((channel) => !done.has(channel));
    }
    if (state.closed) throw unavailable('closed');
    adopt(state, opened);
  } catch (error) {
    client?.end().catch(() => undefined);
    if (state.closed) return;
    state.options.onFault(error);
    retryLater(state);
  }
}

function adopt(state: ListenerState, client: Client): void {
  state.client = client;
  state.failures = 0;
  client.on('error', (error) => lose(state, client, error));
  client.on('end', () => lose(state, client, unavailable('connection-lost')));
  state.heartbeat = setInterval(() => {
    client.query('select 1').catch((error: unknown) => lose(state, client, error));
  }, state.options.heartbeatMs);
  state.heartbeat.unref();
  // What was notified while nobody listened is lost, so readers look for themselves once.
  if (state.connectedBefore) state.subscribers.deliverToAll('');
  state.connectedBefore = true;
}

function connect(state: ListenerState): Promise<void> {
  state.connecting ??= attempt(state).finally(() => {
    state.connecting = undefined;
  });
  return state.connecting;
}

async function subscribe(
  state: ListenerState,
  channel: string,
  onNotify: (payload: string) => void,
): Promise<() => Promise<void>> {
  if (state.closed) throw unavailable('closed');
  const isFirst = state.subscribers.add(channel, onNotify) === 'first';
  if (state.client === undefined && !state.pollsOnly) await connect(state);
  else if (isFirst) await tell(state, `listen ${quoteIdentifier(channel)}`);
  return async () => {
    if (state.subscribers.remove(channel, onNotify) === 'last')
      await tell(state, `unlisten ${quoteIdentifier(channel)}`);
  };
}

async function tell(state: ListenerState, statement: string): Promise<void> {
  const client = state.client;
  // A connection that comes back listens to the channels subscribed then, so a failure here heals with it.
  await client?.query(statement).catch((error: unknown) => lose(state, client, error));
}

/** Builds the listener; it connects with the first `listen`, which resolves even while the database is away. */
export function createPostgresListener(options: PostgresListenerOptions): PostgresListener {
  const state: ListenerState = {
    options,
    subscribers: createChannelSubscribers(options.onFault),
    client: undefined,
    connecting: undefined,
    retry: undefined,
    heartbeat: undefined,
    failures: 0,
    connectedBefore: false,
    pollsOnly: false,
    closed: false,
  };
  return {
    listen: (channel, onNotify) => subscribe(state, channel, onNotify),
    close: async () => {
      state.closed = true;
      clearTimeout(state.retry);
      clearInterval(state.heartbeat);
      const client = state.client;
      state.client = undefined;
      await state.connecting;
      client?.end().catch(() => undefined);
    },
  };
}
