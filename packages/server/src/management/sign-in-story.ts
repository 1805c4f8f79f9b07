import type { Operations, ResponseOf } from '@latchkey/contract';
import { interpretScopes } from '@latchkey/protocol';
import type { EventRecord, SignInRecord } from '@latchkey/store';
import type { Deps } from '../platform/deps.ts';
import type { InstanceContext } from '../platform/instances.ts';
import { explainClaims } from './explain-claims.ts';

type Step = ResponseOf<Operations['getSignIn']>['steps'][number];

interface Home {
  readonly deps: Pick<Deps, 'facts'>;
  readonly instance: InstanceContext;
}

function textOf(event: EventRecord, name: string): string {
  const value = event.detail?.[name];
  return typeof value === 'string' ? value : '';
}

function listOf(event: EventRecord, name: string): readonly string[] {
  const value = event.detail?.[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Who did it, and who acted as them. */
function byWhom({ actorName, actingUsers }: EventRecord): string | null {
  if (actorName === null) return null;
  const [acting] = actingUsers;
  return acting === undefined ? `By ${actorName}` : `By ${acting.name ?? acting.id}, acting as ${actorName}`;
}

/** Whether an attempt was right: then a session begins or is renewed before the next attempt. */
function isRight(events: readonly EventRecord[], index: number): boolean {
  for (const later of events.slice(index + 1)) {
    if (later.type === 'user.password.attempted') return false;
    if (later.type === 'session.started' || later.type === 'session.renewed') return true;
  }
  return false;
}

function passwordStep(event: EventRecord, outcome: 'succeeded' | 'failed'): Omit<Step, 'at'> {
  const attempt = Number(event.detail?.attempt ?? 1);
  if (outcome === 'succeeded') {
    const detail = attempt > 1 ? `The ${attempt - 1} wrong ones before are forgotten.` : null;
    return { kind: 'password', outcome, title: 'The password was right', detail };
  }
  const detail = `Failed attempt ${attempt} in a row. Wrong passwords, locked and deactivated accounts look alike to the person.`;
  return { kind: 'password', outcome, title: 'The password was refused', detail };
}

async function applicationStep({ deps, instance }: Home, event: EventRecord): Promise<Omit<Step, 'at'>> {
  const clientId = textOf(event, 'clientId');
  const scopes = listOf(event, 'scopes');
  const client = await deps.facts.clients.load(instance.scope, clientId);
  const subject = await deps.facts.subjects.load(instance.scope, textOf(event, 'userId'));
  return {
    kind: 'application',
    outcome: 'succeeded',
    title: `${client?.application.name ?? clientId} redeemed its code and was given tokens`,
    detail: `Scopes: ${scopes.join(' ') || 'none'}`,
    ...(client === undefined || subject === undefined
      ? {}
      : { claims: explainClaims(client, subject, scopes, await targetsOf({ deps, instance }, scopes)) }),
  };
}

async function targetsOf({ deps, instance }: Home, scopes: readonly string[]) {
  const names = interpretScopes(scopes).audienceProjectIds;
  return await Promise.all(
    names.map(async (name) => ({ name, target: await deps.facts.projects.load(instance.scope, name) })),
  );
}

async function stepOf(
  home: Home,
  events: readonly EventRecord[],
  index: number,
): Promise<Omit<Step, 'at'> | undefined> {
  const event = events[index];
  if (event === undefined) return undefined;
  const from = event.ip === null ? null : `From ${event.ip}`;
  switch (event.type) {
    case 'user.password.attempted':
      return passwordStep(event, isRight(events, index) ? 'succeeded' : 'failed');
    case 'user.password.changed':
      return { kind: 'password', outcome: 'succeeded', title: 'The password was changed', detail: from };
    case 'user.state.changed':
      return {
        kind: 'session',
        outcome: textOf(event, 'to') === 'active' ? 'succeeded' : 'refused',
        title: `The account became ${textOf(event, 'to')}`,
        detail: byWhom(event),
      };
    case 'user.impersonated':
      return {
        kind: 'application',
        outcome: 'succeeded',
        title: `${event.actorName ?? event.actorId} was given a token to act as ${event.objectName ?? event.objectId}`,
        detail: `Scopes: ${listOf(event, 'scopes').join(' ') || 'none'}`,
      };
    case 'session.started':
      return { kind: 'session', outcome: 'succeeded', title: 'A session began', detail: from };
    case 'session.renewed':
      return {
        kind: 'session',
        outcome: 'succeeded',
        title: 'The session was renewed by the password',
        detail: from,
      };
    case 'session.ended':
      return {
        kind: 'end',
        outcome: 'succeeded',
        title: 'The session ended',
        detail: byWhom(event),
      };
    case 'consent.given':
      return {
        kind: 'consent',
        outcome: 'succeeded',
        title: 'The person agreed to what the application asked for',
        detail: null,
      };
    case 'grant.started':
      return await applicationStep(home, event);
    case 'sign-in.refused':
      return {
        kind: 'application',
        outcome: 'refused',
        title: `${event.actorName ?? event.actorId} was not let in`,
        detail: textOf(event, 'reason'),
      };
    case 'token.refused':
      return {
        kind: 'application',
        outcome: 'refused',
        title: `${event.actorName ?? event.actorId} was given no tokens`,
        detail: `${textOf(event, 'reason')} (${textOf(event, 'error')})`,
      };
    case 'introspection.refused':
      return {
        kind: 'introspection',
        outcome: 'refused',
        title: `${event.actorName ?? event.actorId} was told that the token is inactive`,
        detail: `${textOf(event, 'reason')} (${Number(event.detail?.count ?? 1)} times)`,
      };
    default:
      return undefined;
  }
}

/** The story of a sign-in in words, oldest first. */
export async function tellSignIn(
  home: Home,
  _signIn: SignInRecord,
  events: readonly EventRecord[],
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const [index, event] of events.entries()) {
    const step = await stepOf(home, events, index);
    if (step !== undefined) steps.push({ at: new Date(event.atMs).toISOString(), ...step });
  }
  return steps;
}
