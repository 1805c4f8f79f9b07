import type { FormTarget, Page } from '@latchkey/login-ui';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { type LoginFlow, sealLoginFlow } from '../platform/login-flow.ts';
import { pageResponse } from '../platform/pages.ts';

/** The form of a page: its own path, the flow sealed in a hidden field. */
export function flowForm(context: RequestContext, path: string, flow: LoginFlow): FormTarget {
  return { action: path, hidden: { request: sealLoginFlow(context, flow) } };
}

/** An address of the login pages that carries a flow. */
export function flowUrl(context: RequestContext, path: string, flow: LoginFlow): string {
  return publicUrl(context.instance, path, { request: sealLoginFlow(context, flow) });
}

/** A page of a sign-in: names the application, offers the other languages, lets its form lead to the application. */
export async function flowPage(
  context: RequestContext,
  flow: LoginFlow,
  page: Page,
  options: { readonly status?: number; readonly retryAfterSeconds?: number } = {},
): Promise<Answer> {
  const { deps, instance } = context;
  const client =
    flow.request === undefined
      ? undefined
      : await deps.facts.clients.load(instance.scope, flow.request.clientId);
  const locale = flow.locale ?? flow.request?.uiLocales;
  return pageResponse(context, page, {
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.retryAfterSeconds === undefined
      ? {}
      : { headers: { 'retry-after': String(options.retryAfterSeconds) } }),
    formTargets: flow.request === undefined ? [] : [flow.request.redirectUri],
    ...(locale === undefined ? {} : { locale }),
    ...(client === undefined ? {} : { applicationName: client.application.name }),
    localeHref: (other) => flowUrl(context, context.path, { ...flow, locale: other }),
  });
}
