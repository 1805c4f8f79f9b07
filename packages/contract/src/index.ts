/** Latchkey's management API as data. */
export * from './common-operations.ts';
export * from './fields.ts';
export * from './manager-roles.ts';
export * from './operation.ts';
export * from './operations.ts';
export * from './problems.ts';
export * from './routes.ts';
