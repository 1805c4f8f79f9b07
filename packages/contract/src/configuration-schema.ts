import { z } from 'zod';
import { givenClientId, givenSecretHash } from './application-schema.ts';
import { applicationSettings, applicationType } from './application-settings.ts';
import { managerRoleName } from './common-operations.ts';
import { givenId, name } from './fields.ts';
import { domainName } from './organization-schema.ts';
import { newRole, projectAudience, projectSettings, roleKeys } from './project-schema.ts';
import { instanceSettingsChange, organizationSettingsChange } from './settings-schema.ts';
import { givenKey, importedUser, loginName, metadataKey, metadataValue, userKind } from './user-schema.ts';

const managers = z
  .array(
    z.strictObject({
      user: loginName.meta({ description: 'Login name' }),
      roles: z.array(managerRoleName).min(1).max(20),
    }),
  )
  .max(1000)
  .optional()
  .meta({ description: 'Who manages it' });

const activity = z
  .enum(['active', 'inactive'])
  .optional()
  .meta({ description: 'Whether it may be used; left as it is when absent, and new ones are active' });

const metadata = z
  .record(metadataKey, z.union([z.string().max(10_000), z.strictObject({ base64: metadataValue })]))
  .optional()
  .meta({ description: 'Values by key: a text, or bytes as `{ base64: … }`' });

const keys = z.array(givenKey).max(20).optional().meta({
  description:
    'Public keys it proves itself by; those with an id are added once, those without when it is created',
});

const application = z.strictObject(applicationSettings).partial().extend({
  name,
  type: applicationType,
  state: activity,
  id: givenId,
  clientId: givenClientId,
  secretHash: givenSecretHash,
  keys,
});

const authorization = z.strictObject({
  id: givenId,
  user: loginName.meta({ description: 'Login name' }),
  roles: roleKeys,
  state: activity,
});

const grant = z.strictObject({
  id: givenId,
  organization: name.meta({ description: 'The organization it is granted to, by name' }),
  roles: roleKeys,
  state: activity,
});

const allowedApplication = z.union([
  z.string().min(1).max(2000),
  z.strictObject({
    organization: name.optional().meta({ description: 'The organization of the project when left out' }),
    project: name,
    application: name,
  }),
]);

const project = z
  .strictObject({ ...projectSettings, isOpenToThirdParties: projectAudience.isOpenToThirdParties })
  .partial()
  .extend({
    id: givenId,
    name,
    state: activity,
    allowedApplications: z.array(allowedApplication).max(200).optional().meta({
      description: 'Applications that may obtain tokens for it besides its own, by client ID or by names',
    }),
    allowedOrganizations: z.array(name).max(200).optional().meta({
      description: 'Organizations whose applications and machine users may obtain tokens for it, by name',
    }),
    roles: z
      .array(z.union([newRole, newRole.shape.key.transform((key) => ({ key }))]))
      .max(500)
      .optional()
      .meta({ description: 'Keys, or keys with names' }),
    applications: z.array(application).max(2000).optional(),
    grants: z.array(grant).max(1000).optional(),
    authorizations: z
      .array(authorization)
      .max(10_000)
      .optional()
      .meta({ description: 'Who holds which roles' }),
    managers,
  });

const user = importedUser
  .extend({ kind: userKind.default('human'), metadata, keys })
  .meta({ description: 'A person, or a program (`kind: machine`)' });

const organizationParts = {
  managers,
  metadata,
  settings: organizationSettingsChange.optional(),
  users: z.array(user).max(10_000).optional(),
  projects: z.array(project).max(2000).optional(),
} as const;

/** What a configuration file says. What it does not name stays as it is, unless `prune` is set. */
export const configurationDocument = z
  .strictObject({
    version: z.literal(1),
    prune: z.boolean().optional().meta({
      description:
        'Lists of applications, roles, grants, authorizations and projects that are given are whole: what they lack is removed',
    }),
    instance: z
      .strictObject({ name: name.optional(), settings: instanceSettingsChange.optional(), managers })
      .optional(),
    ...organizationParts,
    organizations: z
      .array(
        z.strictObject({
          id: givenId,
          name,
          primaryDomain: domainName.optional(),
          state: activity,
          ...organizationParts,
        }),
      )
      .max(1000)
      .optional(),
  })
  .meta({
    title: 'Latchkey configuration',
    description:
      '`settings`, `managers`, `metadata`, `users` and `projects` at the top are those of the first organization; others are named under `organizations`.',
  });

/** A configuration, defaults filled in. */
export type ConfigurationDocument = z.infer<typeof configurationDocument>;

/** The JSON Schema of configuration files, for editors. */
export function configurationJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configurationDocument, { io: 'input', unrepresentable: 'any' });
}
