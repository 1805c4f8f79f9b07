import type { ReactNode } from 'react';

interface ActionButtonProps {
  readonly children: ReactNode;
  readonly variant?: 'usual' | 'primary' | 'quiet';
  readonly size?: 'usual' | 'small';
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  /** Work is under way: the button keeps its words and takes no second press. */
  readonly isBusy?: boolean;
  readonly onClick?: () => void;
}

/** A button of the settings pages. */
export function ActionButton(props: ActionButtonProps) {
  const { children, variant = 'usual', size = 'usual', type = 'button', onClick } = props;
  const { disabled = false, isBusy = false } = props;
  return (
    <button
      type={type}
      className="action-button"
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
