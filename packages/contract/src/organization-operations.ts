import { z } from 'zod';
import { givenId, id, name, pageOf, pageQuery, state } from './fields.ts';
import type { Operation } from './operation.ts';
import { domainName, organization, organizationDomain } from './organization-schema.ts';
import { metadataKey, metadataValue } from './user-schema.ts';

const metadataEntry = z.object({ key: z.string(), value: z.string() });

const tag = 'Organizations';
const path = z.strictObject({ organizationId: id });
const target = { kind: 'object', object: 'organization', name: 'organizationId' } as const;
const reading = { tag, permission: 'organization.read', target } as const;
const writing = { tag, permission: 'organization.write', target } as const;
const domainPath = path.extend({ domain: domainName });
const keyPath = path.extend({ key: metadataKey });

const main = {
  listOrganizations: {
    tag,
    summary: 'List organizations',
    permission: 'organization.read',
    target: { kind: 'reachable' },
    query: z.strictObject({
      ...pageQuery,
      state: state.optional(),
      search: z
        .string()
        .trim()
        .max(200)
        .optional()
        .meta({ description: 'Part of the name or primary domain' }),
      sort: z
        .enum(['createdAt', '-createdAt', 'name', '-name'])
        .default('createdAt')
        .meta({ description: 'A minus turns the order around' }),
    }),
    response: pageOf(organization),
    status: 200,
    problems: ['cursor-invalid'],
  },
  createOrganization: {
    tag,
    freshness: { recentFor: ['ownerUserId'] },
    summary: 'Create an organization',
    description:
      'Its primary domain is the host of the instance with the name in front, unless one is given.',
    permission: 'organization.create',
    target: { kind: 'instance' },
    body: z.strictObject({
      id: givenId,
      name,
      primaryDomain: domainName
        .optional()
        .meta({ description: 'What login names may end in; made of the name when left out' }),
      ownerUserId: id.optional().meta({ description: 'A user of the instance who becomes its ORG_OWNER' }),
    }),
    example: { name: 'Acme' },
    response: organization,
    status: 201,
    problems: ['invalid-input', 'already-exists'],
  },
  getOrganization: {
    ...reading,
    summary: 'Show an organization',
    path,
    response: organization,
    status: 200,
    versioned: true,
    problems: ['not-found'],
  },
  updateOrganization: {
    ...writing,
    summary: 'Rename an organization',
    path,
    body: z.strictObject({ name: name.optional() }),
    example: { name: 'Acme' },
    response: organization,
    status: 200,
    versioned: true,
    problems: ['not-found', 'invalid-input', 'already-exists', 'stale-version'],
  },
  activateOrganization: {
    ...writing,
    actsOn: 'organization-users',
    summary: 'Activate an organization',
    path,
    response: organization,
    status: 200,
    problems: ['not-found'],
  },
  deactivateOrganization: {
    ...writing,
    actsOn: 'organization-users',
    summary: 'Deactivate an organization',
    description:
      'Its people cannot sign in any more, and every token of theirs and of its applications ends at once.',
    path,
    response: organization,
    status: 200,
    problems: ['not-found', 'conflict', 'last-owner'],
  },
  removeOrganization: {
    tag,
    freshness: 'recent',
    summary: 'Remove an organization',
    description: 'For good. While it has users or projects they are listed as `dependents`.',
    permission: 'organization.remove',
    target,
    actsOn: 'organization-users',
    path,
    status: 204,
    problems: ['not-found', 'conflict', 'has-dependents'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

const domains = {
  listOrganizationDomains: {
    ...reading,
    summary: 'List the domains of an organization',
    path,
    response: z.object({ items: z.array(organizationDomain) }),
    status: 200,
    problems: ['not-found'],
  },
  addOrganizationDomain: {
    ...writing,
    freshness: 'recent',
    summary: 'Add a domain',
    description: 'Answers what to put in DNS or on its web server to show that it is yours.',
    path,
    body: z.strictObject({ domain: domainName }),
    example: { domain: 'acme.example.com' },
    response: organizationDomain,
    status: 201,
    problems: ['not-found', 'invalid-input', 'already-exists'],
  },
  verifyOrganizationDomain: {
    ...writing,
    freshness: 'recent',
    summary: 'Look for the proof of a domain',
    description: 'Reads the TXT record, then the file. One is enough.',
    path: domainPath,
    response: organizationDomain,
    status: 200,
    problems: ['not-found', 'conflict', 'already-exists'],
  },
  setPrimaryOrganizationDomain: {
    ...writing,
    freshness: 'recent',
    summary: 'Make a verified domain the primary one',
    path: domainPath,
    response: organizationDomain,
    status: 200,
    problems: ['not-found', 'conflict'],
  },
  removeOrganizationDomain: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove a domain',
    path: domainPath,
    status: 204,
    problems: ['not-found', 'conflict'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

const metadata = {
  listOrganizationMetadata: {
    ...reading,
    summary: 'List the metadata of an organization',
    path,
    response: z.object({ items: z.array(metadataEntry) }),
    status: 200,
    problems: ['not-found'],
  },
  setOrganizationMetadata: {
    ...writing,
    summary: 'Set one value of metadata',
    path: keyPath,
    body: z.strictObject({ value: metadataValue }),
    example: { value: 'NDcxMQ==' },
    response: metadataEntry,
    status: 200,
    problems: ['not-found', 'invalid-input'],
  },
  removeOrganizationMetadata: {
    ...writing,
    summary: 'Remove one value of metadata',
    path: keyPath,
    status: 204,
    problems: ['not-found'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** Operations about organizations, their domains and metadata. */
export const organizationOperations = { ...main, ...domains, ...metadata } as const;
