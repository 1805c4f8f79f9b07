import { useSearchParams } from 'react-router';

/** Filters that the address holds, so that back, reload and sharing work. Empty ones leave the address. */
export function useFilter(): readonly [
  get: (name: string) => string,
  set: (name: string, value: string) => void,
] {
  const [params, setParams] = useSearchParams();
  const set = (name: string, value: string): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  return [(name) => params.get(name) ?? '', set];
}
