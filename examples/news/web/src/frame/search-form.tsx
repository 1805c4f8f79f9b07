import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { Icon } from './icon.tsx';

export interface SearchFormProps {
  readonly initial?: string;
  readonly size: 'small' | 'large';
  readonly topic?: string | undefined;
}

/** The search field. */
export function SearchForm({ initial = '', size, topic }: SearchFormProps) {
  const navigate = useNavigate();
  const [text, setText] = useState(initial);
  const field = useRef<HTMLInputElement>(null);
  const isAlone = size === 'large' && initial === '';
  useEffect(() => {
    if (isAlone) field.current?.focus();
  }, [isAlone]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const query = new URLSearchParams({ q: text.trim(), ...(topic === undefined ? {} : { topic }) });
    if (text.trim() !== '') void navigate(`/search?${query}`);
  };
  return (
    <search>
      <form className="search-form" data-size={size} onSubmit={submit}>
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          name="q"
          aria-label="Search articles"
          aria-keyshortcuts="/"
          placeholder="Search"
          autoComplete="off"
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {size === 'large' ? (
          <button type="submit" className="button button-primary">
            Search
          </button>
        ) : (
          <span className="search-key" aria-hidden="true">
            /
          </span>
        )}
      </form>
    </search>
  );
}

/** Lets `/` lead to the search field, from anywhere but another field. */
export function useSearchKey(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest('input, textarea, select, dialog')) return;
      event.preventDefault();
      const fields = [...document.querySelectorAll<HTMLInputElement>('input[type=search]')];
      const visible = fields.find((field) => field.checkVisibility());
      if (visible === undefined) void navigate('/search');
      else visible.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate]);
}
