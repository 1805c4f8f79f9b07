/** Width and height of every picture. */
export const width = 960;
export const height = 540;

const round = (value: number) => String(Math.round(value * 10) / 10);

/** Writes numbers into path data, rounded to a tenth: `` d`M${x} ${y}` ``. */
export function d(texts: TemplateStringsArray, ...values: readonly number[]): string {
  return texts.reduce((all, text, index) => {
    const value = values[index];
    return all + text + (value === undefined ? '' : round(value));
  }, '');
}

/** A rectangle, with rounded corners when a radius is given. */
export function rect(x: number, y: number, w: number, h: number, fill: string, radius = 0): string {
  const corners = radius === 0 ? '' : ` rx="${round(radius)}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}"${corners} fill="${fill}"/>`;
}

/** A filled circle. */
export function circle(cx: number, cy: number, r: number, fill: string, opacity = 1): string {
  return `<circle cx="${round(cx)}" cy="${round(cy)}" r="${round(r)}" fill="${fill}"${faded(opacity)}/>`;
}

/** A filled ellipse. */
export function ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, opacity = 1): string {
  return `<ellipse cx="${round(cx)}" cy="${round(cy)}" rx="${round(rx)}" ry="${round(ry)}" fill="${fill}"${faded(opacity)}/>`;
}

/** A filled path. */
export function path(data: string, fill: string, opacity = 1): string {
  return `<path d="${data}" fill="${fill}"${faded(opacity)}/>`;
}

/** An open line with round ends. */
export function stroke(data: string, color: string, thickness: number, opacity = 1): string {
  return `<path d="${data}" fill="none" stroke="${color}" stroke-width="${round(thickness)}" stroke-linecap="round" stroke-linejoin="round"${faded(opacity)}/>`;
}

/** Shapes that move together. */
export function group(transform: string, ...shapes: readonly string[]): string {
  return `<g transform="${transform}">${shapes.join('')}</g>`;
}

/** The shapes that `draw` returns for 0 to `count` − 1. */
export function repeat(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}

function faded(opacity: number): string {
  return opacity === 1 ? '' : ` opacity="${opacity}"`;
}
