// RFC 3492 §5: the parameters of Punycode.
const [base, tMin, tMax, skew, damp, initialBias, initialN] = [36, 1, 26, 38, 700, 72, 128];

function digitOf(letter: string): number | undefined {
  if (/[a-z]/.test(letter)) return letter.charCodeAt(0) - 97;
  return /[0-9]/.test(letter) ? letter.charCodeAt(0) - 22 : undefined;
}

// RFC 3492 §6.1.
function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? damp : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((base - tMin) * tMax) / 2; k += base) rest = Math.floor(rest / (base - tMin));
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

// RFC 3492 §6.2, of a label `URL` has accepted: shorter than 64 characters and in lower case.
function decodePunycode(text: string): string | undefined {
  const delimiter = text.lastIndexOf('-');
  const output = [...text.slice(0, Math.max(delimiter, 0))];
  let [n, i, bias, position] = [initialN, 0, initialBias, delimiter + 1];
  while (position < text.length) {
    const before = i;
    for (let [weight, k] = [1, base]; ; k += base) {
      const digit = digitOf(text[position++] ?? '');
      if (digit === undefined) return undefined;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, tMin), tMax);
      if (digit < threshold) break;
      weight *= base - threshold;
    }
    const length = output.length + 1;
    bias = adapt(i - before, length, before === 0);
    n += Math.floor(i / length);
    if (n > 0x10_ff_ff) return undefined;
    i %= length;
    output.splice(i++, 0, String.fromCodePoint(n));
  }
  return output.join('');
}

// Ideographic full stops separate labels as well (UTS 46 §2.3). What has a meaning in a URL is refused before `URL` sees it.
const domainCharacters = /^[\p{L}\p{M}\p{N}\-.\u3002\uFF0E\uFF61]{1,400}$/u;

function asciiOf(text: string): string | undefined {
  const address = `http://${text}/`;
  return domainCharacters.test(text) && URL.canParse(address)
    ? new URL(address).hostname.replace(/\.$/, '')
    : undefined;
}

/**
 * The spelling under which a domain of an e-mail address is compared: lower case, `xn--` labels decoded, no dot at the
 * end. `ascii` is the same with `xn--` labels. `undefined` for what is no domain: address literals, numbers, empty or
 * long labels, characters no label holds.
 */
export function canonicalEmailDomain(
  text: string,
): { readonly unicode: string; readonly ascii: string } | undefined {
  const ascii = asciiOf(text);
  if (ascii === undefined || ascii.length > 253) return undefined;
  const labels = ascii.split('.');
  if (labels.some((label) => !/^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label))) return undefined;
  // RFC 5321 §4.1.3: an IP address is written in brackets, so a number at the end makes it no domain.
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return undefined;
  const unicode = labels
    .map((label) => (label.startsWith('xn--') ? (decodePunycode(label.slice(4)) ?? '?') : label))
    .join('.');
  // `URL` does not look at every `xn--` label closely: only one that it would make itself is valid.
  return asciiOf(unicode) === ascii ? { unicode, ascii } : undefined;
}

/** The ASCII domain of a login name or e-mail address; `undefined` for a name without one. */
export function domainOfName(name: string): string | undefined {
  const at = name.lastIndexOf('@');
  return at < 0 ? undefined : canonicalEmailDomain(name.slice(at + 1))?.ascii;
}
