import { expect, test } from 'vitest';
import { createBrowserAgent, leftFor, pageOf } from './browser-agent.ts';
import type { SendInit } from './send-request.ts';

const issuer = 'http://localhost:20001';

interface Seen extends SendInit {
  readonly path: string;
}

/** A site of one page with a form, whose form is answered by a redirect to an application. */
function site(policy: string, formAnswer: Readonly<Record<string, string>>) {
  const seen: Seen[] = [];
  const fetch = async (path: string, init: SendInit = {}): Promise<Response> => {
    seen.push({ path, ...init });
    if (path.startsWith('/form'))
      return new Response(null, {
        status: 303,
        headers: { location: 'https://app.example.com/cb', ...formAnswer },
      });
    const html =
      '<main data-page="login-name"><form method="post" action="/form"><input type="hidden" name="a" value="1 &amp; 2"/>' +
      '<input id="b" name="b" value=""/><button id="no" name="say" value="no">No</button>' +
      '<button id="yes" name="say" value="yes">Yes</button></form></main>';
    return new Response(html, {
      headers: {
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'set-cookie': 'k=v; Path=/',
      },
    });
  };
  return { seen, agent: createBrowserAgent({ issuer, fetch }) };
}

test('a form is sent with its hidden fields, the pressed button, the cookies and the headers of a browser', async () => {
  const { agent, seen } = site("default-src 'none'; form-action 'self' https://app.example.com", {});
  const page = pageOf(await agent.open('/start'));
  const left = leftFor(await agent.submit(page, { b: 'x' }, { buttonId: 'yes' }));
  expect(left).toMatchObject({ kind: 'left', method: 'GET' });
  expect(left.url.href).toBe('https://app.example.com/cb');
  expect(seen[1]).toMatchObject({
    path: '/form',
    method: 'POST',
    headers: { cookie: 'k=v', origin: 'null', 'sec-fetch-site': 'same-origin' },
  });
  expect(String(seen[1]?.body)).toBe('a=1+%26+2&b=x&say=yes');
});

test('CSP Level 3 §6.4.1: a redirect after a form is held to form-action, as browsers do', async () => {
  const { agent } = site("form-action 'self'", {});
  const page = pageOf(await agent.open('/start'));
  await expect(agent.submit(page, {})).rejects.toThrow('form-action');
});

test('a cookie with Max-Age=0 goes', async () => {
  const { agent } = site("form-action 'self' https://app.example.com", {
    'set-cookie': 'k=; Path=/; Max-Age=0',
  });
  await agent.submit(pageOf(await agent.open('/start')), {});
  expect(agent.cookies.header()).toBe('');
});

test('asking a page for what it does not have fails', async () => {
  const { agent } = site("form-action 'self'", {});
  const stop = await agent.open('/start');
  expect(() => leftFor(stop)).toThrow('login-name');
  expect(() => agent.click(pageOf(stop), 'nothing')).toThrow('no link nothing');
  expect(() => agent.submit(pageOf(stop), {}, { buttonId: 'nothing' })).toThrow('no button nothing');
});
