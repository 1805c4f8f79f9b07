import { z } from 'zod';
import type { AccountCredentials, Config } from './config.ts';
import { findNote, putNote } from './database/notes.ts';
import type { Database } from './database/open-database.ts';
import { findFirstReaderAt, forgetReaders } from './database/readers.ts';

/** What the search for deleted accounts needs. */
export interface ForgettingOptions {
  readonly issuer: string;
  /** A machine user who may read events. */
  readonly credentials: AccountCredentials;
  readonly db: Database;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => Date;
}

// The audience of the management API.
const MANAGEMENT_SCOPE = 'openid urn:zitadel:iam:org:project:id:zitadel:aud';

const CHECKED_UNTIL = 'deleted-accounts-checked-until';
const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 10_000;

// Events of long transactions appear late, so each check looks back a little.
const OVERLAP_MS = 600_000;

const Discovery = z.object({ token_endpoint: z.url() });
const Token = z.object({ access_token: z.string() });
const Events = z.object({
  items: z.array(z.object({ type: z.string(), objectId: z.string() })),
  nextCursor: z.string().optional(),
});

/**
 * Forgets readers whose accounts were deleted at the issuer since the last check: asks the management API for the events
 * `user.removed`. An event is a positive statement, so neither a missing permission nor an issuer that is away is mistaken
 * for a deletion. Resolves to how many readers were forgotten. Rejects when the issuer does not answer as it should.
 */
export async function forgetDeletedReaders(options: ForgettingOptions): Promise<number> {
  const { issuer, db, now = () => new Date() } = options;
  const startedAt = now();
  const note = `${CHECKED_UNTIL} ${issuer}`;
  const since = (await findNote(db, note)) ?? (await findFirstReaderAt(db, issuer))?.toISOString();
  // Who has not stored anything yet has nothing to be forgotten.
  if (since === undefined) return 0;
  const subjects = await listDeletedSubjects(options, new Date(Date.parse(since) - OVERLAP_MS));
  const forgotten = await forgetReaders(db, issuer, subjects);
  await putNote(db, note, startedAt.toISOString());
  return forgotten;
}

async function listDeletedSubjects(options: ForgettingOptions, from: Date): Promise<string[]> {
  const { issuer } = options;
  const headers = { Authorization: `Bearer ${await requestToken(options)}` };
  const list = (query: URLSearchParams) =>
    requestJson(options, `${issuer}/api/v1/events?${query}`, Events, { headers });
  // The list holds what the machine user may see. Who sees nothing at all has no permission, which is not "none deleted".
  const { items: visible } = await list(new URLSearchParams({ limit: '1' }));
  if (visible.length === 0) throw new Error(`${options.credentials.clientId} may not read events`);
  const subjects: string[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ type: 'user.removed', from: from.toISOString(), limit: '200' });
    if (cursor !== undefined) query.set('cursor', cursor);
    const page = await list(query);
    subjects.push(
      ...page.items.filter(({ type }) => type === 'user.removed').map(({ objectId }) => objectId),
    );
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return subjects;
}

// RFC 6749 §4.4
async function requestToken(options: ForgettingOptions): Promise<string> {
  const { issuer, credentials } = options;
  const { token_endpoint } = await requestJson(
    options,
    `${issuer}/.well-known/openid-configuration`,
    Discovery,
  );
  const userAndSecret = [credentials.clientId, credentials.clientSecret].map(encodeURIComponent).join(':');
  const { access_token } = await requestJson(options, token_endpoint, Token, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(userAndSecret).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: MANAGEMENT_SCOPE }),
  });
  return access_token;
}

async function requestJson<Value>(
  options: ForgettingOptions,
  url: string,
  schema: z.ZodType<Value>,
  init: RequestInit = {},
): Promise<Value> {
  const { fetch = globalThis.fetch } = options;
  const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) {
    throw new Error(
      `${new URL(url).pathname} answered with status ${response.status}: ${await response.text()}`,
    );
  }
  return schema.parse(await response.json());
}

/** Looks for deleted accounts now and every minute, until `stop`. Without credentials nobody is forgotten. */
export function startForgetting(config: Config, db: Database): { stop(): void } {
  const { issuer, accountCredentials: credentials } = config;
  if (credentials === undefined) {
    console.log('ACCOUNTS_CLIENT_ID is not set: the data of deleted readers is kept.');
    return { stop: () => undefined };
  }
  let failed = false;
  const check = () =>
    forgetDeletedReaders({ issuer, credentials, db }).then(
      () => {
        failed = false;
      },
      (error: unknown) => {
        // The next check makes up for it; one line says so, not one a minute.
        if (!failed) console.error(`Deleted readers cannot be looked for: ${String(error)}`);
        failed = true;
      },
    );
  void check();
  const timer = setInterval(() => void check(), INTERVAL_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
