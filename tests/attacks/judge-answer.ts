import { expect } from 'vitest';
import { untilTrue } from '../faults/server-process.ts';
import type { Answer, AttackCase, Expected } from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import type { Door } from './doors.ts';

/** What judging an answer needs of the world. */
export type JudgedWorld = Pick<AttackWorld, 'redirectUris'> & { readonly near: { readonly issuer: string } };

/** The body of an answer as an object; empty when it is not one. */
function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

/** Reads an answer once, for everything that is asked of it. */
export async function readAnswer(response: Response, door: Door): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseObject(text), door };
}

const internals = /node_modules|\bat .*\.ts:|select .* from|syntax error|postgres/i;
const secrets = /lk_(rt|at|sec|ac|pat)_[\w-]{20}/;
const markup = /<script>alert|onerror=/i;

/** What no answer may do, whatever the attack; the problems found. */
function findLeaks({ status, headers, text }: Answer, { kind }: Expected): readonly string[] {
  const isPage = text.includes('<html');
  const isFramable = !(headers.get('content-security-policy') ?? '').includes("frame-ancestors 'none'");
  const checks = [
    [status >= 500, `status ${status}`],
    [internals.test(text), 'the answer shows the inside of the server'],
    [kind !== 'answered' && secrets.test(text), 'the answer has a secret in it'],
    [markup.test(text), 'the answer has the markup of the attacker'],
    [headers.get('access-control-allow-credentials') === 'true', 'credentials over origins'],
    [headers.has('x-injected') || /a=b/.test(headers.get('set-cookie') ?? ''), 'a header of the attacker'],
    [status >= 400 && headers.get('cache-control') !== 'no-store', 'an error without no-store'],
    [isPage && isFramable, 'a page that may be framed'],
  ] as const;
  return checks.filter(([isBad]) => isBad).map(([, problem]) => problem);
}

function isSameAddress(registered: string, url: URL): boolean {
  const known = new URL(registered);
  // RFC 8252 §7.3: any port of the loopback interface.
  const isLoopback = known.hostname === '127.0.0.1' || known.hostname === '[::1]';
  const withoutPort = (address: URL): string => `${address.protocol}//${address.hostname}${address.pathname}`;
  if (isLoopback) return withoutPort(known) === withoutPort(url);
  return known.origin + known.pathname === url.origin + url.pathname;
}

async function expectBack(
  answer: Answer,
  expected: Extract<Expected, { kind: 'back' }>,
  world: JudgedWorld,
): Promise<void> {
  const url = new URL(answer.headers.get('location') ?? '');
  const registered = await world.redirectUris();
  expect(
    registered.some((uri) => isSameAddress(uri, url)),
    `sent to ${url}`,
  ).toBe(true);
  const params = expected.in === 'fragment' ? new URLSearchParams(url.hash.slice(1)) : url.searchParams;
  expect(params.get('error')).toBe(expected.error);
  const loot = ['code', 'access_token', 'id_token', 'response'].filter(
    (name) => url.searchParams.has(name) || new URLSearchParams(url.hash.slice(1)).has(name),
  );
  expect(loot).toEqual([]);
}

const mediaTypes = { oauth: 'application/json', problem: 'application/problem+json', page: 'text/html' };

function expectBody(answer: Answer, expected: Expected): void {
  const { json, text, headers } = answer;
  if (expected.kind === 'oauth' || expected.kind === 'problem' || expected.kind === 'page')
    expect(headers.get('content-type')).toContain(mediaTypes[expected.kind]);
  if (expected.kind === 'oauth' && expected.error !== undefined) expect(json.error).toBe(expected.error);
  if (expected.kind === 'problem') expect(json.code).toBe(expected.code);
  if (expected.kind === 'inactive') expect(json).toEqual({ active: false });
  if (expected.kind === 'page' && expected.code !== undefined)
    expect(/id="error-code"[^>]*>([^<]*)</.exec(text)?.[1]).toBe(expected.code);
}

/** Holds an answer to what the attack expects, and to what every answer must be. */
export async function expectAnswer(
  answer: Answer,
  attack: Pick<AttackCase, 'expect'>,
  world: JudgedWorld,
): Promise<void> {
  const expected = attack.expect;
  const location = answer.headers.get('location');
  const seen = `${answer.status} ${location ?? ''} ${answer.text.slice(0, 400)}`;
  expect(findLeaks(answer, expected), seen).toEqual([]);
  if (expected.kind === 'back' || expected.kind === 'onward') {
    expect([302, 303], seen).toContain(answer.status);
    if (expected.kind === 'back') return await expectBack(answer, expected, world);
    const url = new URL(location ?? '', world.near.issuer);
    expect([url.origin, url.pathname], seen).toEqual([world.near.issuer, expected.path]);
    return;
  }
  expect(answer.status, seen).toBe(expected.kind === 'inactive' ? 200 : expected.status);
  if (expected.kind !== 'answered') expect(location, seen).toBeNull();
  expectBody(answer, expected);
}

/** Shows that the request was refused for the right reason: by the answer, or by what the server wrote to its log. */
export async function expectReason(answer: Answer, reason: RegExp, logMark: number): Promise<void> {
  if (reason.test(answer.text) || reason.test(decodeURIComponent(answer.headers.get('location') ?? '')))
    return;
  await untilTrue(`the reason ${reason} is in the log`, 3000, () =>
    Promise.resolve(reason.test(answer.door.logSince(logMark))),
  ).catch((error: Error) => {
    throw new Error(`${error.message}; the log says: ${answer.door.logSince(logMark)}`);
  });
}
