import { createHash, randomBytes } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { checkSessionScript } from './check-session-script.ts';

interface Frame {
  /** What the frame answers to a message from an origin; `undefined` when it says nothing. */
  readonly ask: (origin: string, data: unknown) => Promise<readonly unknown[]>;
}

function openFrame(cookie: string, hasStorageAccess?: () => Promise<boolean>): Frame {
  const answers: unknown[][] = [];
  const source = { postMessage: (...values: unknown[]) => answers.push(values) };
  const listeners: ((event: unknown) => void)[] = [];
  const window = {
    addEventListener: (_: string, listen: (event: unknown) => void) => listeners.push(listen),
  };
  const document = {
    cookie,
    documentElement: { getAttribute: () => 'latchkey_state' },
    ...(hasStorageAccess === undefined ? {} : { hasStorageAccess }),
  };
  runInNewContext(checkSessionScript, { window, document });
  return {
    ask: async (origin, data) => {
      answers.length = 0;
      for (const listen of listeners) listen({ source, origin, data });
      await new Promise((resolve) => setImmediate(resolve));
      return answers.flat();
    },
  };
}

function stateFor(client: string, origin: string, state: string, salt = 'c2FsdA'): string {
  return `${createHash('sha256').update(`${client} ${origin} ${state} ${salt}`).digest('hex')}.${salt}`;
}

const app = 'https://app.example';

test('Session Management §3.2: the frame says unchanged for its own hash, changed for another, to the asker’s origin only', async () => {
  const frame = openFrame('other=1; latchkey_state=abc; last=2');
  expect(await frame.ask(app, `100 ${stateFor('100', app, 'abc')}`)).toEqual(['unchanged', app]);
  expect(await frame.ask(app, `100 ${stateFor('100', app, 'before')}`)).toEqual(['changed', app]);
  expect(await frame.ask(app, `200 ${stateFor('100', app, 'abc')}`)).toEqual(['changed', app]);
  const other = 'https://other.example';
  expect(await frame.ask(other, `100 ${stateFor('100', app, 'abc')}`)).toEqual(['changed', other]);
});

test('Session Management §3.2: a browser that lost the cookie has changed', async () => {
  expect(await openFrame('').ask(app, `100 ${stateFor('100', app, 'abc')}`)).toEqual(['changed', app]);
  const reachable = openFrame('', () => Promise.resolve(true));
  expect(await reachable.ask(app, `100 ${stateFor('100', app, 'abc')}`)).toEqual(['changed', app]);
});

test('a browser that keeps our cookies from frames is an error, so that nobody is signed out for it', async () => {
  const blocked = openFrame('', () => Promise.resolve(false));
  expect(await blocked.ask(app, `100 ${stateFor('100', app, 'abc')}`)).toEqual(['error', app]);
  const failing = openFrame('', () => Promise.reject(new Error('not here')));
  expect(await failing.ask(app, `100 ${stateFor('100', app, 'abc')}`)).toEqual(['error', app]);
});

test.each([
  '',
  'x',
  '100',
  `100  ${stateFor('100', app, 'abc')}`,
  `100 ${stateFor('100', app, 'abc').replace('.', ' ')}`,
  '100 abc.def',
  `100 ${stateFor('100', app, 'abc', 'a<b')}`,
  `${'x'.repeat(3000)} ${stateFor('100', app, 'abc')}`,
  undefined,
  { client: '100' },
])(
  'Session Management §3.2: a message that is not client_id, a space and session_state is an error (%j)',
  async (data) => {
    expect(await openFrame('latchkey_state=abc').ask(app, data)).toEqual(['error', app]);
  },
);

test('an opaque origin gets no answer', async () => {
  expect(await openFrame('latchkey_state=abc').ask('null', 'x')).toEqual([]);
});

test('FIPS 180-4 §6.2: the frame hashes texts of every length as node does', async () => {
  for (let length = 1; length <= 200; length += 1) {
    const state = randomBytes(length).toString('base64url').slice(0, length);
    const message = `kündin ${stateFor('kündin', app, state)}`;
    expect(await openFrame(`latchkey_state=${state}`).ask(app, message)).toEqual(['unchanged', app]);
  }
});
