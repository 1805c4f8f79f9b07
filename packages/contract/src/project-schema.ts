import { z } from 'zod';
import { id, line, name, state, storedName, timestamp } from './fields.ts';

/** Settings of a project. */
export const projectSettings = {
  roleAssertion: z.boolean().meta({
    description: 'Tokens and userinfo of its applications carry the roles of the user in this project',
  }),
  roleCheck: z.boolean().meta({
    description: 'Only users with an authorization for this project may sign in to its applications',
  }),
  hasProjectCheck: z.boolean().meta({
    description: 'Only users of organizations that own the project or were granted it may sign in',
  }),
} as const;

/** Who may obtain tokens for a project besides its own organization and those it is granted to. */
export const projectAudience = {
  allowedClientIds: z
    .array(z.string().min(1).max(2000))
    .max(200)
    .meta({ description: 'Client IDs of applications, third-party ones too, that may obtain tokens for it' }),
  allowedOrganizationIds: z.array(id).max(200).meta({
    description: 'Organizations whose applications and machine users may obtain tokens for it',
  }),
  isOpenToThirdParties: z.boolean().meta({
    description:
      'Any third-party application, also one that registered itself, may obtain tokens for it with the consent of the user',
  }),
} as const;

/** A project. */
export const project = z.object({
  id,
  organizationId: id,
  organizationName: z.string(),
  name: storedName,
  state,
  ...projectSettings,
  ...projectAudience,
  isSystem: z.boolean().meta({ description: 'Of Latchkey itself: cannot be changed' }),
  applicationCount: z.number().int(),
  roleCount: z.number().int(),
  grantCount: z.number().int(),
  createdAt: timestamp,
});

/** What applications know a role by. */
export const roleKey = z
  .string()
  .regex(/^[^\s\p{C}]{1,100}$/u, 'must be 1 to 100 characters without spaces or control characters')
  .meta({ description: 'What applications know the role by', example: 'editor' });

/** A role of a project. */
export const role = z.object({
  key: roleKey,
  displayName: storedName.meta({ description: 'What people know it by' }),
  group: storedName.nullable().meta({ description: 'Gathers roles in lists; tells applications nothing' }),
});

/** What a role is made of. */
export const newRole = z.strictObject({
  key: roleKey,
  displayName: name.optional().meta({ description: 'The key when left out' }),
  group: line(200)
    .nullable()
    .optional()
    .meta({ description: 'Gathers roles in lists; tells applications nothing' }),
});

/** What of a role may change. */
export const roleChange = z
  .strictObject({
    displayName: name.meta({ description: 'What people know it by' }),
    group: newRole.shape.group
      .unwrap()
      .meta({ description: 'Gathers roles in lists; tells applications nothing' }),
  })
  .partial();

/** Some roles of a project, by key. */
export const roleKeys = z.array(roleKey).max(500).meta({ description: 'Keys of roles of the project' });

/** A project lent to another organization. */
export const projectGrant = z.object({
  id,
  projectId: id,
  projectName: z.string(),
  organizationId: id.meta({ description: 'The organization it is granted to' }),
  organizationName: z.string(),
  roleKeys,
  state,
  createdAt: timestamp,
});

/** A project as the organization sees it that was granted it. */
export const grantedProject = z.object({
  grantId: id,
  projectId: id,
  projectName: z.string(),
  ownerOrganizationId: id,
  ownerOrganizationName: z.string(),
  roles: z.array(role).meta({ description: 'What the organization may give its users' }),
  state,
  createdAt: timestamp,
});
