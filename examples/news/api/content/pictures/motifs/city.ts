import { clouds, hills, type Motif, sea, sky, stars, tree } from '../scene.ts';
import { circle, d, ellipse, group, path, rect, repeat, stroke } from '../shapes.ts';

const skyline: Motif = (scene) => {
  const { palette, random } = scene;
  const block = (x: number, w: number, top: number, color: string, lit: string) => {
    const columns = Math.floor((w - 16) / 22);
    const rows = Math.floor((440 - top) / 34);
    return [
      rect(x, top, w, 480 - top, color),
      repeat(columns * rows, (index) =>
        random.chance(0.55)
          ? rect(x + 12 + (index % columns) * 22, top + 18 + Math.floor(index / columns) * 34, 11, 17, lit)
          : '',
      ),
    ].join('');
  };
  const tower = random.integer(2, 5);
  return [
    sky(scene, 700, 150),
    clouds(scene, 3, 0.4),
    repeat(9, (index) =>
      rect(index * 110 - 10, random.between(210, 310), random.between(70, 100), 260, palette.far),
    ),
    repeat(8, (index) => {
      const x = 20 + index * 118 + random.between(-12, 12);
      const top = index === tower ? 120 : random.between(210, 330);
      const spire =
        index === tower ? path(d`M${x + 26} 122L${x + 45} 50L${x + 64} 122Z`, palette.accent) : '';
      const pale = index % 3 === 1;
      return (
        spire +
        block(
          x,
          random.between(84, 108),
          top,
          pale ? palette.light : palette.near,
          pale ? palette.mid : palette.pop,
        )
      );
    }),
    sea(scene, 462),
    rect(0, 452, 960, 12, palette.ink),
  ].join('');
};

const bridge: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(-40, 40);
  const tower = (cx: number) =>
    rect(cx - 15, 120, 30, 330, palette.accent) +
    rect(cx + 3, 120, 12, 330, palette.ink) +
    rect(cx - 24, 430, 48, 34, palette.ink);
  const hangers = repeat(17, (index) => {
    const t = index / 16;
    const y = 130 + 4 * 178 * t * (1 - t);
    return stroke(d`M${290 + t * 380} ${y}V352`, palette.ink, 3);
  });
  return [
    sky(scene, 480, 190),
    clouds(scene, 3, 0.45),
    hills(scene, 385, 110, palette.far),
    sea(scene, 380),
    group(
      `translate(${x.toFixed(1)} 0)`,
      stroke('M-80 345Q150 320 290 130Q480 480 670 130Q810 320 1040 345', palette.ink, 7),
      hangers,
      tower(290),
      tower(670),
      rect(-120, 350, 1200, 18, palette.ink),
      rect(-120, 344, 1200, 7, palette.light),
      repeat(5, () => rect(random.between(-40, 960), 328, 34, 17, palette.pop, 6)),
    ),
    path(d`M0 540V470Q120 430 220 540Z`, palette.ink),
    path(d`M960 540V456Q820 440 740 540Z`, palette.ink),
  ].join('');
};

const train: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(-50, 50);
  const car = (left: number) =>
    [
      rect(left, 292, 276, 128, palette.light, 14),
      rect(left, 372, 276, 30, palette.accent),
      repeat(4, (index) => rect(left + 22 + index * 62, 312, 46, 40, palette.near, 6)),
      circle(left + 60, 428, 19, palette.ink),
      circle(left + 216, 428, 19, palette.ink),
    ].join('');
  return [
    sky(scene, 230, 140),
    clouds(scene, 2, 0.5),
    hills(scene, 330, 130, palette.far),
    hills(scene, 390, 80, palette.mid),
    rect(0, 440, 960, 100, palette.near),
    repeat(6, (index) => stroke(d`M${80 + index * 180} 440V236h52`, palette.ink, 5, 0.7)),
    stroke('M0 236H960', palette.ink, 3, 0.7),
    group(
      `translate(${x.toFixed(1)} 0)`,
      car(-196),
      car(90),
      path('M376 292H610Q700 296 744 384Q752 420 730 420H376Z', palette.light),
      path('M376 372H738Q748 396 744 402H376Z', palette.accent),
      path('M600 312H628Q668 318 694 352H600Z', palette.ink),
      repeat(3, (index) => rect(398 + index * 62, 312, 46, 40, palette.near, 6)),
      circle(436, 428, 19, palette.ink),
      circle(660, 428, 19, palette.ink),
      circle(728, 388, 8, palette.glow),
    ),
    rect(0, 444, 960, 9, palette.ink),
    repeat(25, (index) => rect(index * 40 + 4, 453, 20, 12, palette.ink)),
    repeat(5, (index) =>
      tree(60 + index * 220 + random.between(-40, 40), 540, random.between(40, 60), palette.ink, palette.ink),
    ),
  ].join('');
};

const tunnel: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(430, 530);
  const ring = (r: number, color: string) =>
    path(d`M${x - r} 440v-${r * 0.25}a${r} ${r} 0 0 1 ${r * 2} 0v${r * 0.25}Z`, color);
  return [
    sky(scene, 770, 100),
    hills(scene, 300, 90, palette.far),
    path(d`M0 540V330Q200 190 ${x} 150T960 320V540Z`, palette.mid),
    path(d`M0 540V380Q220 250 ${x} 196T960 370V540Z`, palette.near),
    ring(218, palette.shade),
    repeat(9, (index) => {
      const angle = Math.PI * (index / 8);
      return stroke(
        d`M${x - Math.cos(angle) * 186} ${386 - Math.sin(angle) * 186}L${x - Math.cos(angle) * 214} ${386 - Math.sin(angle) * 214}`,
        palette.near,
        4,
        0.5,
      );
    }),
    ring(184, palette.ink),
    ring(132, palette.near),
    ring(86, palette.mid),
    ring(46, palette.glow),
    path(d`M${x - 20} 440L${x + 20} 440L${x + 260} 540L${x - 260} 540Z`, palette.ink),
    stroke(d`M${x} 446V540`, palette.pop, 6, 0.9),
    path(d`M0 440L${x - 20} 440L${x - 260} 540L0 540Z`, palette.ink, 0.8),
    path(d`M960 440L${x + 20} 440L${x + 260} 540L960 540Z`, palette.ink, 0.8),
    repeat(5, (index) => {
      const angle = Math.PI * ((index + 1) / 6);
      return circle(x - Math.cos(angle) * 158, 390 - Math.sin(angle) * 158, 7, palette.pop);
    }),
  ].join('');
};

const market: Motif = (scene) => {
  const { palette, random } = scene;
  const stall = (x: number, first: string, second: string) =>
    [
      rect(x, 284, 10, 166, palette.ink),
      rect(x + 190, 284, 10, 166, palette.ink),
      rect(x + 4, 380, 192, 70, palette.near),
      repeat(7, (index) =>
        circle(
          x + 26 + index * 25,
          376,
          14,
          index % 3 === 0 ? palette.accent : index % 3 === 1 ? palette.pop : palette.light,
        ),
      ),
      repeat(5, (index) =>
        path(d`M${x - 12 + index * 45} 230h45v56a22.5 22.5 0 0 1 -45 0Z`, index % 2 === 0 ? first : second),
      ),
      path(d`M${x - 12} 232L${x + 14} 196L${x + 187} 196L${x + 213} 232Z`, first),
    ].join('');
  const shift = random.between(-40, 30);
  return [
    sky(scene, 730, 110),
    stars(scene, 18),
    repeat(7, (index) => rect(index * 145 - 20, random.between(150, 240), 120, 250, palette.far)),
    rect(0, 400, 960, 140, palette.mid),
    stroke('M-10 120Q240 200 480 130T970 110', palette.ink, 3),
    repeat(12, (index) => {
      const t = index / 11;
      const x = 20 + t * 920;
      return (
        circle(x, 140 + Math.sin(t * Math.PI * 2 + 0.4) * 26, 11, palette.pop) +
        circle(x, 140 + Math.sin(t * Math.PI * 2 + 0.4) * 26, 24, palette.glow, 0.25)
      );
    }),
    group(
      `translate(${shift.toFixed(1)} 0)`,
      stall(80, palette.accent, palette.light),
      stall(388, palette.near, palette.light),
      stall(700, palette.pop, palette.light),
    ),
    rect(0, 450, 960, 90, palette.ink),
    repeat(4, (index) => {
      const x = 170 + index * 205 + random.between(-40, 40);
      return (
        circle(x, 400, 17, palette.shade) +
        path(d`M${x - 24} 490v-42a24 26 0 0 1 48 0v42Z`, index % 2 === 0 ? palette.mid : palette.accent)
      );
    }),
  ].join('');
};

const library: Motif = (scene) => {
  const { palette, random } = scene;
  const colors = [palette.accent, palette.pop, palette.light, palette.mid, palette.shade, palette.far];
  const shelf = (y: number) => {
    let x = 96;
    let books = '';
    while (x < 850) {
      const w = random.between(20, 44);
      const h = random.between(78, 116);
      const color = colors[random.integer(0, colors.length - 1)] ?? palette.light;
      const gap = random.chance(0.1) ? random.between(20, 60) : 3;
      books += rect(x, y - h, w, h, color, 3) + rect(x, y - h + 16, w, 8, palette.ink);
      x += w + gap;
    }
    return books + rect(70, y, 820, 14, palette.ink);
  };
  const window = random.between(330, 560);
  return [
    rect(0, 0, 960, 540, scene.skyPaint),
    rect(60, 0, 840, 540, palette.near),
    shelf(150),
    shelf(296),
    shelf(442),
    path(d`M${window - 70} 450V200a70 70 0 0 1 140 0V450Z`, palette.ink),
    path(d`M${window - 58} 450V202a58 58 0 0 1 116 0V450Z`, palette.glow),
    path(d`M${window - 58} 450V390q60 -40 116 -10V450Z`, palette.far),
    stroke(d`M${window} 146V450M${window - 58} 300h116`, palette.ink, 6),
    rect(60, 0, 14, 540, palette.ink),
    rect(886, 0, 14, 540, palette.ink),
    rect(0, 486, 960, 54, palette.ink),
    group(
      `translate(${(window < 450 ? 700 : 200).toFixed(1)} 0)`,
      rect(-90, 466, 180, 20, palette.accent, 4),
      path('M-60 466q30 -20 60 -4q30 -16 60 4Z', palette.light),
    ),
  ].join('');
};

const stadium: Motif = (scene) => {
  const { palette, random } = scene;
  const mast = (x: number) =>
    [
      rect(x - 4, 90, 8, 240, palette.ink),
      rect(x - 42, 62, 84, 44, palette.ink, 6),
      repeat(6, (index) =>
        circle(x - 26 + (index % 3) * 26, 76 + Math.floor(index / 3) * 17, 6.5, palette.glow),
      ),
      path(
        d`M${x - 30} 104L${x + 30} 104L${x + (x < 480 ? 330 : -210)} 420L${x + (x < 480 ? 210 : -330)} 420Z`,
        palette.glow,
        0.16,
      ),
    ].join('');
  const ball = random.between(380, 580);
  return [
    sky(scene, 480, 120),
    clouds(scene, 2, 0.35),
    path('M-20 400V250Q480 150 980 250V400Z', palette.mid),
    path('M-20 250Q480 150 980 250V226Q480 122 -20 226Z', palette.light),
    repeat(150, () => {
      const x = random.between(10, 950);
      const bend = ((x - 480) / 480) ** 2 * 62;
      const colors = [palette.light, palette.pop, palette.accent, palette.far];
      return circle(
        x,
        214 + bend + random.between(0, 104),
        6.5,
        colors[random.integer(0, 3)] ?? palette.light,
        0.9,
      );
    }),
    path('M-20 400Q480 300 980 400V540H-20Z', palette.near),
    path('M-20 452Q480 342 980 452V470Q480 364 -20 470Z', palette.ink, 0.25),
    stroke('M480 351V540', palette.light, 5, 0.75),
    `<ellipse cx="480" cy="455" rx="150" ry="52" fill="none" stroke="${palette.light}" stroke-width="5" opacity="0.75"/>`,
    mast(150),
    mast(810),
    ellipse(ball, 502, 26, 7, palette.ink, 0.5),
    circle(ball, 474, 27, palette.light),
    path(d`M${ball - 10} 470L${ball} 462L${ball + 10} 470L${ball + 6} 482L${ball - 6} 482Z`, palette.ink),
  ].join('');
};

/** Motifs of streets, rails and public buildings. */
export const cityMotifs = { bridge, library, market, skyline, stadium, train, tunnel };
