import { expect, test } from 'vitest';
import { z } from 'zod';
import { needsRecentSignIn, type Operation } from './operation.ts';
import { operations } from './operations.ts';
import { apiRoutes, type OperationId } from './routes.ts';

/** Operations that remove, write secrets or give roles, and yet take a sign-in of any age; each with the reason. */
const exceptions: Readonly<Partial<Record<OperationId, string>>> = {
  createProject: 'its roles are new names that nobody holds yet, and nothing checks tokens for it yet',
  createUser: 'a new account has no roles; giving it some is dangerous by itself',
  importUsers: 'new accounts have no roles; giving them some is dangerous by itself',
  removeUserMetadata: 'data of applications, set again as easily',
  removeOrganizationMetadata: 'data of applications, set again as easily',
  removeConsent: 'only takes access away; the person is asked again',
  endSession: 'only takes access away; whoever reacts to an attack must not be held up',
  endUserSessions: 'only takes access away; whoever reacts to an attack must not be held up',
  createAuthorization: 'roles of a project are for its applications to judge and give nothing in Latchkey',
  updateAuthorization: 'roles of a project are for its applications to judge and give nothing in Latchkey',
  removeAuthorization: 'roles of a project are for its applications to judge and give nothing in Latchkey',
};

const secretFields = /password|secret|publicKey|jwks|passwordHash/i;
const roleFields = /^(roles|roleKeys|ownerUserId)$/;
/** Where people sign in from and to, what they are found by, and who gets tokens for whom. */
const takeoverFields =
  /^(loginName|email|isEmailVerified|phone|isPhoneVerified|redirectUris|requestUris|allowedClientIds|allowedOrganizationIds|isOpenToThirdParties|authMethod|grantTypes|isManagementClient|roleCheck|hasProjectCheck|features|security|password|login|lockout|registrationPolicy|domain|origin)$/;

function fieldsOf(schema: z.ZodType | undefined): readonly string[] {
  if (schema === undefined) return [];
  const text = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return [...text.matchAll(/"(\w+)":\{/g)].map((match) => match[1] ?? '');
}

/** Why an operation looks dangerous: by its method, its name, its answer or its body, so that a new one is noticed. */
function dangersOf(id: OperationId, operation: Operation): readonly string[] {
  const [method] = apiRoutes[id];
  if (method === 'GET') return [];
  const fields = fieldsOf(operation.body);
  return [
    ...(method === 'DELETE' || /^(remove|revoke|end)/.test(id) ? ['removes'] : []),
    ...(operation.secret === true ? ['answers a secret'] : []),
    ...(fields.some((name) => secretFields.test(name)) ? ['takes a secret or key'] : []),
    ...(/Manager$/.test(id) || fields.some((name) => roleFields.test(name)) ? ['gives roles'] : []),
    ...(fields.some((name) => takeoverFields.test(name)) ? ['changes who signs in or gets tokens'] : []),
    ...(/(Domain|WebKey|Settings)$/.test(id) ? ['changes security settings, keys or domains'] : []),
    ...(id === 'applyConfiguration' ? ['changes everything'] : []),
  ];
}

/** Operations that only look: they read a draft or a plan and save nothing. */
const reading: readonly OperationId[] = ['checkApplication', 'planConfiguration', 'explainToken'];

const entries = Object.entries(operations).map(
  ([id, operation]) => [id as OperationId, operation as Operation] as const, // cast: the keys of the operations are their ids
);

test('every operation that removes, writes secrets or gives roles requires a recent sign-in or is an exception with a reason', () => {
  const missing = entries
    .filter(([id, { freshness }]) => freshness === undefined && !reading.includes(id))
    .map(([id, operation]) => [id, dangersOf(id, operation), exceptions[id]] as const)
    .filter(([, dangers, reason]) => dangers.length > 0 && reason === undefined);
  expect(missing).toEqual([]);
});

test('no exception is listed for an operation that requires a recent sign-in, and reading never does', () => {
  expect(entries.filter(([id, { freshness }]) => freshness !== undefined && id in exceptions)).toEqual([]);
  expect(
    entries.filter(([id, { freshness }]) => freshness !== undefined && apiRoutes[id][0] === 'GET'),
  ).toEqual([]);
});

test('fields that decide are fields of the body, so that a misspelt one cannot open an operation', () => {
  for (const [id, { freshness, body }] of entries) {
    if (freshness === undefined || freshness === 'recent') continue;
    const names = 'recentFor' in freshness ? freshness.recentFor : freshness.recentExceptFor;
    expect(
      names.filter((name) => !fieldsOf(body).includes(name)),
      id,
    ).toEqual([]);
  }
});

test('no field by which somebody takes an account over or gets tokens is harmless', () => {
  const harmless = entries.flatMap(([id, operation]) => {
    if (operation.freshness === undefined || operation.freshness === 'recent') return [];
    const { properties = {} } = z.toJSONSchema(operation.body ?? z.object({}), {
      io: 'input',
      unrepresentable: 'any',
    });
    return Object.keys(properties)
      .filter((name) => takeoverFields.test(name) && !needsRecentSignIn(operation, { [name]: null }))
      .map((name) => `${id} ${name}`);
  });
  expect(harmless).toEqual([]);
});

test('a body with a harmless field alone does not need a recent sign-in; with another field it does', () => {
  const { updateApplication, updateInstanceSettings, createOrganization } = operations;
  expect(needsRecentSignIn(updateApplication, { name: 'Shop' })).toBe(false);
  expect(needsRecentSignIn(updateApplication, { name: 'Shop', redirectUris: [] })).toBe(true);
  expect(needsRecentSignIn(updateInstanceSettings, { branding: null })).toBe(false);
  expect(needsRecentSignIn(updateInstanceSettings, { features: { impersonation: true } })).toBe(true);
  expect(needsRecentSignIn(createOrganization, { name: 'Acme' })).toBe(false);
  expect(needsRecentSignIn(createOrganization, { name: 'Acme', ownerUserId: '1' })).toBe(true);
  expect(needsRecentSignIn(operations.updateUser, { displayName: 'Erika' })).toBe(false);
  for (const name of ['loginName', 'email', 'isEmailVerified', 'phone', 'isPhoneVerified'])
    expect(needsRecentSignIn(operations.updateUser, { [name]: null }), name).toBe(true);
  expect(needsRecentSignIn(operations.removeUser, {})).toBe(true);
  expect(needsRecentSignIn({}, {})).toBe(false);
});
