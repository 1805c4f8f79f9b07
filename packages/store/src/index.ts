/** All SQL of Latchkey. */
export * from './alarms.ts';
export * from './application-credentials.ts';
export * from './application-records.ts';
export * from './applications.ts';
export * from './audit.ts';
export * from './authorization-records.ts';
export * from './awaited-requests.ts';
export * from './backchannel-authentications.ts';
export type { NewGrant } from './begin-grant.ts';
export type { Change, Committed, EventInput, Revocation } from './change.ts';
export { longestTokenLifeMs, revocationOf } from './change.ts';
export * from './consents.ts';
export * from './data-keys.ts';
export { countServerConnections, type DatabaseIdentity, restorePendingScript } from './database-identity.ts';
export * from './deliveries.ts';
export * from './device-authorizations.ts';
export * from './engine/engine.ts';
export { type DamagedFile, findDamagedPages, findMissingFiles } from './engine/folder-check.ts';
export { askFolderHolder, isFolderHeld } from './engine/folder-lock.ts';
export * from './engine/pglite-engine.ts';
export * from './engine/postgres-engine.ts';
export { replaceDatabaseFolder } from './engine/replace-folder.ts';
export * from './event-tail.ts';
export * from './grants.ts';
export * from './idempotency.ts';
export * from './instances.ts';
export type { ListReach, NamedOrder, WantedPage } from './list-page.ts';
export * from './memberships.ts';
export { SchemaProblem, type SchemaState } from './migrate.ts';
export * from './object-state.ts';
export * from './organization-domains.ts';
export * from './organization-metadata.ts';
export * from './organization-records.ts';
export * from './organizations.ts';
export * from './outbox.ts';
export * from './personal-access-tokens.ts';
export * from './placed-roles.ts';
export * from './places.ts';
export * from './project-grants.ts';
export * from './project-records.ts';
export * from './projects.ts';
export * from './read-through.ts';
export * from './refusals.ts';
export * from './registrations.ts';
export * from './restored-backup.ts';
export * from './roles.ts';
export * from './scope.ts';
export * from './self-registration.ts';
export * from './session-clients.ts';
export * from './session-records.ts';
export * from './sessions.ts';
export * from './settings.ts';
export * from './sign-in-attempts.ts';
export { isSignInNameTaken, type TakenUserPart } from './sign-in-names.ts';
export * from './signing-keys.ts';
export * from './sole-owners.ts';
export * from './spent-ids.ts';
export * from './store.ts';
export * from './sweep.ts';
export type {
  ApplicationRow,
  GrantRow,
  InstanceRow,
  SessionRow,
  SigningKeyRow,
  Tables,
  UserRow,
} from './tables.ts';
export * from './targets.ts';
export * from './token-exchanges.ts';
export * from './usage.ts';
export * from './user-keys.ts';
export * from './user-lists.ts';
export * from './user-parts.ts';
export * from './user-records.ts';
export * from './users.ts';
