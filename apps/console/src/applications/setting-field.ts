import type { Operations, ResponseOf } from '@latchkey/contract/client';
import type { Text } from '../i18n/text.ts';

/** An application as the API answers it. */
export type Application = ResponseOf<Operations['getApplication']>;

/** How a setting is entered. */
export type SettingKind = 'text' | 'lines' | 'flag' | 'choice' | 'choices' | 'seconds' | 'json';

/** A setting as its form shows it. */
export interface SettingField {
  readonly name: keyof Application;
  readonly kind: SettingKind;
  readonly label: Text;
  readonly help?: Text;
  /** Values of a choice, in their order; whether none may be chosen. */
  readonly options?: readonly string[];
  readonly isOptional?: true;
  /** Only who administers the instance may change it. */
  readonly isForInstanceOwners?: true;
  /** Kinds of applications it is for; all when left out. */
  readonly types?: readonly Application['type'][];
}

/** Settings that belong together. */
export interface SettingGroup {
  readonly key: 'signIn' | 'tokens' | 'proofs' | 'signOut' | 'about';
  readonly fields: readonly SettingField[];
}

/** Kinds people sign in to. */
export const people = ['user_agent', 'web', 'native'] as const;
/** Algorithms Latchkey signs by. */
export const signing = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
/** Algorithms applications sign by. */
export const clientSigning = [...signing, 'PS384', 'PS512'] as const;
