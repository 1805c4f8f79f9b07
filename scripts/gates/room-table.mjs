/**
 * What a room may import. `workspace` names packages of ours (`name` for all of it, `name (types)` for types and brand
 * constructors only); `external` is the list of registry packages where the table limits them; `builtins` says whether
 * Node's own modules may be used, or which.
 * @typedef {{
 *   readonly folder: string,
 *   readonly workspace: readonly string[],
 *   readonly external?: readonly string[],
 *   readonly builtins?: 'none' | readonly string[],
 *   readonly pure?: true,
 * }} Room
 */

/**
 * The rooms of the architecture (§2), as data. A folder under `packages/` or `apps/` that is missing here is a finding:
 * a new room is a decision.
 * @type {readonly Room[]}
 */
export const rooms = [
  { folder: 'packages/protocol', workspace: [], external: ['jose'], builtins: ['crypto'], pure: true },
  { folder: 'packages/identity', workspace: [], external: [], builtins: ['crypto'], pure: true },
  { folder: 'packages/contract', workspace: [], external: ['zod'], builtins: 'none' },
  { folder: 'packages/store', workspace: ['@latchkey/protocol (types)', '@latchkey/identity (types)'] },
  {
    folder: 'packages/login-ui',
    workspace: [],
    external: ['preact', 'preact-render-to-string', 'intl-messageformat'],
    builtins: 'none',
  },
  {
    folder: 'packages/server',
    workspace: [
      '@latchkey/protocol',
      '@latchkey/identity',
      '@latchkey/contract',
      '@latchkey/store',
      '@latchkey/login-ui',
    ],
  },
  {
    folder: 'packages/sdk-browser',
    workspace: ['@latchkey/protocol/client'],
    external: ['oauth4webapi'],
    builtins: 'none',
  },
  {
    folder: 'packages/sdk-react',
    workspace: ['@latchkey/browser'],
    external: ['react', 'react-dom'],
    builtins: 'none',
  },
  {
    folder: 'packages/sdk-vue',
    workspace: ['@latchkey/browser'],
    external: ['vue'],
    builtins: 'none',
  },
  {
    folder: 'packages/sdk-api',
    workspace: ['@latchkey/protocol/client'],
    external: ['jose', 'hono', 'express', 'fastify', 'koa', '@nestjs/common', '@nestjs/core'],
  },
  {
    folder: 'packages/sdk-bff',
    workspace: [],
    external: ['jose', 'oauth4webapi', 'hono', 'express', 'fastify'],
  },
  {
    folder: 'packages/sdk-next',
    workspace: ['@latchkey/bff', '@latchkey/react'],
    external: ['next', 'react'],
    builtins: 'none',
  },
  {
    folder: 'packages/testkit',
    workspace: ['@latchkey/server', '@latchkey/store', '@latchkey/protocol', '@latchkey/identity'],
  },
  {
    folder: 'apps/latchkey',
    workspace: [
      '@latchkey/contract',
      '@latchkey/server',
      '@latchkey/store',
      '@latchkey/protocol',
      '@latchkey/identity',
    ],
  },
  { folder: 'apps/console', workspace: ['@latchkey/contract/client', '@latchkey/react'], builtins: 'none' },
];

/** What an example may import of ours: the published SDKs, as a customer would. */
export const publishedSdks = [
  '@latchkey/browser',
  '@latchkey/react',
  '@latchkey/vue',
  '@latchkey/api',
  '@latchkey/bff',
  '@latchkey/next',
];

/** Packages that reach a database; only Latchkey’s store and the example with a database of its own may import them. */
export const databaseDrivers = ['pg', '@electric-sql/pglite', 'kysely'];
export const databaseFolders = ['packages/store', 'examples/news/api'];

/**
 * The rooms inside `packages/server/src`, by floor: a file imports its own room and lower floors. Files directly in
 * `src` (the page of all routes and the public face) are the top floor.
 */
export const serverFloors = { platform: 0, oauth: 1, login: 1, management: 1, '': 2 };

/** The one sideways door of the server: from this room to this file. */
export const serverDoor = { from: 'login', to: 'packages/server/src/oauth/finish-authorize.ts' };

/** The only package that reads the environment. */
export const environmentReader = 'apps/latchkey';

/** Folders whose files may import anything. */
export const freeFolders = ['bench', 'tests', 'scripts'];
