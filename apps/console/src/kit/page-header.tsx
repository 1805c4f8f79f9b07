import type { ReactNode } from 'react';

interface PageHeaderProps {
  readonly title: string;
  readonly intro?: string;
  /** The one primary action of the page. */
  readonly action?: ReactNode;
}

/** What every page begins with: its name, a sentence, and the action most people come for. */
export function PageHeader({ title, intro, action }: PageHeaderProps) {
  return (
    <header className="page-header">
      <div>
        <h1>{title}</h1>
        {intro !== undefined && <p className="muted">{intro}</p>}
      </div>
      {action}
    </header>
  );
}
