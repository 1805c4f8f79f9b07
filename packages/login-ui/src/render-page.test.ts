// @vitest-environment jsdom

import { describe, expect, test } from 'vitest';
import {
  sampleContext,
  samplePages,
  sampleProblems,
  sampleRegisterProblems,
} from '../fixtures/sample-pages.ts';
import { supportedLocales } from './locales.ts';
import { renderPage } from './render-page.tsx';
import type { FormProblem, Page } from './view-models.ts';

const hostileSuffix = `"'><script>alert(1)</script><img src=x onerror=alert(1)></style></title>&amp;{x}\u202E`;
const hostile = (plain: string) => plain + hostileSuffix;

/** Parsed as a browser without scripts does: the content of `<noscript>` counts. */
function parse(html: string): Document {
  return new DOMParser().parseFromString(html, 'text/html');
}

function hiddenOf(document: Document): string[][] {
  const fields = document.querySelectorAll<HTMLInputElement>('input[type=hidden]');
  return [...fields].map(({ name, value }) => [name, value]);
}

function documentOf(page: Page, locale = 'en'): Document {
  return parse(renderPage(page, sampleContext(locale)));
}

function sample(name: string): Page {
  const page = samplePages().get(name);
  if (page === undefined) throw new Error(`There is no sample page "${name}".`);
  return page;
}

function attributesOf(document: Document): Attr[] {
  return [...document.querySelectorAll('*')].flatMap((element) => [...element.attributes]);
}

function textOf(document: Document, selector: string): string | undefined {
  return document.querySelector(selector)?.textContent?.replace(/\s+/g, ' ').trim();
}

const scriptedKinds: ReadonlySet<Page['kind']> = new Set(['form-post', 'register', 'frontchannel-logout']);

const everyPage = supportedLocales.flatMap((locale) =>
  [...samplePages()].map(([name, page]) => ({ name, page, locale })),
);

describe.each(everyPage)('$name in $locale', ({ name, page, locale }) => {
  test('is a complete document in its language with a title, a heading and the needed metadata', () => {
    expect(renderPage(page, sampleContext(locale))).toMatch(
      /^<!doctype html><html lang="\w+" dir="ltr"><head>/,
    );
    const document = documentOf(page, locale);
    expect(document.documentElement.lang).toBe(locale);
    expect(document.querySelectorAll('h1')).toHaveLength(1);
    expect(document.title).toMatch(/\S · Acme Studios$/);
    const metadata = (of: string) => document.querySelector(`meta[name="${of}"]`)?.getAttribute('content');
    expect(metadata('robots')).toBe('noindex');
    expect(metadata('referrer')).toBe('no-referrer');
    expect(metadata('viewport')).toBe('width=device-width, initial-scale=1');
  });

  test('obeys a policy of nonces: none missing, no handler, no style attribute, nothing fetched', () => {
    const document = documentOf(page, locale);
    const inline = [...document.querySelectorAll('style, script')];
    expect(inline.map((element) => element.localName)).toEqual(
      scriptedKinds.has(page.kind) ? ['style', 'script'] : ['style'],
    );
    for (const element of inline) expect(element.getAttribute('nonce')).toBe('bm9uY2U');
    expect(attributesOf(document).filter(({ name: of }) => of.startsWith('on') || of === 'style')).toEqual(
      [],
    );
    const fetched = attributesOf(document).filter(({ name: of }) => of === 'src' || of === 'srcset');
    expect(fetched.map(({ value }) => value)).toEqual(page.kind === 'frontchannel-logout' ? page.frames : []);
    expect([...document.querySelectorAll('link')].map((link) => link.href.slice(0, 5))).toEqual(['data:']);
    expect(document.querySelector('style')?.textContent).not.toMatch(/url\(|@import|@font-face/);
  });

  test('gives hostile texts no effect: they stay text', () => {
    const page = samplePages(hostile).get(name);
    if (page === undefined) throw new Error('The same samples have the same names.');
    const context = { ...sampleContext(locale, hostile), nonce: 'bm9uY2U' };
    const document = parse(renderPage(page, context));
    const plain = documentOf(sample(name), locale);
    const elements = (of: Document) =>
      [...of.querySelectorAll('*')].map((element) => element.localName).join(' ');
    // A login name that gains the hostile suffix keeps its "@", so the two documents have the same elements.
    expect(elements(document)).toBe(elements(plain));
    expect(attributesOf(document).map((attribute) => attribute.name)).toEqual(
      attributesOf(plain).map((attribute) => attribute.name),
    );
    expect(document.body.textContent).not.toContain('\u202E');
    expect(document.title).toContain('Acme Studios"\'><script>');
  });

  test('has no id twice', () => {
    const ids = [...documentOf(page, locale).querySelectorAll('[id]')].map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('brings what travels unseen back exactly as it came, in every form', () => {
    const hostilePage = samplePages(hostile).get(name);
    if (hostilePage === undefined || !('form' in hostilePage)) return expect(page).not.toHaveProperty('form');
    const document = parse(renderPage(hostilePage, sampleContext(locale)));
    expect(document.forms).toHaveLength(1);
    expect(document.forms[0]?.method).toBe('post');
    expect(document.forms[0]?.getAttribute('action')).toBe(hostile('/login/step'));
    expect(hiddenOf(document)).toEqual([
      ['request', hostile('sealed-request')],
      ['csrf', hostile('token')],
    ]);
  });
});

test('login name: the field and the button have their stable ids and the browser knows what the field is for', () => {
  const document = documentOf(sample('login-name-again'));
  const field = document.querySelector<HTMLInputElement>('input#loginName[name=loginName]');
  expect(field?.value).toBe('mira@acme.example');
  expect(field?.autocomplete).toBe('username');
  expect(field?.getAttribute('autocapitalize')).toBe('none');
  expect(field?.getAttribute('spellcheck')).toBe('false');
  expect(field?.hasAttribute('autofocus')).toBe(true);
  expect(document.querySelector('label[for=loginName]')?.textContent).toBe('Login name');
  expect(document.querySelector('button#submit[type=submit]')?.textContent).toBe('Continue');
  expect(document.querySelector('#accounts')?.getAttribute('href')).toBe('/login/accounts');
});

test('password: the field has its stable id and stands beside the login name that is not sent', () => {
  const document = documentOf(sample('password'));
  const field = document.querySelector<HTMLInputElement>('input#password[name=password][type=password]');
  expect(field?.autocomplete).toBe('current-password');
  expect(field?.value).toBe('');
  const username = document.querySelector<HTMLInputElement>('input[autocomplete=username]');
  expect(username?.value).toBe('mira@acme.example');
  expect(username?.readOnly).toBe(true);
  expect(username?.hasAttribute('name')).toBe(false);
  expect(username?.form).toBe(field?.form);
  expect(document.querySelector('#other-account')?.getAttribute('href')).toBe('/login');
});

test('the application that asked is named in the heading, and left out when nobody asked', () => {
  expect(textOf(documentOf(sample('login-name')), 'h1')).toBe('Sign in to continue to Quotes');
  expect(textOf(documentOf(sample('password'), 'de'), 'h1')).toBe(
    'Passwort eingeben um mit Quotes fortzufahren',
  );
  const { applicationName: _, ...alone } = sampleContext('en');
  const document = parse(renderPage(sample('login-name'), alone));
  expect(textOf(document, 'h1')).toBe('Sign in');
});

const fieldProblems: readonly FormProblem['kind'][] = [
  'login-name-missing',
  'password-missing',
  'credentials-wrong',
  'user-code-wrong',
];

test.each(Object.values(sampleProblems))(
  'problem $kind: said once, as an alert that belongs to the field',
  (problem) => {
    const document = documentOf(sample(`password ${problem.kind}`));
    const field = document.querySelector('#password');
    const alerts = [...document.querySelectorAll('[role=alert]')];
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.textContent).not.toBe('');
    expect(field?.getAttribute('aria-describedby')).toBe(alerts[0]?.id);
    expect(field?.getAttribute('aria-invalid')).toBe(fieldProblems.includes(problem.kind) ? 'true' : null);
  },
);

test('problem too-many-attempts: says when to try again', () => {
  expect(textOf(documentOf(sample('password too-many-attempts')), '[role=alert]')).toBe(
    'Too many attempts. Try again in 45 seconds.',
  );
});

test('register: every field has its stable id, and the browser knows what it is for', () => {
  const document = documentOf(sample('register'));
  const fields = [...document.querySelectorAll<HTMLInputElement>('input:not([type=hidden])')];
  expect(fields.map(({ id, name, autocomplete, value }) => [id, name, autocomplete, value])).toEqual([
    ['givenName', 'givenName', 'given-name', 'Mira'],
    ['familyName', 'familyName', 'family-name', 'Albrecht'],
    ['loginName', 'loginName', 'username', 'mira@acme.example'],
    ['password', 'password', 'new-password', ''],
  ]);
  for (const { id } of fields) expect(document.querySelector(`label[for=${id}]`)?.textContent).not.toBe('');
  expect(document.querySelector('button#submit[type=submit]')?.textContent).toBe('Create account');
  expect(document.querySelector('#show-password')?.hasAttribute('hidden')).toBe(true);
  expect(document.querySelector('#sign-in')?.getAttribute('href')).toBe('/login');
  expect(document.querySelector('#password-hint')?.textContent).toContain('At least 15 characters.');
});

test.each(sampleRegisterProblems)(
  'register, $field $kind: said once, beside the field, which has the focus',
  ({ field, kind }) => {
    const document = documentOf(sample(`register ${field} ${kind}`));
    const alerts = [...document.querySelectorAll('[role=alert]')];
    expect(alerts.map((alert) => alert.id)).toEqual([`${field}-problem`]);
    expect(alerts[0]?.textContent).not.toBe('');
    const input = document.querySelector(`#${field}`);
    expect(input?.getAttribute('aria-describedby')?.split(' ')).toContain(`${field}-problem`);
    expect(input?.getAttribute('aria-invalid')).toBe('true');
    expect([...document.querySelectorAll('[autofocus]')].map(({ id }) => id)).toEqual([field]);
  },
);

test('consent: says what the application would have, as whom, and the two decisions are two buttons', () => {
  const document = documentOf(sample('consent'));
  expect(textOf(document, '.advice')).toBe('Quotes would like to:');
  expect(document.querySelectorAll('.asked-for li')).toHaveLength(11);
  expect(textOf(document, '[data-item=roles]')).toBe('Know your roles at Acme Studios');
  expect(textOf(document, '[data-item=project]')).toBe('Use “Ledger” of Acme Studios on your behalf');
  expect(textOf(document, '[data-item=management-api]')).toBe(
    'Manage this Latchkey instance with all your administrator permissions',
  );
  expect(textOf(document, '[data-item=offline-access]')).toBe('Keep this access when you’re not using it');
  expect(textOf(document, '.chosen')).toContain('Mira Albrecht mira@acme.example');
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('button[name=decision]')];
  expect(buttons.map(({ id, value }) => [id, value])).toEqual([
    ['submit', 'allow'],
    ['cancel', 'cancel'],
  ]);
});

test.each(['login-name', 'password', 'register', 'consent'])(
  'OpenID Connect Registration §2: what the application tells about itself is linked on the page %s',
  (name) => {
    const links = [...documentOf(sample(name)).querySelectorAll('nav.application-links a')];
    expect(links.map((link) => [link.textContent, link.getAttribute('href')])).toEqual([
      ['About Quotes', 'https://quotes.example/about'],
      ['Privacy policy', 'https://quotes.example/privacy'],
      ['Terms of service', 'https://quotes.example/terms'],
    ]);
    for (const link of links) expect(link.getAttribute('rel')).toBe('noopener noreferrer');
    const { applicationLinks: _, ...silent } = sampleContext('en');
    const plain = parse(renderPage(sample(name), silent));
    expect(plain.querySelector('nav.application-links')).toBeNull();
  },
);

test.each(['login-name', 'password', 'register', 'consent', 'device-confirm'])(
  'OpenID Connect Registration §2: the logo of the application is a picture of a fixed size on the page %s',
  (name) => {
    const context = sampleContext('en');
    const logoUri = hostile('https://quotes.example/logo.png');
    const withLogo = { ...context, applicationLinks: { ...context.applicationLinks, logoUri } };
    const [picture, ...others] = parse(renderPage(sample(name), withLogo)).querySelectorAll('img');
    expect(others).toEqual([]);
    expect(picture?.getAttribute('src')).toBe(logoUri);
    expect([picture?.alt, picture?.parentElement?.className]).toEqual(['', 'application-logo']);
    expect(picture?.getAttribute('referrerpolicy')).toBe('no-referrer');
  },
);

test('an error offers the ways on in their order, the first as the button of the page', () => {
  const ways = [
    { kind: 'application', href: 'https://quotes.example/' },
    { kind: 'again', href: '/login/again?request=sealed' },
  ] as const;
  const page = { ...sample('error request-expired'), ways } as Page; // cast: the sample is an error page
  const links = [...documentOf(page).querySelectorAll('nav.ways a')];
  expect(links.map((link) => [link.id, link.textContent, link.getAttribute('href'), link.className])).toEqual(
    [
      ['way-application', 'Go to Quotes', 'https://quotes.example/', 'button'],
      ['way-again', 'Start again', '/login/again?request=sealed', 'button button-quiet'],
    ],
  );
  expect(documentOf(sample('error request-expired')).querySelector('nav.ways')).toBeNull();
});

test.each([
  ['signOut', /sign[- ]in\b/i],
  ['device', /sign[- ](in|out)\b/i],
  ['approval', /sign[- ](in|out)\b/i],
] as const)('error: pages about %s speak of nothing else', (activity, ofOthers) => {
  for (const code of [
    'request-invalid',
    'request-expired',
    'other-browser',
    'forbidden-origin',
    'too-large',
  ]) {
    const page = { ...sample(`error ${code}`), activity } as Page; // cast: the sample is an error page
    const document = documentOf(page);
    expect(`${document.title} ${textOf(document, '.advice')}`, code).not.toMatch(ofOthers);
  }
});

test('login name: who may make an account is shown where', () => {
  const open = documentOf(sample('login-name-open'));
  expect(open.querySelector('#register')?.getAttribute('href')).toBe('/login/register');
  expect(documentOf(sample('login-name')).querySelector('#register')).toBeNull();
});

test('accounts: one button for each account posts its sessionId', () => {
  const buttons = [
    ...documentOf(sample('accounts')).querySelectorAll<HTMLButtonElement>('button[name=sessionId]'),
  ];
  expect(buttons.map(({ id, value, type }) => [id, value, type])).toEqual([
    ['account-1', '301', 'submit'],
    ['account-2', '302', 'submit'],
    ['account-3', '303', 'submit'],
  ]);
  expect(buttons[0]?.textContent).toContain('Mira Albrecht mira@acme.example');
});

test('sign-out: the two decisions are two buttons, and the first is to sign out', () => {
  const buttons = [
    ...documentOf(sample('sign-out-confirm')).querySelectorAll<HTMLButtonElement>('button[name=decision]'),
  ];
  expect(buttons.map(({ id, value }) => [id, value])).toEqual([
    ['submit', 'sign-out'],
    ['stay', 'stay'],
  ]);
});

test('error: a person reads what to do, a developer the detail, the code and the request id', () => {
  const document = documentOf(sample('error redirect-uri-mismatch'));
  expect(textOf(document, '#error-code')).toBe('redirect-uri-mismatch');
  expect(textOf(document, '#request-id')).toBe('req_7Hq2mZ4kT9');
  expect(textOf(document, '#error-detail')).toContain('is not registered');
  expect(textOf(documentOf(sample('error waiting')), '.advice')).toContain('Try again in 30 seconds.');
});

test('form post: the fields travel as they are, and the button for browsers without scripts hides no form method', () => {
  const document = documentOf(sample('form-post'));
  expect(document.querySelector('form')?.getAttribute('action')).toBe('https://quotes.example/callback');
  expect(hiddenOf(document)).toEqual([
    ['code', 'lk_ac_1'],
    ['state', 's1'],
    ['iss', 'https://id.acme.example'],
  ]);
  expect(document.querySelector('noscript button#submit')?.textContent).toBe('Continue');
  expect(document.querySelectorAll('form > :is([id=submit], [name=submit])')).toHaveLength(0);
});

test('Front-Channel Logout §3: the frames are hidden and kept from leading the page away, and going on needs no script', () => {
  const document = documentOf(sample('frontchannel-logout'));
  const frames = [...document.querySelectorAll('iframe')];
  expect(frames.map((frame) => frame.getAttribute('src'))).toEqual([
    'https://quotes.example/out?iss=a&sid=b',
    'https://shop.example/out?iss=a&sid=b',
  ]);
  for (const frame of frames) {
    expect(frame.hidden).toBe(true);
    expect(frame.getAttribute('sandbox')).toBe('allow-scripts allow-same-origin allow-forms');
  }
  const goal = 'https://quotes.example/bye?state=s';
  expect(document.querySelector('#continue')?.getAttribute('href')).toBe(goal);
  const refresh = document.querySelector('noscript > meta[http-equiv=refresh]');
  expect(refresh?.getAttribute('content')).toBe(`4;url=${goal}`);
  expect(document.querySelectorAll('meta[http-equiv=refresh]')).toHaveLength(1);
});

test('languages: the others are links under their own names, and alone there is nothing to choose', () => {
  const document = documentOf(sample('login-name'));
  const links = [...document.querySelectorAll('nav.languages a')];
  expect(
    links.map((link) => [link.textContent, link.getAttribute('lang'), link.getAttribute('href')]),
  ).toEqual([['Deutsch', 'de', '/login?ui_locales=de']]);
  const alone = { ...sampleContext('en'), localeLinks: [] };
  expect(parse(renderPage(sample('login-name'), alone)).querySelector('nav.languages')).toBeNull();
});
