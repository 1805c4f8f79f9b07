import type { Operation, Permission } from '@latchkey/contract';
import type { ClientFacts } from '@latchkey/protocol';
import { findPlace, listMembershipsOf, type Place } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import { describeImpersonationRefusal, findImpersonationRefusal } from '../platform/impersonation.ts';
import { isAllowed, isVisible, type Reach, reachOf } from './access.ts';
import type { Caller } from './caller.ts';

/** What access tokens tell of a request's caller; read by the floor above. */
export interface PresentedCaller {
  readonly subject: Caller['subject'];
  readonly audience: readonly string[];
  readonly isPersonal: boolean;
  /** The application the token was issued to; machine users have none. */
  readonly client: ClientFacts | undefined;
  /** Who acts as the subject, the present actor first; empty when nobody does. */
  readonly actorIds: readonly string[];
  readonly signIn: Caller['signIn'];
}

/**
 * Makes sure that everybody of the chain may still act as the subject: a role given to the subject after the exchange does
 * not reach those who act as them. Throws `forbidden`.
 */
async function checkActors(context: RequestContext, presented: PresentedCaller): Promise<void> {
  const { deps, instance } = context;
  const [present, ...before] = presented.actorIds;
  if (present === undefined) return;
  const subjects = await Promise.all(
    [present, ...before].map((id) => deps.facts.subjects.load(instance.scope, id)),
  );
  // Whoever acted before acted as the subject, or as one of those who act now.
  const actedAs = [presented.subject];
  for (const actor of subjects) {
    const refusals =
      actor === undefined || actor.user.state !== 'active'
        ? ['the actor is not active']
        : await refusalsOf(context, actor, actedAs);
    if (refusals.every((each) => each !== undefined))
      throw new ApiError(
        'forbidden',
        `The actor of the access token may not act as its user: ${refusals[0]}.`,
      );
    if (actor !== undefined) actedAs.push(actor);
  }
}

async function refusalsOf(
  context: RequestContext,
  actor: Caller['subject'],
  actedAs: readonly Caller['subject'][],
): Promise<readonly (string | undefined)[]> {
  const refusals = await Promise.all(actedAs.map((each) => findImpersonationRefusal(context, actor, each)));
  return refusals.map((each) => each && describeImpersonationRefusal(each));
}

/**
 * Who calls. Throws `wrong-audience` when the token is meant for others: its audience must have the instance's management
 * project, which the scope `urn:zitadel:iam:org:project:id:zitadel:aud` asks for and `mayObtain` grants. Checked again here:
 * an application must still have access to the management API. Personal access tokens belong to machine users, who may.
 */
export async function readCaller(context: RequestContext, presented: PresentedCaller): Promise<Caller> {
  const { deps, instance } = context;
  const { managementProjectId } = instance.settings;
  const isMeant =
    presented.isPersonal ||
    (managementProjectId !== null &&
      presented.audience.includes(managementProjectId) &&
      presented.client?.application.isManagementClient !== false);
  if (!isMeant)
    throw new ApiError(
      'wrong-audience',
      'The audience of the access token lacks the management API of this instance.',
    );
  await checkActors(context, presented);
  const memberships = await listMembershipsOf(deps.store.db, instance.scope, presented.subject.user.id);
  const { subject, actorIds, signIn } = presented;
  return { subject, memberships, actorIds, signIn };
}

function refuse(caller: Caller, place: Place | 'instance', permission: Permission): ApiError {
  if (place === 'instance' || isVisible(caller.memberships, place)) {
    const detail = `It needs the permission ${permission}, which none of your manager roles gives you here.`;
    return new ApiError('forbidden', detail, { permission });
  }
  return notFound(place.kind, place.id);
}

/** There is no such thing as far as the caller may know. */
export function notFound(kind: string, id: string): ApiError {
  return new ApiError(
    'not-found',
    `There is no ${kind.replace('-', ' ')} ${id}, or your roles do not reach it.`,
  );
}

/** Loads an object of the instance and makes sure that the caller has the permission there: the one door to objects. */
export async function loadScoped(
  context: RequestContext,
  caller: Caller,
  wanted: {
    readonly kind: Place['kind'];
    readonly id: string;
    readonly permission: Permission | 'any';
    readonly self?: 'allowed';
  },
): Promise<Place> {
  const { deps, instance } = context;
  const { kind, id, permission, self } = wanted;
  const place = await findPlace(deps.store.db, instance.scope, kind, id);
  if (place === undefined) throw notFound(kind, id);
  const isOwn = place.userId === caller.subject.user.id;
  if (self === 'allowed' && isOwn) return place;
  if (
    permission === 'any'
      ? isVisible(caller.memberships, place)
      : isAllowed(caller.memberships, place, permission)
  )
    return place;
  throw isOwn && permission !== 'any'
    ? new ApiError('forbidden', `It needs the permission ${permission}.`, { permission })
    : refuse(caller, place, permission === 'any' ? 'organization.read' : permission);
}

/** Where a call was let in. */
export interface Admission {
  readonly place: Place | undefined;
  readonly reach: Reach;
}

const noReach: Reach = { kind: 'some', organizationIds: [], projectIds: [], projectGrantIds: [] };

function textAt(record: unknown, name: string): string | undefined {
  const value =
    typeof record === 'object' && record !== null
      ? Object.entries(record).find(([key]) => key === name)?.[1]
      : undefined;
  return typeof value === 'string' ? value : undefined;
}

async function admitParent(
  context: RequestContext,
  caller: Caller,
  operation: Operation,
  body: unknown,
): Promise<Place> {
  const { target, permission } = operation;
  if (target.kind !== 'parent') throw new Error('the target is no parent');
  const own = target.otherwise === 'own-organization' ? caller.subject.organization.id : undefined;
  const id = textAt(body, target.name) ?? own;
  if (id === undefined)
    throw new ApiError('invalid-input', `/${target.name}: is missing`, {
      errors: [{ pointer: `/${target.name}`, detail: 'is missing' }],
    });
  return await loadScoped(context, caller, { kind: target.object, id, permission });
}

/** Lets a call in at its target, or throws `forbidden` or `not-found`. */
export async function admit(
  context: RequestContext,
  caller: Caller,
  operation: Operation,
  input: { readonly path: unknown; readonly body: unknown },
): Promise<Admission> {
  const { target, permission } = operation;
  switch (target.kind) {
    case 'caller':
      return { place: undefined, reach: noReach };
    case 'instance':
      if (permission !== 'any' && !isAllowed(caller.memberships, 'instance', permission))
        throw refuse(caller, 'instance', permission);
      return { place: undefined, reach: { kind: 'instance' } };
    case 'reachable': {
      const reach = permission === 'any' ? noReach : reachOf(caller.memberships, permission);
      return { place: undefined, reach };
    }
    case 'parent':
      return { place: await admitParent(context, caller, operation, input.body), reach: noReach };
    case 'object': {
      const wanted = {
        kind: target.object,
        id: textAt(input.path, target.name) ?? '',
        permission,
        ...(operation.self === undefined ? {} : { self: operation.self }),
      };
      return { place: await loadScoped(context, caller, wanted), reach: noReach };
    }
  }
}
