export {
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
  type TestIssuerState,
} from './testing/create-test-issuer.ts';
export type { IdTokenSettings, TokenSettings } from './testing/token-mint.ts';
