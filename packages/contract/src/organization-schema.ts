import { z } from 'zod';
import { id, state, storedName, timestamp } from './fields.ts';

/** A domain name as people type it: lower case, at least one dot or a single label such as localhost. */
export const domainName = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a domain name such as example.com',
  )
  .meta({ description: 'A domain name, lower case', example: 'example.com' });

/** An organization. */
export const organization = z.object({
  id,
  name: storedName,
  primaryDomain: z.string(),
  state,
  isSystem: z
    .boolean()
    .meta({ description: 'Holds the project of Latchkey itself: cannot be removed or deactivated' }),
  userCount: z.number().int().meta({ description: 'Up to 10,000; more are told as 10,000' }),
  projectCount: z.number().int(),
  createdAt: timestamp,
});

/** A domain of an organization. */
export const organizationDomain = z.object({
  domain: z.string(),
  isVerified: z.boolean(),
  isPrimary: z.boolean(),
  verification: z
    .object({
      dnsName: z.string(),
      dnsValue: z.string(),
      fileUrl: z.string(),
      fileContent: z.string(),
    })
    .nullable()
    .meta({
      description: 'How to show that the domain is yours: a TXT record or a file; null once verified',
    }),
  createdAt: timestamp,
  verifiedAt: timestamp.nullable(),
});
