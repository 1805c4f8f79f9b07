/** The `Cookie` header a browser would send after it has taken these `Set-Cookie` lines. */
export function mergeCookies(header: string, lines: readonly string[]): string {
  const cookies = new Map<string, string>();
  for (const part of header.split(';')) {
    const [name, value] = split(part);
    if (name !== '' && !cookies.has(name)) cookies.set(name, value);
  }
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split(';');
    const [name, value] = split(pair);
    if (attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute))) cookies.delete(name);
    else cookies.set(name, value);
  }
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

function split(pair: string): readonly [name: string, value: string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, Math.max(0, equals)).trim(), pair.slice(equals + 1).trim()];
}
