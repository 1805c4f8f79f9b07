/** All SQL of Latchkey. */
export * from './applications.ts';
export type { Change, Committed, EventInput, Revocation } from './change.ts';
export { longestTokenLifeMs, revocationOf } from './change.ts';
export * from './engine/engine.ts';
export { askFolderHolder } from './engine/folder-lock.ts';
export * from './engine/pglite-engine.ts';
export * from './engine/postgres-engine.ts';
export * from './event-tail.ts';
export * from './grants.ts';
export * from './instances.ts';
export * from './object-state.ts';
export * from './organizations.ts';
export * from './projects.ts';
export * from './scope.ts';
export * from './sessions.ts';
export * from './signing-keys.ts';
export * from './store.ts';
export type {
  ApplicationRow,
  GrantRow,
  InstanceRow,
  SessionRow,
  SigningKeyRow,
  Tables,
  UserRow,
} from './tables.ts';
export * from './users.ts';
