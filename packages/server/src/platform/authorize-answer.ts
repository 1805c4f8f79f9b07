import type { AuthorizeResponse } from '@latchkey/protocol';
import type { Answer, RequestContext } from './http.ts';
import { pageResponse, redirect } from './pages.ts';

/** Sends an authorization response: a redirect, or a page whose form posts itself (Form Post Response Mode §2). */
export function authorizeResponse(
  context: RequestContext,
  response: AuthorizeResponse,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  switch (response.kind) {
    case 'redirect':
      return redirect(context, response.location, headers);
    case 'form-post':
      return pageResponse(
        context,
        { kind: 'form-post', action: response.action, fields: response.fields },
        { headers, formTargets: [response.action] },
      );
  }
}
