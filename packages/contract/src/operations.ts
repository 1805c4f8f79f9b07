import { applicationOperations } from './application-operations.ts';
import { auditOperations } from './audit-operations.ts';
import { authorizationOperations } from './authorization-operations.ts';
import { commonOperations } from './common-operations.ts';
import { configurationOperations } from './configuration-operations.ts';
import { instanceOperations } from './instance-operations.ts';
import { managerOperations } from './manager-operations.ts';
import type { Operation } from './operation.ts';
import { organizationOperations } from './organization-operations.ts';
import { projectOperations } from './project-operations.ts';
import type { OperationId } from './routes.ts';
import { sessionOperations } from './session-operations.ts';
import { settingsOperations } from './settings-operations.ts';
import { userOperations } from './user-operations.ts';

/** Every operation of the management API. */
export const operations = {
  ...commonOperations,
  ...instanceOperations,
  ...organizationOperations,
  ...managerOperations,
  ...settingsOperations,
  ...projectOperations,
  ...applicationOperations,
  ...userOperations,
  ...sessionOperations,
  ...authorizationOperations,
  ...auditOperations,
  ...configurationOperations,
} as const satisfies Readonly<Partial<Record<OperationId, Operation>>>;

/** The operations, by id, as types. */
export type Operations = typeof operations;
