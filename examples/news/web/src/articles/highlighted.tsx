import type { TextPart } from '@latchkey-examples/news-api/contract';

/** Text with the matches marked. */
export function Highlighted({ parts }: { readonly parts: readonly TextPart[] }) {
  return parts.map(({ text, isMatch }, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have their order and nothing else
    isMatch ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
  );
}
