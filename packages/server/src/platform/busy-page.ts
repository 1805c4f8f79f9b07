import { createHash } from 'node:crypto';
import { type BusyPageContext, chooseLocale, renderBusyPage, supportedLocales } from '@latchkey/login-ui';
import type { Deps } from './deps.ts';
import type { Answer, HttpRequest } from './http.ts';
import type { InstanceContext } from './instances.ts';
import { lookOf } from './page-branding.ts';
import { commonPageHeaders, localeOfQuery } from './pages.ts';

/** What is looked at of a refused request. */
export interface RefusedRequest {
  readonly request: Pick<HttpRequest, 'method' | 'headers'>;
  /** The query text without `?`. */
  readonly query: string;
}

const hasFlow = /(?:^|&)request=/;

function refusedOf({ request, query }: RefusedRequest): BusyPageContext['refused'] {
  if (request.method !== 'POST') return 'page';
  return hasFlow.test(query) ? 'form' : 'form-without-address';
}

function prepare(instance: InstanceContext, context: BusyPageContext): Answer {
  const { html, styles } = renderBusyPage(context);
  const hash = createHash('sha256').update(styles).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`;
  return {
    status: 503,
    headers: {
      ...commonPageHeaders(instance),
      'content-security-policy': policy,
      'content-language': context.locale,
      'retry-after': '1',
    },
    body: html,
  };
}

// Settings are objects that live as long as they hold, so pages are made once for each; before any were read, for this one.
const unread = {};
const prepared = new WeakMap<object, Map<string, Answer>>();

/**
 * The page of a refused request: 503 with `Retry-After: 1`, in the look of the instance and the language of the address or
 * the browser. Nothing of it is made for the request, so that the thousandth refusal costs no more than sending bytes.
 */
export function busyPage(
  { settings }: Pick<Deps, 'settings'>,
  instance: InstanceContext,
  from: RefusedRequest,
): Answer {
  const known = settings.known(instance.scope);
  const offered = known?.login.allowedLanguages ?? supportedLocales;
  const acceptLanguage = from.request.headers.get('accept-language') ?? undefined;
  const locale = chooseLocale(localeOfQuery(from.query), acceptLanguage, offered);
  const refused = refusedOf(from);
  const pages = prepared.get(known ?? unread) ?? new Map<string, Answer>();
  prepared.set(known ?? unread, pages);
  const name = `${locale} ${refused} ${instance.origin} ${instance.settings.name}`;
  const page =
    pages.get(name) ??
    prepare(instance, {
      locale,
      refused,
      organizationName: known?.organizationName ?? instance.settings.name,
      ...(known === undefined ? {} : { branding: lookOf(known).branding }),
    });
  pages.set(name, page);
  return page;
}
