import { describe, expect, test } from 'vitest';
import { sampleApplication } from '../../fixtures/sample-client.ts';
import { responseTypes } from '../wire/names.ts';
import type { ApplicationFacts } from './facts.ts';
import { exchangedConfirmation, isUnboundResponse, needsBoundTokens } from './token-binding.ts';

const demands: readonly Partial<ApplicationFacts>[] = [
  { isDpopRequired: true },
  { isCertificateBound: true },
  { securityProfile: 'fapi2' },
  { securityProfile: 'fapi2_message_signing' },
];

describe.each(demands)('an application with %j', (demand) => {
  const application = { ...sampleApplication, ...demand };

  test('RFC 9449 §5.2, RFC 8705 §3.4, FAPI 2.0 §5.3.2.1: its access tokens must be bound', () => {
    expect(needsBoundTokens(application)).toBe(true);
    expect(needsBoundTokens(sampleApplication)).toBe(false);
  });

  test.each(responseTypes)(
    'RFC 9700 §2.1.2: response_type=%s never yields an unbound access token',
    (type) => {
      expect(isUnboundResponse(application, type)).toBe(type.split(' ').includes('token'));
      expect(isUnboundResponse(sampleApplication, type)).toBe(false);
    },
  );
});

test('RFC 9700 §2.2.1: an exchanged token is bound to the key proved, else to the key of a token shown', () => {
  const proven = { kind: 'dpop', jkt: 'a' } as const;
  const shown = { kind: 'certificate', thumbprint: 'b' } as const;
  expect(exchangedConfirmation(proven, [shown])).toBe(proven);
  expect(exchangedConfirmation(undefined, [undefined, shown])).toBe(shown);
  expect(exchangedConfirmation(undefined, [undefined])).toBeUndefined();
});
