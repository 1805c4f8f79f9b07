import { needsRecentSignIn, type Operation } from '@latchkey/contract';
import { type ActingParty, buildStepUpChallenge, checkAuthenticationDemand } from '@latchkey/protocol';
import { ApiError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import type { Caller } from './caller.ts';

/** Whose sign-in counts: a machine only if nobody but machines acts. Users are read from memory. */
async function actingPartyOf(
  context: RequestContext,
  { subject, actorIds, signIn }: Caller,
): Promise<ActingParty> {
  const { deps, instance } = context;
  const actors = await Promise.all(actorIds.map((id) => deps.facts.subjects.load(instance.scope, id)));
  const acting = actorIds.length === 0 ? [subject] : actors;
  return {
    kind: acting.every((each) => each?.user.kind === 'machine') ? 'machine' : 'person',
    ...(signIn.authTime === undefined ? {} : { authTime: signIn.authTime }),
  };
}

/**
 * The one check that a person signed in recently enough for a dangerous operation. Throws `fresh-sign-in-required` with the
 * challenge of RFC 9470 §3. No database: settings and users come from memory.
 */
export async function requireRecentSignIn(
  context: RequestContext,
  caller: Caller,
  operation: Operation,
  body: unknown,
): Promise<void> {
  const maxAgeSeconds = context.instance.settings.dangerousActionMaxAgeSeconds;
  if (maxAgeSeconds === 0 || !needsRecentSignIn(operation, body)) return;
  const demand = { maxAgeSeconds };
  const party = await actingPartyOf(context, caller);
  const reason = checkAuthenticationDemand(party, demand, context.deps.clock.now());
  if (reason === undefined) return;
  const detail =
    reason.kind === 'sign-in-too-old'
      ? `The sign-in is ${reason.ageSeconds} seconds old; this action allows ${maxAgeSeconds}.`
      : 'The access token does not say when the person who acts signed in.';
  const challenge = buildStepUpChallenge(caller.signIn.scheme, demand, 'a more recent sign-in is required');
  throw new ApiError(
    'fresh-sign-in-required',
    detail,
    { maxAge: maxAgeSeconds },
    {
      'www-authenticate': challenge,
    },
  );
}
