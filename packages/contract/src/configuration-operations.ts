import { z } from 'zod';
import { configurationDocument } from './configuration-schema.ts';
import type { Operation } from './operation.ts';

const tag = 'Configuration';
const target = { kind: 'instance' } as const;

const plannedChange = z.object({
  action: z.enum(['create', 'change', 'delete']),
  kind: z.string(),
  path: z.string().meta({ description: 'Where it stands, such as Acme / Shop / Web' }),
  changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
});

const plannedWarning = z.object({
  path: z.string().meta({ description: 'Where the application stands, such as Acme / Shop / Web' }),
  setting: z.string(),
  message: z.string().meta({ description: 'What is unsafe, or will not work' }),
  fix: z.string().meta({ description: 'What to do about it' }),
});

/** What applying a configuration would do. */
export const configurationPlan = z.object({
  changes: z.array(plannedChange),
  warnings: z.array(plannedWarning).meta({
    description: 'What is unsafe about the applications it creates or changes, or will not work',
  }),
  digest: z.string().meta({ description: 'Send it with the apply to be sure that nothing else happens' }),
});

/** Operations about the configuration as a whole. */
export const configurationOperations = {
  exportConfiguration: {
    tag,
    summary: 'Export the configuration',
    description: 'Without secrets, password hashes and ids; what Latchkey itself needs is left out.',
    permission: 'instance.read',
    target,
    query: z.strictObject({
      users: z
        .enum(['all', 'machines', 'none'])
        .default('all')
        .meta({ description: 'Which users to tell; at most 10,000' }),
    }),
    response: z.looseObject({ version: z.literal(1) }),
    status: 200,
    problems: ['invalid-input', 'conflict'],
  },
  planConfiguration: {
    tag,
    summary: 'Show what applying a configuration would change',
    permission: 'instance.write',
    target,
    body: configurationDocument,
    example: {
      version: 1,
      projects: [
        {
          name: 'Planned',
          applications: [
            { name: 'Web', type: 'user_agent', redirectUris: ['https://shop.example.com/callback'] },
            { name: 'API', type: 'api' },
          ],
        },
      ],
    },
    response: configurationPlan,
    status: 200,
    problems: ['invalid-input', 'conflict'],
  },
  applyConfiguration: {
    tag,
    freshness: 'recent',
    summary: 'Apply a configuration',
    description: 'All of it in one transaction, or nothing. Secrets of what is new are answered this once.',
    permission: 'instance.write',
    target,
    body: z.strictObject({
      document: configurationDocument,
      digest: z.string().max(100).optional().meta({ description: 'Of the plan that was looked at' }),
    }),
    example: { document: { version: 1, projects: [{ name: 'Applied' }] } },
    response: configurationPlan.extend({
      secrets: z.array(
        z.object({
          path: z.string(),
          clientId: z.string(),
          clientSecret: z.string().optional(),
          keyFile: z.record(z.string(), z.unknown()).optional(),
        }),
      ),
      objects: z
        .array(
          z.object({
            path: z.string(),
            kind: z.enum(['organization', 'project', 'application', 'user']),
            id: z.string(),
            clientId: z.string().optional(),
          }),
        )
        .meta({ description: 'The ids of everything the file names' }),
    }),
    status: 200,
    secret: true,
    problems: ['invalid-input', 'conflict'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
