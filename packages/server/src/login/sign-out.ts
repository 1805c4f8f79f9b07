import { parseParams } from '@latchkey/protocol';
import type { LiveSession } from '@latchkey/store';
import { answerSignOut } from '../platform/answer-sign-out.ts';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import { PageError } from '../platform/errors.ts';
import { type Answer, type RequestContext, readForm } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import {
  checkSameOrigin,
  openSignOutFlow,
  type SignOutFlow,
  signOutRedirect,
} from '../platform/login-flow.ts';
import { pageResponse, redirect, settingsForPage } from '../platform/pages.ts';
import { toAccountChoice } from './accounts.ts';

/** The sessions of this browser that a sign-out is about. */
async function sessionsOf(context: RequestContext, flow: SignOutFlow): Promise<readonly LiveSession[]> {
  const sessions = await loadBrowserSessions(context);
  const { sessionIds } = flow;
  return sessionIds === undefined ? sessions : sessions.filter(({ id }) => sessionIds.includes(id));
}

/** GET /logout: asks whether to sign out. */
export async function showSignOut(context: RequestContext): Promise<Answer> {
  const text = parseParams(context.query).params.get('request');
  if (text === undefined) return signOutRedirect(context, {});
  const flow = openSignOutFlow(context, text);
  const sessions = await sessionsOf(context, flow);
  const [first, ...others] = new Set(sessions.map(({ organizationId }) => organizationId));
  return pageResponse(
    context,
    {
      kind: 'sign-out-confirm',
      form: { action: '/logout', hidden: { request: text } },
      accounts: sessions.map(toAccountChoice),
    },
    {
      // The look of the organization they all belong to, where it is one.
      ...(await settingsForPage(context, others.length === 0 ? first : undefined)),
      ...(flow.returnTo === undefined ? {} : { formsLead: 'to-an-application' }),
      ...(flow.locale === undefined ? {} : { locale: flow.locale }),
    },
  );
}

/** POST /logout: ends the sessions the person was asked about, if they say so, and goes back to the application. */
export async function submitSignOut(context: RequestContext): Promise<Answer> {
  checkSameOrigin(context);
  const { params, problem } = await readForm(context);
  if (problem !== undefined)
    throw new PageError('request-invalid', 400, 'the form has a repeated or malformed field');
  const flow = openSignOutFlow(context, params.get('request'));
  if (params.get('decision') !== 'sign-out') return redirect(context, publicUrl(context.instance, '/login'));
  const sessions = await sessionsOf(context, flow);
  return await answerSignOut(context, {
    sessionIds: sessions.map((session) => session.id),
    actor: { kind: 'user', id: sessions[0]?.userId ?? 'unknown', ip: context.ip },
    ...(flow.returnTo === undefined ? {} : { returnTo: flow.returnTo }),
    ...(flow.locale === undefined ? {} : { locale: flow.locale }),
  });
}

/** GET /logout/done: the end. */
export function showSignedOut(context: RequestContext): Answer {
  const locale = parseParams(context.query).params.get('ui_locales');
  return pageResponse(context, { kind: 'signed-out' }, locale === undefined ? {} : { locale });
}
