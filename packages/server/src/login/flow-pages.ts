import type { ApplicationLinks, FormTarget, Page } from '@latchkey/login-ui';
import { type ApplicationFacts, interpretScopes } from '@latchkey/protocol';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { type LoginFlow, sealLoginFlow } from '../platform/login-flow.ts';
import { pageResponse, settingsForPage } from '../platform/pages.ts';

/** The form of a page: its own path, the flow sealed in a hidden field. */
export function flowForm(context: RequestContext, path: string, flow: LoginFlow): FormTarget {
  return { action: path, hidden: { request: sealLoginFlow(context, flow) } };
}

/**
 * The form of a page that hashes a password. Its address carries the flow and the language as well: a refusal, which is
 * written before the form is read, leads back to the page by them.
 */
export function repeatableForm(context: RequestContext, path: string, flow: LoginFlow): FormTarget {
  const form = flowForm(context, path, flow);
  const locale = flow.locale ?? flow.request?.uiLocales;
  const query = new URLSearchParams({
    ...form.hidden,
    ...(locale === undefined ? {} : { ui_locales: locale }),
  });
  return { ...form, action: `${path}?${query}` };
}

/** The form that ends a sign-in without one: where an application or a device waits for its end. */
export function cancelForm(context: RequestContext, flow: LoginFlow): { readonly cancelForm?: FormTarget } {
  const { request, continueTo } = flow;
  const device = continueTo?.kind === 'device' ? continueTo.authorization : undefined;
  return request === undefined && device === undefined
    ? {}
    : { cancelForm: flowForm(context, '/login/cancel', flow) };
}

/** An address of the login pages that carries a flow. */
export function flowUrl(context: RequestContext, path: string, flow: LoginFlow): string {
  return publicUrl(context.instance, path, { request: sealLoginFlow(context, flow) });
}

/** Only https: another scheme could run a script on our page, or show what was asked for to whoever listens. */
function httpsOnly(uri: string | null): string | undefined {
  const url = uri === null || !URL.canParse(uri) ? undefined : new URL(uri);
  return url?.protocol === 'https:' ? url.href : undefined;
}

/**
 * Whether browsers load the application's logo from where it is. Its host learns an address and a time, so for an application
 * that nobody of ours decided about it must be a host its redirect URIs lead to (RFC 7591 §5), which sees the person anyway;
 * nor can such an application show the logo of another.
 */
function isLogoShown({ isSelfRegistered, logoUri, redirectUris }: ApplicationFacts): boolean {
  const logo = httpsOnly(logoUri);
  if (logo === undefined) return false;
  return !isSelfRegistered || redirectUris.some((uri) => hostOf(uri) === hostOf(logo));
}

function hostOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).host : undefined;
}

/** What an application has registered for people to read. */
function linksOf(application: ApplicationFacts): ApplicationLinks {
  const { clientUri, policyUri, tosUri } = application;
  const logoUri = isLogoShown(application) ? application.logoUri : null;
  const links = Object.entries({ clientUri, logoUri, policyUri, tosUri })
    .map(([name, uri]) => [name, httpsOnly(uri)] as const)
    .filter(([, href]) => href !== undefined);
  return Object.fromEntries(links);
}

/**
 * The organization a sign-in is for, when its request names one (ZITADEL dialect: the scopes `…:org:id:` and
 * `…:org:domain:primary:`); pages have its look then.
 */
export async function organizationOf(context: RequestContext, flow: LoginFlow): Promise<string | undefined> {
  const { deps, instance } = context;
  const meaning = interpretScopes(flow.request?.scopes ?? []);
  return await deps.settings.wantedOrganization(instance.scope, meaning);
}

/** A page of a sign-in: names the application, offers the other languages, lets its form lead to the application. */
export async function flowPage(
  context: RequestContext,
  flow: LoginFlow,
  page: Page,
  options: { readonly status?: number; readonly retryAfterSeconds?: number } = {},
): Promise<Answer> {
  const { deps, instance } = context;
  const { request, continueTo } = flow;
  const clientId =
    request?.clientId ?? (continueTo?.kind === 'device' ? continueTo.authorization?.clientId : undefined);
  const client = clientId === undefined ? undefined : await deps.facts.clients.load(instance.scope, clientId);
  const links = client === undefined ? {} : linksOf(client.application);
  const locale = flow.locale ?? flow.request?.uiLocales;
  return pageResponse(context, page, {
    ...(await settingsForPage(context, await organizationOf(context, flow))),
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.retryAfterSeconds === undefined
      ? {}
      : { headers: { 'retry-after': String(options.retryAfterSeconds) } }),
    ...(flow.request === undefined ? {} : { formsLead: 'to-an-application' }),
    ...(locale === undefined ? {} : { locale }),
    ...(client === undefined
      ? {}
      : {
          applicationName: client.application.name,
          applicationLinks: links,
          ...(links.logoUri === undefined ? {} : { images: [links.logoUri] }),
        }),
    localeHref: (other) => flowUrl(context, context.path, { ...flow, locale: other }),
  });
}
