import { z } from 'zod';
import { id } from './fields.ts';
import type { Operation } from './operation.ts';
import {
  instanceSettings,
  instanceSettingsChange,
  organizationSettings,
  organizationSettingsChange,
} from './settings-schema.ts';

const tag = 'Settings';
const ofOrganization = { kind: 'object', object: 'organization', name: 'organizationId' } as const;
const path = z.strictObject({ organizationId: id });

/** Operations about settings: defaults of the instance, overrides of an organization. */
export const settingsOperations = {
  getInstanceSettings: {
    tag,
    summary: 'Show the settings of the instance',
    permission: 'settings.read',
    target: { kind: 'instance' },
    response: instanceSettings,
    status: 200,
    versioned: true,
    problems: [],
  },
  updateInstanceSettings: {
    tag,
    freshness: { recentExceptFor: ['branding'] },
    summary: 'Change settings of the instance',
    description:
      'Groups and fields left out stay. Takes effect at once on every node; tokens keep the lifetime they were issued with. ' +
      '`null` takes a group back to what Latchkey ships with.',
    permission: 'instance.write',
    target: { kind: 'instance' },
    body: instanceSettingsChange,
    example: {
      lifetimes: { accessTokenSeconds: 900 },
      password: { minimumLength: 15 },
      branding: { accentColorLight: '#0a5f8a', radiusPx: 8 },
    },
    response: instanceSettings,
    status: 200,
    versioned: true,
    problems: ['invalid-input', 'unsafe-setting', 'stale-version'],
  },
  getOrganizationSettings: {
    tag,
    summary: 'Show the settings of an organization',
    description: '`own` is what the organization says itself, `effective` what holds.',
    permission: 'settings.read',
    target: ofOrganization,
    path,
    response: organizationSettings,
    status: 200,
    versioned: true,
    problems: ['not-found'],
  },
  updateOrganizationSettings: {
    tag,
    freshness: { recentExceptFor: ['branding'] },
    summary: 'Change settings of an organization',
    description:
      'A group that is changed becomes the organization’s own as a whole, beginning with what holds now; `null` takes it back ' +
      'to what the instance says.',
    permission: 'settings.write',
    target: ofOrganization,
    path,
    body: organizationSettingsChange,
    example: { password: { minimumLength: 20 }, branding: { accentColorLight: '#0a5f8a' } },
    response: organizationSettings,
    status: 200,
    versioned: true,
    problems: ['not-found', 'invalid-input', 'unsafe-setting', 'stale-version'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
