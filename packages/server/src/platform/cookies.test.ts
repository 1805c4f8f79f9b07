import { expect, test } from 'vitest';
import { buildCookie, type CookieJar, getCookie } from './cookies.ts';

const https = 'https://id.example';
const http = 'http://localhost:8080';

test.each<[CookieJar, string, string]>([
  ['sessions', https, '__Host-latchkey_sessions=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60'],
  ['browser', https, '__Host-latchkey_browser=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60'],
  ['known', https, '__Host-latchkey_known=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60'],
  ['state', https, '__Host-latchkey_state=v; Path=/; SameSite=None; Secure; Max-Age=60'],
  ['sessions', http, 'latchkey_sessions=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60'],
  ['state', http, 'latchkey_state=v; Path=/; SameSite=Lax; Max-Age=60'],
])(
  'only the state cookie is for scripts and for frames on other sites, over https alone (%s at %s)',
  (jar, origin, line) => {
    expect(buildCookie(jar, origin, 'v', 60)).toBe(line);
  },
);

test('an empty value deletes a cookie, and one without a lifetime goes with the browser', () => {
  expect(buildCookie('state', https, '', 60)).toMatch(/^__Host-latchkey_state=; .*; Max-Age=0$/);
  expect(buildCookie('browser', https, 'v')).not.toContain('Max-Age');
});

test('a cookie is found by its whole name', () => {
  const header = 'xlatchkey_state=1; latchkey_state=2; latchkey_sessions=3';
  expect(getCookie(header, 'state', http)).toBe('2');
  expect(getCookie(header, 'state', https)).toBeUndefined();
  expect(getCookie(null, 'state', http)).toBeUndefined();
});

test('a cookie without a name is not taken for one of ours', () => {
  expect(getCookie('latchkey_stateX; latchkey_state=2', 'state', http)).toBe('2');
  expect(getCookie('latchkey_stateX', 'state', http)).toBeUndefined();
});
