import type { OperationId, Operations } from '@latchkey/contract';
import { applicationHandlers } from './applications.ts';
import { auditHandlers } from './audit.ts';
import { authorizationHandlers } from './authorizations.ts';
import type { Handlers } from './call.ts';
import { commonHandlers } from './common.ts';
import { configurationHandlers } from './configuration.ts';
import { instanceHandlers } from './instance.ts';
import { managerHandlers } from './managers.ts';
import { organizationHandlers } from './organizations.ts';
import { projectHandlers } from './projects.ts';
import { sessionHandlers } from './sessions.ts';
import { settingsHandlers } from './settings.ts';
import { userHandlers } from './users.ts';

/** Who carries out which operation. */
export const handlers: Partial<Handlers<OperationId & keyof Operations>> = {
  ...commonHandlers,
  ...instanceHandlers,
  ...organizationHandlers,
  ...managerHandlers,
  ...settingsHandlers,
  ...projectHandlers,
  ...applicationHandlers,
  ...userHandlers,
  ...sessionHandlers,
  ...authorizationHandlers,
  ...auditHandlers,
  ...configurationHandlers,
};
