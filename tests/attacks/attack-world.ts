import { randomBytes } from 'node:crypto';
import { createLogger } from '@latchkey/server';
import {
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  type SeededUser,
  startTemporaryPostgres,
  startTestServer,
  type TestServer,
  type UserSeed,
} from '@latchkey/testkit';
import { sql } from 'kysely';
import { beginFlow, type SignedIn, signIn, tokensFor } from '../flows/flow-world.ts';
import { type AttackEstates, seedEstates, seedPerson } from './attack-estates.ts';
import { consoleToken } from './console-token.ts';
import { createKeptLog, type Door, type DoorName, nodeDoor, startProcessDoor } from './doors.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
}

/** What there is to attack: two organizations and their people, clients and tokens, and the servers in front of them. */
export interface AttackWorld extends AttackEstates {
  /** The node of this process through which attacks are prepared. */
  readonly near: TestServer;
  readonly doors: Readonly<Record<DoorName, Door>>;
  /** Tokens of Ada at the front end of the shop; no attack may end them. */
  readonly live: Tokens;
  /** The same at `shop.jwtApp`, whose access tokens are JWTs. */
  readonly liveJwt: Tokens;
  /** A code for the front end of the shop that no attack may redeem; made again before it expires. */
  readonly unspentCode: () => Promise<SignedIn>;
  /** The sealed sign-in of another browser, as its form has it. */
  readonly foreignFlow: string;
  /** Tokens and a sign-in an attack may spend; Ada's at the front end of the shop unless said otherwise. */
  readonly freshTokens: (
    application?: SeededApplication,
    person?: SeededUser,
    scope?: string,
  ) => Promise<Tokens & { readonly signedIn: SignedIn }>;
  /** A code an attack may spend, for Ada. */
  readonly freshCode: (
    application: SeededApplication,
    params?: Readonly<Record<string, string>>,
  ) => Promise<SignedIn>;
  /** A person an attack may lock or remove, with manager roles of the instance (`IAM_…`) or organization (`ORG_…`). */
  readonly freshPerson: (roles?: readonly string[], seed?: UserSeed) => Promise<SeededUser>;
  /**
   * A token of a person for the management API, from a sign-in at the console. The same one for as long as the world
   * stands, unless a scope is given.
   */
  readonly tokenFor: (person: SeededUser, scope?: string) => Promise<string>;
  /** Every redirect URI of every application. */
  readonly redirectUris: () => Promise<readonly string[]>;
  /** A mark for each table that differs once a row was added, changed or removed. */
  readonly readState: () => Promise<Readonly<Record<string, string>>>;
  readonly stop: () => Promise<void>;
}

// Written in the background, whatever the request at hand: usage is counted in memory and kept now and then.
const background: readonly string[] = ['usage_counters'];

/** Reads the marks of all tables in one statement: how many rows there are, and which transactions wrote them. */
async function stateReader({ store }: TestServer): Promise<AttackWorld['readState']> {
  const tables = await store.db.introspection.getTables();
  const marks = tables
    .filter(({ name }) => !background.includes(name))
    .map(({ name }) => {
      // Refusals are noted once a second for all together.
      const where = name === 'events' ? sql`where type not like '%.refused'` : sql``;
      return sql`select ${sql.lit(name)} as name, count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) as mark
        from ${sql.table(name)} ${where}`;
    });
  const query = sql<{ name: string; mark: string }>`${sql.join(marks, sql` union all `)}`;
  return async () => {
    const { rows } = await query.execute(store.db);
    return Object.fromEntries(rows.map(({ name, mark }) => [name, mark]));
  };
}

async function foreignFlow(near: TestServer, application: SeededApplication): Promise<string> {
  const page = pageOf(await createBrowserAgent(near).open((await beginFlow(near, application)).url));
  const sealed = page.forms[0]?.fields.request;
  if (sealed === undefined) throw new Error('the sign-in page has no sealed request');
  return sealed;
}

// A third of what a code lives.
const unspentLifeMs = 20_000;

function actsOf(near: TestServer, estates: AttackEstates) {
  const { spa, ada } = estates.shop;
  const kept = new Map<string, Promise<string>>();
  const tokenFor: AttackWorld['tokenFor'] = (person, scope) => {
    if (scope !== undefined) return consoleToken(near, person, scope);
    const known = kept.get(person.id) ?? consoleToken(near, person);
    kept.set(person.id, known);
    return known;
  };
  const freshTokens: AttackWorld['freshTokens'] = (application = spa, person = ada, scope) =>
    tokensFor(near, application, person, scope);
  const freshCode: AttackWorld['freshCode'] = (application, params = {}) =>
    signIn(near, application, ada, { params: { scope: 'openid profile offline_access', ...params } });
  const freshPerson: AttackWorld['freshPerson'] = (roles = [], seed = {}) =>
    seedPerson(near, near.organizationId, roles, seed);
  let unspent: { readonly atMs: number; readonly code: Promise<SignedIn> } | undefined;
  const unspentCode: AttackWorld['unspentCode'] = () => {
    const now = near.clock.now();
    if (unspent === undefined || now - unspent.atMs > unspentLifeMs)
      unspent = { atMs: now, code: freshCode(spa) };
    return unspent.code;
  };
  return { tokenFor, freshTokens, freshCode, freshPerson, unspentCode };
}

/** Starts the servers and builds everything there is to attack. */
export async function startAttackWorld(): Promise<AttackWorld> {
  const postgres = await startTemporaryPostgres();
  const masterKeys = `attack:${randomBytes(32).toString('base64')}`;
  const [nearLog, farLog] = [createKeptLog(), createKeptLog()];
  const engine = { postgresUrl: postgres.url };
  const near = await startTestServer({ engine, masterKeys, log: createLogger('debug', nearLog) });
  const far = await near.startNode({ log: createLogger('debug', farLog) });
  const other = await startProcessDoor(near, { databaseUrl: postgres.url, masterKeys });
  const estates = await seedEstates(near);
  const acts = actsOf(near, estates);
  const { spa, jwtApp } = estates.shop;
  return {
    ...estates,
    ...acts,
    near,
    doors: {
      near: nodeDoor('near', near, nearLog),
      far: nodeDoor('far', far, farLog),
      process: other.door,
    },
    live: await acts.freshTokens(),
    liveJwt: await acts.freshTokens(jwtApp),
    foreignFlow: await foreignFlow(near, spa),
    redirectUris: async () => {
      const rows = await near.store.db.selectFrom('applications').select('redirectUris').execute();
      return rows.flatMap(({ redirectUris }) => redirectUris);
    },
    readState: await stateReader(near),
    stop: async () => {
      await other.stop();
      await far.close();
      await near.close();
      await postgres.stop();
    },
  };
}
