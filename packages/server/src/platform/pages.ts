import { randomBytes } from 'node:crypto';
import {
  type ApplicationLinks,
  chooseLocale,
  type Page,
  type PageContext,
  renderPage,
  supportedLocales,
} from '@latchkey/login-ui';
import type { Answer, RequestContext } from './http.ts';
import type { InstanceContext } from './instances.ts';
import { lookOf } from './page-branding.ts';
import type { EffectiveSettings } from './settings.ts';

/** A redirect nobody keeps: 302, or 303 after a POST, so that the browser goes on with a GET (RFC 9110 §15.4.4). */
export function redirect(
  context: RequestContext,
  location: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    body: '',
    status: context.request.method === 'POST' ? 303 : 302,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers },
  };
}

/** The source a Content-Security-Policy names for an address: its origin, or its scheme where it has none. */
function sourceOf(uri: string): string {
  const { origin, protocol, hostname } = new URL(uri);
  // The policy's grammar has no IPv6 addresses (CSP Level 3 §2.3.1), so a loopback one is let through by its scheme.
  return origin === 'null' || hostname.startsWith('[') ? protocol : origin;
}

/**
 * The policy of our pages. Chromium holds every redirect after a form to `form-action`, those of the application as well,
 * so a page whose form leads to an application has none: where the application sends the browser next is not known here.
 * See decision 0029.
 */
function contentSecurityPolicy(nonce: string, options: PageOptions, images: readonly string[]): string {
  const frames = [...new Set((options.frames ?? []).map(sourceOf))].join(' ');
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    ['img-src', "'self'", 'data:', ...new Set(images.map(sourceOf))].join(' '),
    ...(options.formsLead === 'to-an-application' ? [] : ["form-action 'self'"]),
    ...(frames === '' ? [] : [`frame-src ${frames}`]),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** Headers every page of ours carries besides its Content-Security-Policy. */
export function commonPageHeaders(instance: Pick<InstanceContext, 'origin'>): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    ...(instance.origin.startsWith('https://')
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  };
}

/** How a page is answered. */
export interface PageOptions {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where forms of the page lead in the end; without it to pages of ours alone. */
  readonly formsLead?: 'to-an-application';
  /** Addresses of pictures on the page besides those of its look. */
  readonly images?: readonly string[];
  /** Addresses that frames of the page load. */
  readonly frames?: readonly string[];
  /** The application's wish (`ui_locales`) or the person's choice. */
  readonly locale?: string;
  readonly applicationName?: string;
  readonly applicationLinks?: ApplicationLinks;
  /** Address of the page in another language; by default this address with `ui_locales`, where a GET can repeat it. */
  readonly localeHref?: (locale: string) => string;
  /** Of the organization the page is for; those of the instance without them. */
  readonly settings?: EffectiveSettings;
}

const chosenLocale = /^ui_locales=([A-Za-z0-9%+-]{1,200})$/;

/** The language chosen in the address itself, by the links below or by whoever made it. */
export function localeOfQuery(query: string): string | undefined {
  const found = query.split('&').map((pair) => chosenLocale.exec(pair)?.[1]);
  return found.find((value) => value !== undefined)?.replace(/\+|%20/g, ' ');
}

/** This same address in another language. Relative, so that nothing of the request but its query is repeated. */
function sameAddressIn(context: RequestContext): (locale: string) => string {
  const kept = context.query.split('&').filter((pair) => pair !== '' && !chosenLocale.test(pair));
  return (locale) => `?${[...kept, `ui_locales=${locale}`].join('&')}`;
}

/**
 * The settings for a page of an organization, or of the instance; those last read where the database is away, since a
 * page in another look is better than none.
 */
export async function settingsForPage(
  context: RequestContext,
  organizationId: string | undefined,
): Promise<{ readonly settings?: EffectiveSettings }> {
  const { deps, instance } = context;
  try {
    return { settings: await deps.settings.of(instance.scope, organizationId) };
  } catch (err) {
    deps.log.debug({ err }, 'settings could not be read; the page has those of before');
    return {};
  }
}

/** Renders a page of ours as a response. */
export function pageResponse(context: RequestContext, page: Page, options: PageOptions = {}): Answer {
  const nonce = randomBytes(16).toString('base64');
  const isRepeatable = context.request.method === 'GET' || context.request.method === 'HEAD';
  // Where the links below choose the language, the address has the last word.
  const chosen = isRepeatable && options.localeHref === undefined ? localeOfQuery(context.query) : undefined;
  const wish = chosen ?? options.locale;
  const settings = options.settings ?? context.deps.settings.known(context.instance.scope);
  const offered = settings?.login.allowedLanguages ?? supportedLocales;
  const acceptLanguage = context.request.headers.get('accept-language') ?? undefined;
  const locale = chooseLocale(wish, acceptLanguage, offered);
  const look = settings === undefined ? undefined : lookOf(settings);
  const localeHref = options.localeHref ?? (isRepeatable ? sameAddressIn(context) : undefined);
  const pageContext: PageContext = {
    locale,
    localeLinks:
      localeHref === undefined
        ? []
        : offered
            .filter((other) => other !== locale)
            .map((other) => ({ locale: other, href: localeHref(other) })),
    nonce,
    organizationName: settings?.organizationName ?? context.instance.settings.name,
    ...(look === undefined ? {} : { branding: look.branding, siteLinks: look.siteLinks }),
    ...(options.applicationName === undefined ? {} : { applicationName: options.applicationName }),
    ...(options.applicationLinks === undefined ? {} : { applicationLinks: options.applicationLinks }),
  };
  return {
    body: renderPage(page, pageContext),
    status: options.status ?? 200,
    headers: {
      ...commonPageHeaders(context.instance),
      'content-security-policy': contentSecurityPolicy(nonce, options, [
        ...(look?.images ?? []),
        ...(options.images ?? []),
      ]),
      'content-language': locale,
      ...options.headers,
    },
  };
}
