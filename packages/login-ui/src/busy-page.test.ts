// @vitest-environment jsdom

import { describe, expect, test } from 'vitest';
import { renderBusyPage } from './busy-page.ts';
import { supportedLocales } from './locales.ts';
import type { PageBranding } from './view-models.ts';

const kinds = ['form', 'form-without-address', 'page'] as const;
const cases = supportedLocales.flatMap((locale) => kinds.map((refused) => ({ locale, refused })));

const branding: PageBranding = {
  themeMode: 'dark',
  light: { accent: '#8a6f15' },
  dark: { accent: '#e0a3f0', onAccent: '#0b0f10', canvas: '#101840' },
  radiusPx: 2,
  font: 'system',
  hidesKeyMark: true,
};

describe.each(cases)('the page of a busy server for a refused $refused in $locale', ({ locale, refused }) => {
  const page = renderBusyPage({ locale, refused, organizationName: 'Äcme <b>“&amp;\u202E', branding });
  const document = new DOMParser().parseFromString(page.html, 'text/html');

  test('is a small ASCII document in its language, without a script, a form or an address', () => {
    expect(document.documentElement.lang).toBe(locale);
    expect(page.html).toMatch(/^[\x20-\x7e]+$/);
    expect(page.html.length).toBeLessThan(3072);
    expect(document.querySelectorAll('script, form, img, iframe')).toHaveLength(0);
    const addresses = [...document.querySelectorAll('[href], [src]')].map((each) =>
      each.getAttribute('href'),
    );
    expect(addresses).toEqual(refused === 'form-without-address' ? ['data:,'] : ['data:,', '']);
    expect(document.querySelector('style')?.textContent).toBe(page.styles);
  });

  test('says what to do under one heading, and names the organization as it is called', () => {
    expect(document.querySelectorAll('h1')).toHaveLength(1);
    expect(document.querySelector('.wordmark')?.textContent).toBe('Äcme <b>“&amp;\uFFFD');
    expect(document.title.endsWith('· Äcme <b>“&amp;\uFFFD')).toBe(true);
    expect(document.querySelector('h1 + p')?.textContent?.length).toBeGreaterThan(20);
    expect(document.querySelector('a')?.textContent ?? '').toMatch(
      refused === 'form-without-address' ? /^$/ : /^\S.{5,}$/,
    );
  });

  test('has the colors of the organization, and nothing that is no color', () => {
    expect(page.styles).toContain('--accent:#e0a3f0;--on-accent:#0b0f10;--canvas:#101840');
    expect(page.styles).not.toContain('#8a6f15');
    const hostile = { ...branding, dark: { accent: 'red;}*{display:none' }, radiusPx: Number.NaN };
    const { styles } = renderBusyPage({ locale, refused, organizationName: 'x', branding: hostile });
    expect(styles).not.toContain('display:none');
    expect(styles).toContain('--radius:8px');
  });
});
