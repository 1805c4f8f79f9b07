import type { Quotation } from './quotes-api.ts';

const LONG_FROM_CHARACTERS = 90;

/** Shows a quotation, or an invitation to ask for one; a screen reader is told of each new one. */
export function QuotationFigure({ quotation }: { readonly quotation: Quotation | undefined }) {
  return (
    <figure className="quotation" aria-live="polite" aria-atomic="true">
      {quotation === undefined ? (
        <p className="quotation-empty">Somebody, some time ago, put it better. Ask for a line.</p>
      ) : (
        <div key={quotation.quote} className="fade-in">
          <blockquote
            data-testid="quote"
            data-length={quotation.quote.length < LONG_FROM_CHARACTERS ? 'short' : 'long'}
          >
            {quotation.quote}
          </blockquote>
          <figcaption>
            <b data-testid="author">{quotation.author}</b>, <cite>{quotation.source}</cite>
          </figcaption>
        </div>
      )}
    </figure>
  );
}
