import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleStanding, sampleTarget } from '../../fixtures/sample-client.ts';
import { epochSeconds } from '../brands.ts';
import type { Actor } from './access-token.ts';
import {
  decideExchange,
  type ExchangeParty,
  type ExchangeQuestion,
  holdsKeyOf,
  isExchangeableBy,
  parseExchangeRequest,
  readActorClaim,
  tokenTypes,
} from './token-exchange.ts';

const issuer = 'https://id.example';
const minimal = { subject_token: 't', subject_token_type: tokenTypes.accessToken };
const parse = (params: Readonly<Record<string, string>>) => {
  const outcome = parseExchangeRequest(new Map(Object.entries(params)));
  return outcome.kind === 'refused' ? outcome.error : outcome;
};

describe('parseExchangeRequest', () => {
  test('RFC 8693 §2.1: an access token is asked for when nothing else is named', () => {
    expect(parse(minimal)).toMatchObject({
      requestedType: tokenTypes.accessToken,
      resources: [],
      audience: [],
    });
    expect(parse(minimal)).not.toHaveProperty('scopes');
    expect(parse({ ...minimal, scope: 'openid email' })).toMatchObject({ scopes: ['openid', 'email'] });
  });

  test('RFC 8693 §2.1: subject_token and a known subject_token_type are required', () => {
    expect(parse({})).toBe('invalid_request');
    expect(parse({ subject_token: 't' })).toBe('invalid_request');
    expect(parse({ subject_token_type: tokenTypes.accessToken })).toBe('invalid_request');
    for (const type of ['access_token', 'urn:ietf:params:oauth:token-type:refresh_token', 'toString'])
      expect(parse({ ...minimal, subject_token_type: type })).toBe('invalid_request');
  });

  test('RFC 8693 §2.1: actor_token and actor_token_type come together or not at all', () => {
    const actor = { actor_token: 'a', actor_token_type: tokenTypes.idToken };
    expect(parse({ ...minimal, ...actor })).toMatchObject({
      actor: { token: 'a', type: tokenTypes.idToken },
    });
    expect(parse({ ...minimal, actor_token: 'a' })).toBe('invalid_request');
    expect(parse({ ...minimal, actor_token_type: tokenTypes.idToken })).toBe('invalid_request');
    expect(parse({ ...minimal, ...actor, actor_token_type: tokenTypes.userId })).toBe('invalid_request');
  });

  test.each([tokenTypes.jwt, tokenTypes.userId])(
    'ZITADEL dialect §1.4: a subject that is only named must have an actor (%s)',
    (type) => {
      expect(parse({ ...minimal, subject_token_type: type })).toBe('invalid_request');
      const actor = { actor_token: 'a', actor_token_type: tokenTypes.accessToken };
      expect(parse({ ...minimal, subject_token_type: type, ...actor })).toMatchObject({ kind: 'request' });
    },
  );

  test('ZITADEL dialect §1.4: a refresh token is never issued by an exchange', () => {
    const type = 'urn:ietf:params:oauth:token-type:refresh_token';
    expect(parse({ ...minimal, requested_token_type: type })).toBe('invalid_request');
  });

  test('RFC 8693 §2.1: a resource is an absolute URI without a fragment; of targets there is a bound', () => {
    expect(parse({ ...minimal, resource: 'https://a.example/x urn:b', audience: '1 2' })).toMatchObject({
      resources: ['https://a.example/x', 'urn:b'],
      audience: ['1', '2'],
    });
    for (const resource of ['/x', 'a.example', 'https://a.example/#x'])
      expect(parse({ ...minimal, resource })).toBe('invalid_target');
    const many = Array.from({ length: 21 }, (_, index) => String(index)).join(' ');
    expect(parse({ ...minimal, audience: many })).toBe('invalid_target');
  });
});

describe('isExchangeableBy', () => {
  const client = { clientId: 'c', projectId: 'p' };
  test('RFC 9700 §4.9: a token that is meant for another API is not exchanged', () => {
    const foreign = { clientId: 'x', applicationId: 'x1', audience: ['x', 'q'] };
    expect(isExchangeableBy(foreign, client)).toBe(false);
    expect(isExchangeableBy({ ...foreign, audience: ['x', 'p'] }, client)).toBe(true);
    expect(isExchangeableBy({ ...foreign, audience: ['c'] }, client)).toBe(true);
    expect(isExchangeableBy({ ...foreign, clientId: 'c' }, client)).toBe(true);
  });

  test('a machine’s token for no API is its owner’s to hand out, a personal access token where the owner may use it', () => {
    expect(isExchangeableBy({ clientId: 'robot', audience: [] }, client)).toBe(true);
    expect(isExchangeableBy({ clientId: 'robot', audience: ['robot'] }, client)).toBe(true);
    expect(isExchangeableBy({ clientId: 'robot', audience: ['q'] }, client)).toBe(false);
    const personal = { clientId: 'robot', audience: [], personal: true } as const;
    const target = { ...sampleTarget, id: client.projectId };
    const owner = { ...sampleStanding, organizationId: target.organizationId };
    expect(isExchangeableBy(personal, client, { owner, target })).toBe(true);
    expect(isExchangeableBy(personal, client, { owner: { ...owner, organizationId: 'x' }, target })).toBe(
      false,
    );
    expect(isExchangeableBy(personal, client)).toBe(false);
    expect(isExchangeableBy({ clientId: 'x', applicationId: 'x1', audience: ['x'] }, client)).toBe(false);
  });
});

test('RFC 9449 §7, RFC 8705 §3: a bound token is exchanged by whoever holds its key only', () => {
  const nothing = { jkt: undefined, thumbprint: undefined };
  expect(holdsKeyOf(undefined, nothing)).toBe(true);
  expect(holdsKeyOf({ kind: 'dpop', jkt: 'k' }, nothing)).toBe(false);
  expect(holdsKeyOf({ kind: 'dpop', jkt: 'k' }, { ...nothing, thumbprint: 'k' })).toBe(false);
  expect(holdsKeyOf({ kind: 'dpop', jkt: 'k' }, { ...nothing, jkt: 'k' })).toBe(true);
  expect(holdsKeyOf({ kind: 'certificate', thumbprint: 'k' }, { ...nothing, jkt: 'k' })).toBe(false);
  expect(holdsKeyOf({ kind: 'certificate', thumbprint: 'k' }, { ...nothing, thumbprint: 'k' })).toBe(true);
});

const ada: ExchangeParty = { userId: 'ada', scopes: ['openid', 'email'], expiresAt: epochSeconds(2000) };
const bob: ExchangeParty = { userId: 'bob', scopes: ['openid', 'profile'], expiresAt: epochSeconds(1000) };
const decide = (question: Partial<ExchangeQuestion>) =>
  decideExchange({
    issuer,
    subjectType: tokenTypes.accessToken,
    subject: ada,
    projectRoleKeys: [],
    ...question,
  });
const chain = (...subs: string[]): Actor | undefined => {
  const [sub, ...rest] = subs;
  if (sub === undefined) return undefined;
  const act = chain(...rest);
  return { iss: issuer, sub, ...(act === undefined ? {} : { act }) };
};
const actedFor = (party: ExchangeParty, ...subs: string[]): ExchangeParty => {
  const actor = chain(...subs);
  return actor === undefined ? party : { ...party, actor };
};

describe('decideExchange', () => {
  test('RFC 8693 §2.1: without a wish the new token has the scopes of the old one, but never offline_access', () => {
    const subject = { ...ada, scopes: ['openid', 'offline_access', 'email'] };
    expect(decide({ subject })).toEqual({ kind: 'exchange', scopes: ['openid', 'email'], notAfter: 2000 });
  });

  test('RFC 8693 §2.1: scopes may be narrowed and never widened', () => {
    expect(decide({ scopes: ['email'] })).toMatchObject({ scopes: ['email'] });
    expect(decide({ scopes: ['openid', 'nonsense'] })).toMatchObject({ scopes: ['openid'] });
    expect(decide({ scopes: ['openid', 'phone'] })).toMatchObject({ error: 'invalid_scope' });
    const role = 'urn:zitadel:iam:org:project:role:admin';
    const subject = { ...ada, scopes: ['openid', role] };
    expect(decide({ subject })).toMatchObject({ scopes: ['openid'] });
    expect(decide({ subject, projectRoleKeys: ['admin'] })).toMatchObject({ scopes: ['openid', role] });
  });

  test('RFC 8693 §2.1: whatever is asked for, nothing comes out that no token shown had', () => {
    const names = ['openid', 'profile', 'email', 'phone', 'address', 'offline_access', 'nonsense'];
    const lists = fc.subarray(names);
    fc.assert(
      fc.property(lists, lists, fc.option(lists), fc.boolean(), (own, lent, asked, isActed) => {
        const decision = decide({
          subject: { ...ada, scopes: own },
          ...(isActed ? { actor: { ...bob, scopes: lent } } : {}),
          ...(asked === null ? {} : { scopes: asked }),
        });
        if (decision.kind === 'refused') return;
        const allowed = isActed ? [...own, ...lent] : own;
        expect(decision.scopes.every((scope) => allowed.includes(scope))).toBe(true);
        expect(decision.scopes).not.toContain('offline_access');
      }),
    );
  });

  test('ZITADEL dialect §1.4: somebody who acts for another user, or for one only named, impersonates', () => {
    expect(decide({ actor: bob }).kind).toBe('impersonation');
    expect(decide({ actor: ada }).kind).toBe('exchange');
    const named: ExchangeParty = { userId: 'ada', scopes: [] };
    for (const subjectType of [tokenTypes.userId, tokenTypes.jwt])
      expect(decide({ subject: named, subjectType, actor: ada }).kind).toBe('impersonation');
  });

  test('RFC 8693 §4.1: the new token has the sign-in time of whoever acts, never that of the subject', () => {
    const at = (party: ExchangeParty, seconds: number) => ({ ...party, authTimeMs: seconds * 1000 + 999 });
    const subject = at(ada, 500);
    expect(decide({ subject })).not.toHaveProperty('actorAuthTime');
    expect(decide({ subject, actor: at(bob, 100) })).toMatchObject({ actorAuthTime: 100 });
    // Unknown stays unknown: of a machine, and of a person whose token does not say.
    expect(decide({ subject, actor: bob })).not.toHaveProperty('actorAuthTime');
    const exchanged = { ...actedFor(subject, 'eve'), actorAuthTime: epochSeconds(200) };
    expect(decide({ subject: exchanged })).toMatchObject({ actorAuthTime: 200 });
    expect(decide({ subject: actedFor(subject, 'eve') })).not.toHaveProperty('actorAuthTime');
    // Who acts by a token somebody else acts with, passes on the time of that one.
    const actor = { ...actedFor(at(bob, 400), 'carl'), actorAuthTime: epochSeconds(50) };
    expect(decide({ subject, actor })).toMatchObject({ actorAuthTime: 50 });
    expect(decide({ subject, actor: actedFor(at(bob, 400), 'carl') })).not.toHaveProperty('actorAuthTime');
  });

  test('ZITADEL dialect §1.4: for a user who is only named, the scopes are those of the actor', () => {
    const question = { subject: { userId: 'ada', scopes: [] }, subjectType: tokenTypes.userId, actor: bob };
    expect(decide(question)).toMatchObject({ scopes: ['openid', 'profile'], notAfter: 1000 });
    expect(decide({ ...question, scopes: ['email'] })).toMatchObject({ error: 'invalid_scope' });
  });

  test('RFC 8693 §4.1: act names who acts now, and inside it who acted before', () => {
    expect(decide({ actor: bob })).toMatchObject({ actor: chain('bob') });
    expect(decide({})).not.toHaveProperty('actor');
    expect(decide({ subject: actedFor(ada, 'eve') })).toMatchObject({ actor: chain('eve') });
    const both = { subject: actedFor(ada, 'eve'), actor: actedFor(bob, 'carl') };
    expect(decide(both)).toMatchObject({ actor: chain('bob', 'carl', 'eve') });
    expect(decide({ subject: ada, actor: actedFor(ada, 'carl') })).toMatchObject({ actor: chain('carl') });
  });

  test('RFC 8693 §4.1: a chain of more than five is refused', () => {
    const subject = actedFor(ada, 'a', 'b', 'c', 'd');
    expect(decide({ subject, actor: bob })).toMatchObject({ actor: chain('bob', 'a', 'b', 'c', 'd') });
    expect(decide({ subject: actedFor(ada, 'a', 'b', 'c', 'd', 'e'), actor: bob })).toMatchObject({
      error: 'invalid_request',
    });
  });

  test('the new token ends no later than the first of the tokens shown', () => {
    expect(decide({})).toMatchObject({ notAfter: 2000 });
    expect(decide({ actor: bob })).toMatchObject({ notAfter: 1000 });
    expect(decide({ subject: { userId: 'x', scopes: [] } })).not.toHaveProperty('notAfter');
  });
});

test('RFC 8693 §4.1: an act claim is read as deep as it goes, and nothing else is one', () => {
  const actor = chain('a', 'b', 'c');
  expect(readActorClaim(JSON.parse(JSON.stringify(actor)))).toEqual(actor);
  expect(readActorClaim({ iss: issuer, sub: 'a', extra: 1, act: 'b' })).toEqual({ iss: issuer, sub: 'a' });
  for (const claim of [undefined, null, 'a', 1, [], { sub: 'a' }, { iss: issuer, sub: 1 }])
    expect(readActorClaim(claim)).toBeUndefined();
});
