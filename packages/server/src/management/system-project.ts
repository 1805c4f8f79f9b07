import { ApiError } from '../platform/errors.ts';
import type { InstanceContext } from '../platform/instances.ts';

/** Whether a project is the one of the management API itself. */
export function isSystemProject(instance: Pick<InstanceContext, 'settings'>, projectId: string): boolean {
  return instance.settings.managementProjectId === projectId;
}

/** Throws `conflict` for the project of the management API: what Latchkey itself needs stays as it is. */
export function refuseSystemProject(instance: Pick<InstanceContext, 'settings'>, projectId: string): void {
  if (isSystemProject(instance, projectId))
    throw new ApiError(
      'conflict',
      'It belongs to Latchkey itself, for its console, command line and API; make a project of your own.',
    );
}
