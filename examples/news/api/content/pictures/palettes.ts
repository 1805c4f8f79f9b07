/** The colors of one picture, from the sky down to the darkest shape in front. */
export interface Palette {
  /** Top and bottom of the background. */
  readonly sky: readonly [string, string];
  /** Sun, moon and lit windows. */
  readonly glow: string;
  /** Silhouettes, from the horizon to the viewer. */
  readonly far: string;
  readonly mid: string;
  readonly near: string;
  readonly ink: string;
  /** The strongest color, used once or twice. */
  readonly accent: string;
  readonly pop: string;
  /** A lit surface and the same surface in shadow. */
  readonly light: string;
  readonly shade: string;
}

/** The palettes a picture may name. */
export const palettes = {
  dawn: {
    sky: ['#eeb9a9', '#fbe6cf'],
    glow: '#fff4e2',
    far: '#d79a95',
    mid: '#a5657b',
    near: '#6b4263',
    ink: '#3a2742',
    accent: '#dd5a38',
    pop: '#f0a64a',
    light: '#fff6ea',
    shade: '#ebcfc2',
  },
  day: {
    sky: ['#9dcfe0', '#e6f3ee'],
    glow: '#fff6d3',
    far: '#8bbdc6',
    mid: '#4f94a3',
    near: '#2b6679',
    ink: '#173b4c',
    accent: '#e8684a',
    pop: '#f2b75f',
    light: '#fbfaf4',
    shade: '#cfe0dd',
  },
  dusk: {
    sky: ['#45427a', '#e8917f'],
    glow: '#ffd6a0',
    far: '#93648f',
    mid: '#61457c',
    near: '#3b2f5c',
    ink: '#211c3b',
    accent: '#f47e52',
    pop: '#ffd071',
    light: '#fbe9dc',
    shade: '#d3b0b2',
  },
  night: {
    sky: ['#122740', '#355d7c'],
    glow: '#f5edd2',
    far: '#42718d',
    mid: '#2a506c',
    near: '#19374f',
    ink: '#0d1f30',
    accent: '#ec7f42',
    pop: '#f4c567',
    light: '#e4edef',
    shade: '#a7bdc9',
  },
  meadow: {
    sky: ['#c3dcb6', '#f6f2d6'],
    glow: '#fffadc',
    far: '#a2c193',
    mid: '#6b9b6f',
    near: '#3e7058',
    ink: '#20443a',
    accent: '#db7440',
    pop: '#efbf50',
    light: '#fdfbef',
    shade: '#dbe1c5',
  },
  clay: {
    sky: ['#e9cda9', '#f9eedb'],
    glow: '#fef7e5',
    far: '#d6a981',
    mid: '#b87350',
    near: '#7d4736',
    ink: '#432b28',
    accent: '#2f7d85',
    pop: '#e6b04b',
    light: '#fff8ec',
    shade: '#e6cfb4',
  },
} as const satisfies Record<string, Palette>;
