import { type BrowserAgent, completeSignIn, type HtmlPage, pageOf, type SeededUser } from '@latchkey/testkit';
import { basic, beginFlow } from '../flows/flow-world.ts';
import { type AttackCase, answered, numbered, problem, type Row, refused } from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { browserAt, submission } from './door-browser.ts';
import { api, token } from './requests.ts';

let made = 0;
/** A text no other row uses. */
function fresh(): string {
  made += 1;
  return `limit-${made}`;
}

type Fields = Readonly<Record<string, unknown>>;

/** Makes a user by an owner of the instance. */
async function userMade(w: AttackWorld, fields: Fields) {
  const json = { kind: 'human', givenName: 'Eve', familyName: 'Twin', organizationId: w.near.organizationId };
  return api(await w.tokenFor(w.people.instanceOwner), 'POST', '/users', { ...json, ...fields });
}

async function userChanged(w: AttackWorld, { id }: SeededUser, fields: Fields) {
  return api(await w.tokenFor(w.people.instanceOwner), 'PATCH', `/users/${id}`, fields);
}

const taken = problem(409, 'already-exists');

const twins: readonly Row[] = [
  [
    'a login name in another case, with a dot at the end of its domain',
    'CWE-178',
    async (w) => {
      const { loginName } = await w.freshPerson([], { loginName: `${fresh()}@example.com` });
      return userMade(w, { loginName: `${loginName.toUpperCase()}.` });
    },
    taken,
  ],
  [
    'a verified address that is the login name of another person',
    'CWE-289',
    async (w) => {
      const { loginName: email } = await w.freshPerson([], { loginName: `${fresh()}@example.com` });
      return userMade(w, { loginName: fresh(), email, isEmailVerified: true });
    },
    taken,
  ],
  [
    'a login name that is the verified address of another person',
    'CWE-289',
    async (w) => {
      const email = `${fresh()}@example.com`;
      await w.doors.near.send(await userMade(w, { loginName: fresh(), email, isEmailVerified: true }));
      return userMade(w, { loginName: email });
    },
    taken,
  ],
  [
    'an unverified address of two people, verified for both',
    'CWE-289',
    async (w) => {
      const email = `${fresh()}@example.com`;
      await w.doors.near.send(await userMade(w, { loginName: fresh(), email, isEmailVerified: true }));
      return userChanged(w, await w.freshPerson(), { email, isEmailVerified: true });
    },
    taken,
  ],
  [
    'an organization named like another in another case',
    'CWE-178',
    async (w) => {
      const owner = await w.tokenFor(w.people.instanceOwner);
      const name = fresh();
      await w.doors.near.send(api(owner, 'POST', '/organizations', { name }));
      const twin = { name: name.toUpperCase(), primaryDomain: `${fresh()}.example` };
      return api(owner, 'POST', '/organizations', twin);
    },
    taken,
  ],
  [
    'a machine with the login name of a person in another case',
    'CWE-178',
    async (w) => {
      const owner = await w.tokenFor(w.people.instanceOwner);
      const loginName = fresh();
      await w.doors.near.send(await userMade(w, { loginName }));
      const twin = { organizationId: w.near.organizationId, loginName: loginName.toUpperCase() };
      return api(owner, 'POST', '/users', { kind: 'machine', ...twin });
    },
    taken,
  ],
];

/** Eleven failures at one client, each as another address; the last one is judged. */
function failures(whose: 'shop' | 'acme' | 'globex', spell: (attempt: number) => string): AttackCase['send'] {
  return async (w, door) => {
    const request = (attempt: number) =>
      token(
        { grant_type: 'client_credentials' },
        { ...basic(w[whose].web.clientId, 'guess'), 'x-forwarded-for': spell(attempt) },
      );
    for (let attempt = 0; attempt < 10; attempt += 1) await door.send(request(attempt));
    return request(10);
  };
}

const tooMany = refused(429, 'invalid_client');
// The process has the limits a server has by default; those of the nodes are lifted for the other rows.
const at = ['process'] as const;

const spellings: readonly Row[] = [
  [
    'guesses of a secret from the addresses of one /64',
    'RFC 6177 §2',
    failures('shop', (attempt) => `2001:db8:1:1::${attempt + 1}`),
    tooMany,
    { at },
  ],
  [
    'guesses of a secret from an IPv4 address and its mapped twins',
    'RFC 4291 §2.5.5.2',
    failures('acme', (attempt) => (attempt % 2 === 0 ? '203.0.113.7' : '::ffff:203.0.113.7')),
    tooMany,
    { at },
  ],
  [
    'guesses of a secret from changing ports',
    'RFC 7239 §6',
    failures('globex', (attempt) => `203.0.113.8:${1000 + attempt}`),
    tooMany,
    { at },
  ],
  [
    'guesses of a secret from changing ports of an IPv6 address',
    'RFC 7239 §6',
    failures('shop', (attempt) => `[2001:db8:2::1]:${1000 + attempt}`),
    tooMany,
    { at },
  ],
  [
    'guesses of a secret behind hops nobody can read',
    'RFC 7239 §6.3',
    failures('acme', (attempt) => `198.51.100.${attempt}, unknown-${attempt}`),
    tooMany,
    { at },
  ],
  [
    'guesses of a secret behind addresses the caller makes up',
    'RFC 7239 §8.1',
    failures('globex', (attempt) => `198.51.100.${attempt}, 203.0.113.9`),
    tooMany,
    { at },
  ],
];

/** Opens the password page for a name; nobody is signed in there, whoever was before. */
async function passwordPage(w: AttackWorld, agent: BrowserAgent, loginName: string): Promise<HtmlPage> {
  agent.cookies.set('latchkey_sessions', '');
  const start = pageOf(await agent.open((await beginFlow(w.near, w.shop.spa)).url));
  return pageOf(await agent.submit(start, { loginName }));
}

const guesses: readonly Row[] = [
  [
    'a person whose account others guess at is locked out of the browser that knows it',
    'CWE-645',
    async (w, door) => {
      const person = await w.freshPerson();
      const own = browserAt(w, [door]);
      await completeSignIn(own, await own.open((await beginFlow(w.near, w.shop.spa)).url), person);
      const page = await passwordPage(w, own, person.loginName);
      const other = browserAt(w, [door]);
      const guessed = await passwordPage(w, other, person.loginName);
      for (let attempt = 0; attempt < 6; attempt += 1)
        await other.submit(guessed, { password: `wrong ${attempt}` });
      return submission(own, page, { password: person.password });
    },
    answered(303, ({ headers }) => {
      if (!(headers.get('set-cookie') ?? '').includes('latchkey_sessions')) throw new Error('not signed in');
    }),
    { state: ['events', 'sessions', 'sign_in_attempts', 'users'] },
  ],
];

/** Twins of names, and callers who try to look like many. */
export const limitAttacks: readonly AttackCase[] = [
  ...numbered('twin', twins),
  ...numbered('caller', spellings),
  ...numbered('guess', guesses),
];
