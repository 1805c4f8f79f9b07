import { useCallback, useMemo, useState } from 'react';
import { changedFields, type GroupValues } from './setting-fields.ts';

/** Values being edited over those that are saved. */
export interface Draft<T extends GroupValues> {
  readonly values: T;
  /** Fields that differ from what is saved; empty when nothing does. */
  readonly changes: Partial<T>;
  readonly isChanged: boolean;
  readonly set: (name: keyof T & string, value: unknown) => void;
  readonly discard: () => void;
  /** Changes when everything is discarded: controls with something of their own begin anew by it. */
  readonly revision: number;
}

/** Edits values; what is not touched follows what is saved. */
export function useDraft<T extends GroupValues>(saved: T): Draft<T> {
  const [touched, setTouched] = useState<Partial<T>>({});
  const values = useMemo(() => ({ ...saved, ...touched }), [saved, touched]);
  // cast: the fields of a draft are those of what is saved
  const changes = useMemo(() => changedFields(saved, values) as Partial<T>, [saved, values]);
  const set = useCallback(
    (name: keyof T & string, value: unknown) => setTouched((before) => ({ ...before, [name]: value })),
    [],
  );
  const [revision, setRevision] = useState(0);
  const discard = useCallback(() => {
    setTouched({});
    setRevision((before) => before + 1);
  }, []);
  return { values, changes, isChanged: Object.keys(changes).length > 0, set, discard, revision };
}
