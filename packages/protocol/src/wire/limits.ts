/**
 * Every size that one place writes and another must be able to read. They follow from each other: whatever is issued by
 * them is accepted by them (`limits.test.ts`), so change none alone.
 */
export const limits = {
  /** Entries of a `scope` parameter, and the most that answers list. */
  scopes: 100,
  /** Characters of whatever travels sealed: codes, tokens, sign-ins under way. */
  sealedText: 32_768,
} as const;
