import { fileURLToPath } from 'node:url';
import { createBrowserAgent, pageOf, type SendInit } from '@latchkey/testkit';
import type { LatchkeyUnderTest } from './latchkey.ts';
import type { LoadClient } from './load-client.ts';
import { addressOf, send } from './people.ts';
import { cpuMicros, end, nextMessage, startNode } from './processes.ts';
import type { Pace } from './rounds.ts';
import { median } from './rounds.ts';
import type { Scenario } from './scenarios.ts';

/** What password sign-ins cost, and what they cost others. */
export interface LoginResult {
  readonly name: LatchkeyUnderTest['name'];
  readonly bareHashesPerSecond: number;
  readonly loginsPerSecond: number;
  /** CPU time of a hash and of a sign-in in each round, in microseconds. */
  readonly bareHashCpuMicros: readonly number[];
  readonly loginCpuMicros: readonly number[];
  /** p99 of introspection while the flood goes on. */
  readonly introspectionP99Ms: number;
}

/** The form of a password page, with the cookie of the browser it was given to. */
export interface PasswordForm {
  readonly action: URL;
  readonly fields: Readonly<Record<string, string>>;
  readonly cookie: string;
}

let crowd = 100_000;

/** Goes to the password page as somebody with an address of their own, and stops before sending it. */
export async function openPasswordForm(server: LatchkeyUnderTest, loginName: string): Promise<PasswordForm> {
  crowd += 1;
  const fetch = (path: string, init?: SendInit): Promise<Response> => send(server, path, init);
  const agent = createBrowserAgent({ issuer: server.origin, fetch }, { 'x-forwarded-for': addressOf(crowd) });
  const first = pageOf(await agent.open(`${server.origin}/login`));
  const page = pageOf(await agent.submit(first, { loginName }));
  const [form] = page.forms;
  if (form === undefined) throw new Error(`the page ${page.name} has no form`);
  return { action: new URL(form.action, page.url), fields: form.fields, cookie: agent.cookies.header() };
}

/** Sends a password that is right. */
export async function sendPassword(
  server: LatchkeyUnderTest,
  form: PasswordForm,
  password: string,
): Promise<void> {
  crowd += 1;
  const response = await send(server, form.action.pathname + form.action.search, {
    body: new URLSearchParams({ ...form.fields, password }),
    headers: {
      origin: server.origin,
      'sec-fetch-site': 'same-origin',
      cookie: form.cookie,
      'x-forwarded-for': addressOf(crowd),
    },
  });
  if (response.status !== 302 && response.status !== 303)
    throw new Error(`a sign-in was answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
}

/** How many a second, and the CPU time of each in microseconds. */
interface Speed {
  readonly perSecond: number;
  readonly cpuMicrosEach: number;
}

/** Sends passwords that are right, so many at once, until the time is over. */
async function flood(server: LatchkeyUnderTest, durationMs: number, atOnce: number): Promise<Speed> {
  const { users } = server.population;
  const forms = await Promise.all(users.map((user) => openPasswordForm(server, user.loginName)));
  let logins = 0;
  const cpuBefore = cpuMicros(server.pid());
  const startedAt = performance.now();
  const person = async (start: number): Promise<void> => {
    for (let index = start; performance.now() - startedAt < durationMs; index += atOnce) {
      const [user, form] = [users[index % users.length], forms[index % users.length]];
      if (user === undefined || form === undefined) throw new Error('nobody to sign in');
      await sendPassword(server, form, user.password);
      logins += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, users.length) }, (_, index) => person(index)));
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: logins / seconds, cpuMicrosEach: (cpuMicros(server.pid()) - cpuBefore) / logins };
}

async function bareHashes(durationMs: number): Promise<Speed> {
  const script = fileURLToPath(new URL('./bare-argon2.ts', import.meta.url));
  const child = startNode('server', ['--import', import.meta.resolve('tsx'), script]);
  child.send({ durationMs });
  const speed = (await nextMessage(child)) as Speed;
  await end(child);
  return speed;
}

/** Compares the rate of sign-ins with that of bare hashes on the same core, and asks how long others wait beside them. */
export async function measureLogins(
  server: LatchkeyUnderTest,
  client: LoadClient,
  introspection: Scenario,
  pace: Pace,
): Promise<LoginResult> {
  const [bare, logins, waits]: [Speed[], Speed[], number[]] = [[], [], []];
  const durationMs = pace.measureMs * 2;
  for (let round = 0; round < pace.rounds; round += 1) {
    bare.push(await bareHashes(durationMs));
    logins.push(await flood(server, durationMs, 8));
    const flooding = flood(server, durationMs + 500, 8);
    const { port, plan, expectedText } = introspection;
    const { p99Ms } = await client.run({ port, plan, expectedText, durationMs, connections: 4 });
    waits.push(p99Ms);
    await flooding;
  }
  return {
    name: server.name,
    bareHashesPerSecond: median(bare.map(({ perSecond }) => perSecond)),
    loginsPerSecond: median(logins.map(({ perSecond }) => perSecond)),
    bareHashCpuMicros: bare.map(({ cpuMicrosEach }) => cpuMicrosEach),
    loginCpuMicros: logins.map(({ cpuMicrosEach }) => cpuMicrosEach),
    introspectionP99Ms: median(waits),
  };
}
