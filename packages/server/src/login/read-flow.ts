import { parseParams } from '@latchkey/protocol';
import { PageError } from '../platform/errors.ts';
import { type RequestContext, readForm } from '../platform/http.ts';
import { checkSameOrigin, type LoginFlow, openLoginFlow } from '../platform/login-flow.ts';

/** The flow of a GET to a login page. */
export function flowOfQuery(context: RequestContext): LoginFlow {
  return openLoginFlow(context, parseParams(context.query).params.get('request'));
}

/** The flow of a posted form and its fields. Throws `PageError` when the form came from elsewhere or is malformed. */
export async function flowOfForm(
  context: RequestContext,
): Promise<{ readonly flow: LoginFlow; readonly fields: ReadonlyMap<string, string> }> {
  checkSameOrigin(context);
  const { params, problem } = await readForm(context);
  if (problem !== undefined)
    throw new PageError('request-invalid', 400, 'the form has a repeated or malformed field');
  return { flow: openLoginFlow(context, params.get('request')), fields: params };
}
