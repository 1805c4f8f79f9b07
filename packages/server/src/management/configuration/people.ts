import type { ConfigurationDocument, ManagedLevel } from '@latchkey/contract';
import { differenceOf, fieldsOf, isSame } from './difference.ts';
import { isOtherId, missingKeys } from './identity.ts';
import { applyMetadata } from './metadata.ts';
import { attempt, complain, note, type Run } from './run.ts';

type User = NonNullable<ConfigurationDocument['users']>[number];
type Managers = NonNullable<ConfigurationDocument['instance']>['managers'];

async function lookUp(run: Run, loginName: string): Promise<string | undefined> {
  const name = loginName.toLowerCase();
  const known = run.userIds.get(name);
  if (known !== undefined) return known;
  const found = await run.invoker.all('listUsers', { query: { search: loginName } });
  const id = found.find((each) => each.loginName.toLowerCase() === name)?.id;
  if (id !== undefined) run.userIds.set(name, id);
  return id;
}

/** The id of a user by login name; complains when there is none. */
export async function findUser(run: Run, pointer: string, loginName: string): Promise<string | undefined> {
  const id = await lookUp(run, loginName);
  if (id === undefined) complain(run, pointer, `there is no user with the login name ${loginName}`);
  return id;
}

async function addKeys(
  run: Run,
  path: string,
  userId: string,
  keys: NonNullable<User['keys']>,
): Promise<void> {
  for (const body of keys) {
    await run.invoker.call('createUserKey', { path: { userId }, body });
    note(run, 'create', 'key', `${path} / ${body.id ?? 'a key'}`);
  }
}

async function createUser(run: Run, path: string, organizationId: string, user: User): Promise<void> {
  const { state, passwordHash, secretHash, metadata: _, keys = [], ...fields } = user;
  if (passwordHash !== undefined || secretHash !== undefined || state !== undefined) {
    const { metadata: __, keys: ___, ...imported } = user;
    const { items } = await run.invoker.call('importUsers', { body: { organizationId, users: [imported] } });
    const [result] = items;
    if (result?.userId === null || result === undefined)
      return complain(run, '', result?.detail ?? 'was refused');
    run.userIds.set(user.loginName.toLowerCase(), result.userId);
  } else {
    const made = await run.invoker.call('createUser', { body: { organizationId, ...fields } });
    run.userIds.set(user.loginName.toLowerCase(), made.id);
  }
  const { keys: ____, ...told } = user;
  note(run, 'create', 'user', path, fieldsOf(told));
  const id = run.userIds.get(user.loginName.toLowerCase());
  if (user.kind !== 'machine' || id === undefined) return;
  await addKeys(run, path, id, keys);
  // One that brings what it proves itself by needs no secret of ours.
  if (keys.length > 0 || secretHash !== undefined) return;
  const secret = await run.invoker.call('createUserSecret', { path: { userId: id }, body: {} });
  run.secrets.push({ path, clientId: secret.clientId, clientSecret: secret.clientSecret });
}

const verbs = { active: 'activateUser', inactive: 'deactivateUser', locked: 'lockUser' } as const;

async function changeUser(run: Run, path: string, userId: string, user: User): Promise<void> {
  const {
    state,
    kind,
    password: _,
    passwordHash: __,
    isPasswordChangeRequired: ___,
    metadata: ____,
    secretHash: _____,
    id,
    keys = [],
    loginName,
    ...fields
  } = user;
  const present = await run.invoker.call('getUser', { path: { userId } });
  if (isOtherId(run, '', path, { wanted: id, present: userId })) return;
  if (present.kind !== kind)
    return complain(run, '/kind', `${loginName} is a ${present.kind}; that never changes`);
  if (keys.length > 0) {
    const known = await run.invoker.call('listUserKeys', { path: { userId } });
    await addKeys(run, path, userId, missingKeys(keys, known.items));
  }
  const differences = differenceOf(fields, present);
  if (differences.length > 0) await run.invoker.call('updateUser', { path: { userId }, body: fields });
  const moved =
    state === undefined || state === present.state
      ? []
      : [{ field: 'state', from: present.state, to: state }];
  if (state !== undefined && moved.length > 0) await run.invoker.call(verbs[state], { path: { userId } });
  const all = [...differences, ...moved];
  if (all.length > 0) note(run, 'change', 'user', path, all);
}

/** Brings the users of an organization to what a file says. Nobody is removed by a file. */
export async function applyUsers(
  run: Run,
  pointer: string,
  organization: { readonly id: string; readonly name: string },
  wanted: ConfigurationDocument['users'],
): Promise<void> {
  for (const [index, user] of (wanted ?? []).entries()) {
    const path = `${organization.name} / ${user.loginName}`;
    const known = await lookUp(run, user.loginName);
    const before = run.problems.length;
    await attempt(run, `${pointer}/${index}`, () =>
      known === undefined ? createUser(run, path, organization.id, user) : changeUser(run, path, known, user),
    );
    // What was said without a place is about this user.
    for (const problem of run.problems.slice(before))
      if (!problem.pointer.startsWith(pointer)) problem.pointer = `${pointer}/${index}${problem.pointer}`;
    const id = known ?? run.userIds.get(user.loginName.toLowerCase());
    if (id !== undefined)
      await applyMetadata(run, `${pointer}/${index}/metadata`, { kind: 'user', id, path }, user.metadata);
    if (id !== undefined) run.objects.push({ path, kind: 'user', id });
  }
}

const managing = {
  instance: {
    list: 'listInstanceManagers',
    set: 'setInstanceManager',
    remove: 'removeInstanceManager',
    name: '',
  },
  organization: {
    list: 'listOrganizationManagers',
    set: 'setOrganizationManager',
    remove: 'removeOrganizationManager',
    name: 'organizationId',
  },
  project: {
    list: 'listProjectManagers',
    set: 'setProjectManager',
    remove: 'removeProjectManager',
    name: 'projectId',
  },
} as const;

/** Gives users the manager roles a file says. Nobody's are taken away by a file. */
export async function applyManagers(
  run: Run,
  pointer: string,
  path: string,
  at: { readonly kind: Exclude<ManagedLevel, 'project-grant'>; readonly id: string },
  wanted: Managers,
): Promise<void> {
  if (wanted === undefined) return;
  const { list, set, name } = managing[at.kind];
  const place = name === '' ? {} : { [name]: at.id };
  const present = await run.invoker.all(list, { path: place });
  for (const [index, { user, roles }] of wanted.entries()) {
    const userId = await findUser(run, `${pointer}/${index}/user`, user);
    if (userId === undefined) continue;
    const known = present.find((each) => each.userId === userId);
    if (known !== undefined && isSame(known.roles, roles)) continue;
    await attempt(run, `${pointer}/${index}`, async () => {
      await run.invoker.call(set, { path: { ...place, userId }, body: { roles } });
      const change = { field: 'roles', from: known?.roles ?? null, to: roles };
      note(run, known === undefined ? 'create' : 'change', 'manager', `${path} / ${user}`, [change]);
    });
  }
}
