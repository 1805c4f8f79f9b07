import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConsentSituation, consentedThings, consentItems, decideConsent } from './consent.ts';

function situation(change: {
  readonly scopes?: readonly string[];
  readonly prompts?: readonly string[];
  readonly isThirdParty?: boolean;
  readonly remembered?: readonly string[];
  readonly consent?: 'given';
}): ConsentSituation {
  return {
    request: { scopes: change.scopes ?? ['openid', 'email'], prompts: change.prompts ?? [] },
    application: { isThirdParty: change.isThirdParty ?? true },
    remembered: change.remembered,
    ...(change.consent === undefined ? {} : { consent: change.consent }),
  };
}

describe('decideConsent', () => {
  test('OpenID Connect Core §3.1.2.4: an application of somebody else asks before it gets anything', () => {
    expect(decideConsent(situation({}))).toBe('ask');
    expect(decideConsent(situation({ scopes: [] }))).toBe('ask');
    expect(decideConsent(situation({ remembered: [] }))).toBe('ask');
  });

  test('OpenID Connect Core §3.1.2.4: consent given before is enough for the same and for less, not for more', () => {
    const remembered = ['openid', 'email', 'profile'];
    expect(decideConsent(situation({ remembered }))).toBe('not-needed');
    expect(decideConsent(situation({ remembered, scopes: ['profile', 'openid'] }))).toBe('not-needed');
    expect(decideConsent(situation({ remembered, scopes: ['openid', 'phone'] }))).toBe('ask');
    expect(decideConsent(situation({ remembered, scopes: ['openid', 'offline_access'] }))).toBe('ask');
  });

  test('OpenID Connect Core §3.1.2.1: prompt=consent asks whoever asks, whatever is remembered, once', () => {
    const remembered = ['openid', 'email'];
    for (const isThirdParty of [true, false]) {
      const again = { isThirdParty, remembered, prompts: ['consent'] };
      expect(decideConsent(situation(again))).toBe('ask');
      expect(decideConsent(situation({ ...again, consent: 'given' }))).toBe('not-needed');
    }
  });

  test('applications of the operator are trusted', () => {
    expect(decideConsent(situation({ isThirdParty: false, scopes: ['openid', 'offline_access'] }))).toBe(
      'not-needed',
    );
  });

  test('over all requests of others: silence means that every scope was consented to', () => {
    const scopes = fc.subarray(['openid', 'email', 'phone', 'offline_access', 'profile']);
    fc.assert(
      fc.property(scopes, fc.option(scopes, { nil: undefined }), (asked, remembered) => {
        const verdict = decideConsent(
          situation({ scopes: asked, ...(remembered === undefined ? {} : { remembered }) }),
        );
        const isCovered = remembered !== undefined && asked.every((scope) => remembered.includes(scope));
        expect(verdict).toBe(isCovered ? 'not-needed' : 'ask');
      }),
    );
  });
});

describe('what is asked for', () => {
  test('OpenID Connect Core §5.5: claims named one by one count as the scope that tells them', () => {
    const claims = { idToken: ['phone_number', 'acr'], userinfo: ['name', 'constructor'] };
    const request = { scopes: ['openid'], claims };
    expect(consentedThings(request)).toEqual(['openid', 'phone', 'profile']);
    const remembered = ['openid', 'profile'];
    const asked = { request: { ...request, prompts: [] }, application: { isThirdParty: true }, remembered };
    expect(decideConsent(asked)).toBe('ask');
    expect(consentItems(request)).toEqual(['identity', 'profile', 'phone']);
  });

  test('RFC 8707 §2: a resource is consented to by itself and is no scope', () => {
    const request = { scopes: ['openid'], resources: ['email'] };
    expect(consentedThings(request)).toEqual(['openid', 'resource email']);
    expect(consentItems(request)).toEqual(['identity']);
  });

  test('scopes nobody would understand share a line: roles, organizations', () => {
    const scopes = [
      'openid',
      'urn:zitadel:iam:org:project:role:editor',
      'urn:zitadel:iam:org:project:role:reader',
      'urn:zitadel:iam:org:projects:roles',
      'urn:zitadel:iam:org:project:id:1:aud',
      'urn:zitadel:iam:org:project:id:2:aud',
      'urn:zitadel:iam:org:id:7',
      'urn:zitadel:iam:user:metadata',
    ];
    expect(consentItems({ scopes })).toEqual(['identity', 'roles', 'metadata', 'organization']);
  });

  test('RFC 9700 §2.3: each project and the management API have a line of their own, once', () => {
    const target = { id: '1', name: 'Ledger', organizationName: 'Acme', isManagement: false };
    const management = { ...target, id: '9', name: 'Latchkey', isManagement: true };
    const scopes = ['openid', 'offline_access'];
    expect(
      consentItems({ scopes }, [target, management, { ...target, id: '2', name: 'Shop' }, target]),
    ).toEqual([
      'identity',
      { kind: 'project', project: 'Ledger', organization: 'Acme' },
      { kind: 'project', project: 'Shop', organization: 'Acme' },
      'management-api',
      'offline-access',
    ]);
  });

  test('OpenID Connect Core §11: offline access always has a line of its own', () => {
    expect(consentItems({ scopes: ['openid', 'offline_access'] })).toEqual(['identity', 'offline-access']);
    expect(consentItems({ scopes: ['openid', 'address', 'email'] })).toEqual([
      'identity',
      'email',
      'address',
    ]);
  });
});
