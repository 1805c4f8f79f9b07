import { z } from 'zod';
import { applicationSettings, applicationType } from './application-settings.ts';
import { givenId, id, name, state, timestamp } from './fields.ts';

/** What is unsafe about the settings of an application, and how to mend it. */
export const compliance = z.object({
  isCompliant: z.boolean(),
  problems: z.array(
    z.object({
      code: z.string().meta({ description: 'Permanent' }),
      level: z.enum(['warning', 'hint']).meta({
        description: '`warning`: unsafe, or will not work; `hint`: could be safer, and counts as compliant',
      }),
      setting: z.string().meta({ description: 'The setting it is about' }),
      message: z.string().meta({ description: 'What is unsafe' }),
      fix: z.string().meta({ description: 'What to do about it' }),
    }),
  ),
});

const identity = {
  id,
  projectId: id,
  projectName: z.string(),
  organizationId: id,
  clientId: z.string().meta({ description: 'What the application names itself by in OAuth requests' }),
  type: applicationType,
  state,
  isSystem: z.boolean().meta({ description: 'Of Latchkey itself: cannot be changed' }),
  createdAt: timestamp,
} as const;

/** An application with every setting. */
export const application = z.object({
  ...identity,
  ...applicationSettings,
  compliance,
});

/** An application as lists show it. */
export const applicationSummary = z.object({
  ...identity,
  name: applicationSettings.name,
  authMethod: applicationSettings.authMethod,
  isCompliant: z.boolean(),
});

/** A client id for a new application. */
export const givenClientId = z
  .string()
  .max(200)
  .regex(
    /^(?:[1-9][0-9]{0,39}(?:@[^\s@\p{C}]{1,150})?|(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9._-]{2,99})$/u,
    'must be 3 to 100 letters, digits, dots, hyphens and underscores, with at least one letter, or the client id of another system such as 123 or 123@project',
  )
  .optional()
  .meta({
    description:
      'A client id of your choice; usually left out, and a number is given. Owners of the instance may keep one of another system, such as 123 or 123@project',
  });

/** A hashed client secret of another system. */
export const givenSecretHash = z.string().min(1).max(1000).optional().meta({
  description:
    'The hash of the client secret it had in another system, in any form `passwordHash` may have; the secret goes on working',
});

const settings = z.strictObject({ ...applicationSettings, name }).partial();

/** What a new application is made of: name and type, and for one that signs people in its redirect URIs. */
export const newApplication = settings.extend({
  projectId: id,
  name,
  type: applicationType,
  id: givenId,
  clientId: givenClientId,
  secretHash: givenSecretHash,
});

/** Settings to change; those left out stay, null clears. */
export const applicationChange = settings.extend({ type: applicationType.optional() });

/** Settings to look at without saving anything. */
export const applicationDraft = settings.extend({
  type: applicationType,
  projectId: id.optional(),
  clientId: z.string().max(100).optional(),
});

/** What a look at settings found. */
export const applicationVerdict = z.object({
  isAccepted: z.boolean().meta({ description: 'Whether an application could be saved with these settings' }),
  refusals: z.array(
    z.object({
      setting: z.string(),
      index: z.number().int().optional().meta({ description: 'Place in a list' }),
      detail: z.string(),
    }),
  ),
  compliance,
  settings: z
    .object(applicationSettings)
    .omit({ name: true })
    .extend({ type: applicationType })
    .meta({ description: 'The settings with the defaults of the type filled in' }),
});

/** How the messages of a kind to an application fare. */
export const applicationDelivery = z.object({
  kind: z.enum(['backchannel-logout', 'ciba-ping']),
  address: z.string().nullable().meta({ description: 'Where they are sent now; null where none are sent' }),
  waiting: z
    .number()
    .int()
    .meta({ description: 'Messages that wait to be sent, first or again; at most 10,000 are counted' }),
  oldestWaitingAt: timestamp.nullable().meta({ description: 'When the oldest of them was made' }),
  nextAttemptAt: timestamp.nullable().meta({ description: 'When the next of them is tried' }),
  lastFailure: z
    .object({
      at: timestamp,
      address: z.string().meta({ description: 'The address it was sent to' }),
      reason: z.enum(['answered', 'unreachable', 'not-https', 'not-public', 'not-callable']).meta({
        description:
          '`answered`: with `status`; `unreachable`: no answer came; the others: the outbound rules of the server refuse the address',
      }),
      status: z.number().int().nullable().meta({ description: 'The HTTP status of the answer' }),
      message: z.string().meta({ description: 'What happened, and what to do about it' }),
      isGivenUp: z.boolean().meta({ description: 'Whether that message is not tried again' }),
      deliveredAt: timestamp.nullable().meta({
        description: 'When a message arrived for the first time after it; null when none has since',
      }),
    })
    .nullable()
    .meta({ description: 'The last message that did not arrive; null where all did' }),
});

/** A client secret as lists show it. */
export const clientSecret = z.object({
  id,
  createdAt: timestamp,
  expiresAt: timestamp.nullable(),
});

/** A client secret, shown this once. */
export const newClientSecret = clientSecret.extend({
  clientId: z.string(),
  clientSecret: z.string().meta({ description: 'Shown this once; keep it where secrets are kept' }),
});

/** A public key of an application as lists show it. */
export const applicationKey = z.object({
  id: id.meta({ description: 'Also the `kid` of assertions' }),
  createdAt: timestamp,
  expiresAt: timestamp.nullable(),
});

/** A new key; with the file that holds its private half where it was made here. */
export const newApplicationKey = applicationKey.extend({
  keyFile: z
    .object({
      type: z.literal('application'),
      keyId: id,
      key: z.string().meta({ description: 'The private key, PEM' }),
      appId: id,
      clientId: z.string(),
    })
    .nullable()
    .meta({ description: 'Shown this once; null for an uploaded public key' }),
});
