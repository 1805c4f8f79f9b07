import {
  apiRoutes,
  type ManagerRoleName,
  managerRoles,
  type Operation,
  type OperationId,
  operations,
} from '@latchkey/contract';
import type { TestServer } from '@latchkey/testkit';
import { basicOf, call } from '../flows/flow-world.ts';
import { lackingIn, mapWith, powersOf } from './strength-oracle.ts';
import { heldBy, type World } from './strength-world.ts';

/** A step as it was drawn: numbers pick among what there is when it comes to it. */
export interface Step {
  readonly caller: number;
  readonly operation: OperationId | 'impersonate';
  readonly user: number;
  readonly other: number;
  readonly roles: readonly number[];
}

/** A token, whose powers it has, and who holds it. */
interface Capability {
  readonly token: string;
  readonly userId: string;
  readonly holderId: string;
}

/** A history under way. */
export interface History {
  readonly server: TestServer;
  readonly world: World;
  readonly capabilities: Capability[];
  /** Who did something. */
  readonly acted: Set<string>;
  /** What happened, for the message of a failure. */
  readonly log: string[];
}

const all = operations as Readonly<Record<string, Operation>>; // cast: widens the constants
const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T; // cast: lists of a world are never empty
const credentials: readonly string[] = [
  'setUserPassword',
  'createUserSecret',
  'createUserKey',
  'createPersonalAccessToken',
];

function fail(history: History, what: string): never {
  throw new Error(`${what}\n${history.log.join('\n')}`);
}

async function powers({ server, world }: History, userId: string, as: 'caller' | 'target') {
  const home = world.people.find(({ id }) => id === userId)?.home;
  return powersOf(world.map, await heldBy(server, userId), as === 'caller' ? home : undefined);
}

interface Drawn {
  readonly userId: string;
  readonly values: Readonly<Record<string, string>>;
  readonly roles: readonly string[];
}

function draw({ world }: History, step: Step): Drawn {
  const { people, map } = world;
  const user = at(people, step.user);
  const projectIds = Object.keys(map.projects);
  const level = levelOf(step.operation);
  const names = Object.keys(managerRoles).filter(
    (name) => level === undefined || managerRoles[name as ManagerRoleName].level === level, // cast: a key of the roles
  );
  return {
    userId: user.id,
    roles: [...new Set(step.roles.map((index) => at(names, index)))],
    values: {
      userId: user.id,
      sessionId: user.sessionId,
      organizationId: at(map.organizationIds, step.other),
      projectId: at(projectIds, step.other),
      grantId: Object.keys(map.grants)[0] ?? '',
      applicationId: world.broker.id,
      authorizationId: world.authorizationId,
      ownerUserId: user.id,
      roleKey: world.roleKey,
      loginName: user.loginName,
    },
  };
}

function levelOf(operation: string): string | undefined {
  const [, name] =
    /^(?:set|remove)(Instance|Organization|Project|ProjectGrant)Manager$/.exec(operation) ?? [];
  const levels: Readonly<Record<string, string>> = { ProjectGrant: 'project-grant' };
  return name === undefined ? undefined : (levels[name] ?? name.toLowerCase());
}

let unique = 0;

function bodyOf(step: Step, { values, roles }: Drawn): unknown {
  const filled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        name.endsWith('Id') ? (values[name] ?? each) : filled(each),
      ]),
    );
  };
  if (levelOf(step.operation) !== undefined) return { roles, loginName: values.loginName };
  const { example } = all[step.operation] ?? {};
  if (example === undefined) return undefined;
  unique += 1;
  const body: Record<string, unknown> = { ...Object(filled(example)) };
  if (step.operation === 'createUser')
    return { ...body, organizationId: values.organizationId, loginName: `new-${unique}` };
  if (step.operation === 'updateUser') return { displayName: `Renamed ${unique}` };
  if (step.operation === 'createAuthorization') return { ...body, loginName: values.loginName };
  if (step.operation === 'createOrganization') return { name: `made-${unique}`, ownerUserId: values.userId };
  return body;
}

/** The object a role is given or taken at. */
function objectOf({ world }: History, operation: string, { values }: Drawn) {
  const level = levelOf(operation);
  const ids: Readonly<Record<string, string | undefined>> = {
    instance: world.map.instanceId,
    organization: values.organizationId,
    project: values.projectId,
    'project-grant': values.grantId,
  };
  return { objectKind: level ?? '', objectId: ids[level ?? ''] ?? '' };
}

/** Whom an operation acts on, by its path alone. */
async function targetsOf(
  history: History,
  { operation }: Step,
  { values }: Drawn,
): Promise<readonly string[]> {
  if (operation === 'impersonate') return [String(values.userId)];
  const [method, path] = apiRoutes[operation];
  if (method === 'GET' || levelOf(operation) !== undefined) return [];
  if (path.includes('{userId}') || path.includes('{sessionId}')) return [String(values.userId)];
  if (!/^(activate|deactivate|remove)Organization$/.test(operation)) return [];
  return history.world.people.filter(({ home }) => home === values.organizationId).map(({ id }) => id);
}

/** The permission an operation needs, as a power; `undefined` where more than one place would do. */
function neededPower({ world }: History, { operation }: Step, { values }: Drawn): string | undefined {
  const { target, permission } = all[operation] ?? {};
  if (target === undefined || permission === undefined || permission === 'any') return undefined;
  if (target.kind === 'instance') return `${permission}@instance`;
  if (target.kind !== 'object') return undefined;
  const home = world.people.find(({ id }) => id === values.userId)?.home;
  const places: Readonly<Record<string, string | undefined>> = {
    organization: values.organizationId,
    project: values.projectId,
    application: Object.keys(world.map.projects)[0],
    user: home,
    session: home,
  };
  const place = places[target.object];
  return place === undefined ? undefined : `${permission}@${place}`;
}

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

async function impersonate(
  { server, world }: History,
  by: Capability,
  userId: string,
): Promise<string | undefined> {
  const subjectToken = world.people.find(({ id }) => id === userId)?.token ?? '';
  const { status, body } = await call(server, '/oauth/v2/token', {
    headers: basicOf(world.broker),
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      // Only a token that is for the management API may be exchanged for another that is.
      ...(subjectToken === ''
        ? { subject_token: userId, subject_token_type: 'urn:zitadel:params:oauth:token-type:user_id' }
        : { subject_token: subjectToken, subject_token_type: accessTokenType, audience: 'zitadel' }),
      actor_token: by.token,
      actor_token_type: accessTokenType,
      scope: 'openid',
    },
  });
  return status === 200 ? String(body.access_token) : undefined;
}

async function request(history: History, step: Step, by: Capability, drawn: Drawn): Promise<Response> {
  const { operation } = step;
  if (operation === 'impersonate') throw new Error('an exchange is no operation');
  const [method, route] = apiRoutes[operation];
  const path = route.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(drawn.values[name] ?? '1'),
  );
  const body = method === 'GET' || method === 'DELETE' ? undefined : bodyOf(step, drawn);
  return await history.server.fetch(`/api/v1${path}${operation === 'getUsage' ? '?metric=sign-ins' : ''}`, {
    method,
    headers: {
      authorization: `Bearer ${by.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Runs a step and holds its outcome against the rules; resolves to whether it succeeded. Throws what went wrong. */
export async function run(history: History, step: Step): Promise<boolean> {
  const { world, capabilities, log } = history;
  const by = at(capabilities, step.caller);
  const drawn = draw(history, step);
  const own = await powers(history, by.userId, 'caller');
  const needed = neededPower(history, step, drawn);
  // What changes the whole instance would change it for the histories to come; it is tried by who must be refused.
  const isForInstance = needed === 'instance.write@instance' && own.has(needed);
  if (isForInstance) return false;
  const targets = await targetsOf(history, step, drawn);
  const before = await Promise.all(
    targets.map(async (id) => [id, await powers(history, id, 'target')] as const),
  );
  const object = objectOf(history, step.operation, drawn);
  const held = (await heldBy(history.server, drawn.userId)).filter(
    ({ objectId }) => objectId === object.objectId,
  );
  const isExchange = step.operation === 'impersonate';
  const token = isExchange ? await impersonate(history, by, drawn.userId) : undefined;
  const answer = isExchange ? undefined : await request(history, step, by, drawn);
  const isDone = answer === undefined ? token !== undefined : answer.status < 300;
  log.push(
    `${by.holderId} as ${by.userId}: ${step.operation} ${JSON.stringify(drawn.values)} ${drawn.roles.join(' ')} → ${answer?.status ?? isDone}`,
  );
  if (answer !== undefined && answer.status >= 500)
    fail(history, `${step.operation} answered ${answer.status}`);
  if (!isDone) return false;
  history.acted.add(by.holderId);
  const isMaking = /^create(Organization|Project|ProjectGrant)$/.test(step.operation);
  if (answer !== undefined && isMaking) world.map = mapWith(world.map, step.operation, await answer.json());
  for (const [id, target] of before) {
    const lacking = id === by.userId ? undefined : lackingIn(own, target);
    if (lacking !== undefined) fail(history, `acted on ${id}, who is stronger by ${lacking}`);
  }
  const isSelf = all[step.operation]?.self === 'allowed' && drawn.userId === by.userId;
  if (needed !== undefined && !isSelf && !own.has(needed)) fail(history, `did it without ${needed}`);
  if (object.objectKind !== '') {
    const names = [
      ...(step.operation.startsWith('set') ? drawn.roles : []),
      ...held.flatMap(({ roles }) => roles),
    ];
    const lacking = lackingIn(own, powersOf(world.map, [{ ...object, roles: names }]));
    if (lacking !== undefined) fail(history, `gave or took roles that lead to ${lacking}`);
  }
  const gained =
    token ?? (credentials.includes(step.operation) ? at(world.people, step.user).token : undefined);
  if (gained !== undefined && gained !== '')
    capabilities.push({ token: gained, userId: drawn.userId, holderId: by.holderId });
  return true;
}
