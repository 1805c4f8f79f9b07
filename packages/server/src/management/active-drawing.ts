const activeElement =
  /<\s*(?:[\w-]+:)?(script|foreignObject|iframe|object|embed|audio|video|handler|listener)\b/i;
const eventHandler = /[\s"'/]on[a-z]+\s*=/i;
const animatedReference = /attributeName\s*=\s*["']?\s*(?:[\w-]+:)?(href|on[a-z]+)/i;
const reference = /(?:^|[\s"'/])(?:[\w-]+:)?(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;
const harmlessReference = /^\s*(#|data:image\/(png|jpeg|gif|webp);base64,)/i;

function leadsElsewhere(svg: string): boolean {
  return [...svg.matchAll(reference)].some(
    ([, double, single, bare]) => !harmlessReference.test(double ?? single ?? bare ?? ''),
  );
}

/**
 * What in an SVG could act or load rather than only be drawn; `undefined` when nothing could. Pages of ours show logos as
 * `img`, where browsers run and load nothing; this keeps such a file out of the settings in the first place.
 */
export function findActiveContent(bytes: Buffer): string | undefined {
  let svg: string;
  try {
    svg = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'text that is not UTF-8';
  }
  // An entity can spell anything below.
  if (/<!(doctype|entity)/i.test(svg) || /<\?xml-stylesheet/i.test(svg))
    return 'a DOCTYPE, entity or style sheet';
  const [, element] = activeElement.exec(svg) ?? [];
  if (element !== undefined) return `the element ${element}`;
  if (eventHandler.test(svg)) return 'an event handler';
  if (animatedReference.test(svg)) return 'an animated link or event handler';
  if (leadsElsewhere(svg)) return 'a link to something outside the drawing';
  return /@import|url\(\s*["']?\s*(?!#|["'#])/i.test(svg) ? 'a style that loads something' : undefined;
}
