import {
  type AuthorizeResponse,
  buildAuthorizeResponse,
  type RedirectTarget,
  type ResponseFields,
  toSeconds,
} from '@latchkey/protocol';
import type { Answer, RequestContext } from './http.ts';
import { pageResponse, redirect } from './pages.ts';
import { activeKey, signJwt } from './signing-keys.ts';

const signedLifeSeconds = 600;

/** The parameters as one signed JWT (JARM §2.1), which the application named as audience alone should take. */
async function sign(
  context: RequestContext,
  target: RedirectTarget,
  fields: ResponseFields,
): Promise<ResponseFields> {
  const { deps, instance } = context;
  const client = await deps.facts.clients.load(instance.scope, target.clientId);
  const key = activeKey(instance, client?.application.authorizationSignedResponseAlg ?? 'RS256');
  const exp = toSeconds(deps.clock.now()) + signedLifeSeconds;
  const claims = { ...fields, iss: instance.origin, aud: target.clientId, exp };
  return { response: await signJwt(key, claims, 'JWT') };
}

function send(
  context: RequestContext,
  response: AuthorizeResponse,
  headers: Readonly<Record<string, string>>,
): Answer {
  switch (response.kind) {
    case 'redirect':
      return redirect(context, response.location, headers);
    case 'form-post':
      return pageResponse(
        context,
        { kind: 'form-post', action: response.action, fields: response.fields },
        { headers, formsLead: 'to-an-application' },
      );
  }
}

/**
 * Sends an authorization response by the mode of its target: a redirect, or a page whose form posts itself (Form Post
 * Response Mode §2), signed where the mode says so (JARM §2.3).
 */
export async function authorizeResponse(
  context: RequestContext,
  target: RedirectTarget,
  fields: ResponseFields,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const sent = target.responseMode.endsWith('.jwt') ? await sign(context, target, fields) : fields;
  return send(context, buildAuthorizeResponse(target, sent), headers);
}
