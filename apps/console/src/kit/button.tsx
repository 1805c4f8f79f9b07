import type { ReactNode } from 'react';

interface ButtonProps {
  readonly children: ReactNode;
  readonly variant?: 'usual' | 'primary' | 'quiet' | 'danger';
  readonly size?: 'usual' | 'small';
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  /** Work is under way: the button keeps its words and takes no second press. */
  readonly isBusy?: boolean;
  readonly onClick?: () => unknown;
}

/** A button. One primary one a page. */
export function Button(props: ButtonProps) {
  const { children, variant = 'usual', size = 'usual', type = 'button', onClick } = props;
  const { disabled = false, isBusy = false } = props;
  return (
    <button
      type={type}
      className="button"
      data-variant={variant}
      data-size={size}
      disabled={disabled}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
    >
      {children}
    </button>
  );
}
