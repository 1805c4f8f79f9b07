import { useEffect } from 'react';

const PRODUCT = 'Tideline';

/** Sets the title of the browser tab. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? PRODUCT : `${title} · ${PRODUCT}`;
  }, [title]);
}

/** The heading of a page, with its title in the browser tab. */
export function PageHeading({
  title,
  intro,
}: {
  readonly title: string;
  readonly intro?: string | undefined;
}) {
  usePageTitle(title);
  return (
    <header className="page-heading">
      <h1>{title}</h1>
      {intro === undefined ? null : <p>{intro}</p>}
    </header>
  );
}
