import { clouds, hills, type Motif, sky, stars, table } from '../scene.ts';
import { circle, d, ellipse, group, path, rect, repeat, stroke } from '../shapes.ts';

const microscope: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(440, 520);
  return [
    table(scene),
    group(
      `translate(${x.toFixed(1)} 0)`,
      rect(-130, 396, 240, 34, palette.ink, 12),
      stroke('M60 396C150 350 150 214 50 190', palette.near, 34),
      rect(-110, 330, 170, 20, palette.ink, 6),
      rect(-70, 322, 70, 8, palette.pop),
      group(
        'translate(-6 200) rotate(-18)',
        rect(-26, -118, 52, 44, palette.ink, 8),
        rect(-20, -80, 40, 130, palette.light, 6),
        rect(4, -80, 16, 130, palette.shade, 6),
        rect(-30, 44, 60, 26, palette.accent, 6),
        rect(-14, 68, 28, 44, palette.near, 4),
      ),
      circle(98, 268, 22, palette.accent),
      circle(98, 268, 9, palette.ink),
    ),
    repeat(3, (index) => {
      const left = x + (random.chance(0.5) ? 190 : -330) + index * 52;
      return (
        rect(left, 318, 34, 104, palette.light, 10) +
        rect(left, 318 + random.between(30, 60), 34, 44, index === 1 ? palette.accent : palette.pop, 8)
      );
    }),
  ].join('');
};

const satellite: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(400, 560);
  const y = random.between(190, 240);
  const panel = (left: number) =>
    rect(left, -44, 150, 88, palette.near, 4) +
    stroke(d`M${left + 50} -44v88M${left + 100} -44v88M${left} 0h150`, palette.far, 4) +
    rect(left, -44, 150, 10, palette.pop);
  return [
    rect(0, 0, 960, 540, scene.skyPaint),
    stars(scene, 60),
    circle(760 + random.between(-60, 60), 100, 46, palette.glow, 0.95),
    ellipse(480, 760, 900, 360, palette.glow, 0.3),
    ellipse(480, 780, 880, 350, palette.mid),
    path('M120 540Q220 462 380 470Q440 500 400 540Z', palette.near),
    path('M560 540Q600 440 760 470Q850 500 880 540Z', palette.near),
    group(
      `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${random.between(-24, -8).toFixed(1)})`,
      rect(-74, -5, 148, 10, palette.ink),
      panel(-236),
      panel(86),
      rect(-52, -66, 104, 132, palette.light, 10),
      rect(14, -66, 38, 132, palette.shade, 10),
      rect(-52, -10, 104, 18, palette.accent),
      stroke('M0 66V96', palette.ink, 8),
      path('M-54 88a54 50 0 0 0 108 0Z', palette.light),
      stroke('M0 -66V-106', palette.ink, 5),
      circle(0, -110, 8, palette.accent),
    ),
    repeat(3, (index) =>
      stroke(
        d`M${x - 40 - index * 16} ${y + 170 + index * 24}q40 ${22 + index * 4} ${80 + index * 32} 0`,
        palette.glow,
        5,
        0.75 - index * 0.2,
      ),
    ),
  ].join('');
};

const circuit: Motif = (scene) => {
  const { palette, random } = scene;
  const x = 480 + random.between(-60, 60);
  const y = 270;
  const lead = (index: number) => {
    const side = index % 4;
    const slot = (Math.floor(index / 4) - 2) * 40;
    const reach = random.between(70, 210);
    const jog = random.between(-60, 60);
    const end: [number, number] =
      side === 0
        ? [x + 122 + reach, y + slot + jog]
        : side === 1
          ? [x - 122 - reach, y + slot + jog]
          : side === 2
            ? [x + slot + jog, y + 122 + reach * 0.55]
            : [x + slot + jog, y - 122 - reach * 0.55];
    const [ex, ey] = end;
    const data =
      side < 2
        ? d`M${x} ${y + slot}H${x + (side === 0 ? 150 : -150)}L${x + (side === 0 ? 150 + Math.abs(jog) * 0.5 : -150 - Math.abs(jog) * 0.5)} ${ey}H${ex}`
        : d`M${x + slot} ${y}V${y + (side === 2 ? 150 : -150)}L${ex} ${y + (side === 2 ? 170 : -170)}V${ey}`;
    const color = random.chance(0.25) ? palette.accent : palette.light;
    return stroke(data, color, 6, 0.9) + circle(ex, ey, 11, color) + circle(ex, ey, 4.5, palette.near);
  };
  return [
    rect(0, 0, 960, 540, palette.near),
    rect(0, 0, 960, 540, palette.ink, 0).replace('/>', ' opacity="0.35"/>'),
    repeat(40, () => circle(random.between(0, 960), random.between(0, 540), 4, palette.mid)),
    repeat(20, lead),
    rect(x - 122, y - 122, 244, 244, palette.ink, 18),
    rect(x - 96, y - 96, 192, 192, palette.mid, 12),
    rect(x - 58, y - 58, 116, 116, palette.pop, 10),
    path(d`M${x - 58} ${y + 58}L${x + 58} ${y - 58}L${x + 58} ${y + 58}Z`, palette.accent, 0.55),
    circle(x - 80, y - 80, 7, palette.light),
  ].join('');
};

const robot: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(300, 360);
  const lean = random.between(-14, 16);
  return [
    table(scene),
    rect(0, 396, 960, 26, palette.ink),
    repeat(16, (index) => circle(30 + index * 62, 409, 7, palette.far)),
    rect(x + 250, 318, 86, 78, palette.pop, 4),
    rect(x + 286, 318, 14, 78, palette.accent),
    rect(x + 390, 332, 66, 64, palette.light, 4),
    rect(x - 250, 326, 74, 70, palette.light, 4),
    rect(x - 222, 326, 14, 70, palette.accent),
    path(d`M${x - 90} 420L${x - 54} 346H${x + 54}L${x + 90} 420Z`, palette.ink),
    stroke(d`M${x} 340L${x + lean} 178`, palette.accent, 50),
    stroke(d`M${x + lean} 178L${x + 190} 118`, palette.accent, 40),
    stroke(d`M${x + 190} 118L${x + 286} 190`, palette.light, 30),
    circle(x, 340, 44, palette.near),
    circle(x, 340, 18, palette.light),
    circle(x + lean, 178, 38, palette.near),
    circle(x + lean, 178, 15, palette.light),
    circle(x + 190, 118, 31, palette.near),
    circle(x + 190, 118, 12, palette.light),
    circle(x + 288, 194, 22, palette.ink),
    stroke(
      d`M${x + 288} 206L${x + 254} 242L${x + 260} 292M${x + 288} 206L${x + 326} 242L${x + 322} 292`,
      palette.ink,
      13,
    ),
  ].join('');
};

const heartbeat: Motif = (scene) => {
  const { palette, random } = scene;
  const x = 480 + random.between(-50, 50);
  const beat = random.between(60, 100);
  return [
    rect(0, 0, 960, 540, scene.skyPaint),
    circle(x, 262, 250, palette.glow, 0.25),
    circle(x, 262, 196, palette.glow, 0.45),
    hills(scene, 500, 60, palette.far),
    hills(scene, 530, 40, palette.mid),
    path(
      d`M${x} 418C${x - 70} 356 ${x - 168} 290 ${x - 168} 206C${x - 168} 146 ${x - 124} 112 ${x - 80} 112C${x - 44} 112 ${x - 14} 134 ${x} 164C${x + 14} 134 ${x + 44} 112 ${x + 80} 112C${x + 124} 112 ${x + 168} 146 ${x + 168} 206C${x + 168} 290 ${x + 70} 356 ${x} 418Z`,
      palette.accent,
    ),
    path(
      d`M${x} 418C${x + 70} 356 ${x + 168} 290 ${x + 168} 206C${x + 168} 146 ${x + 124} 112 ${x + 80} 112C${x + 150} 190 ${x + 110} 310 ${x} 418Z`,
      palette.near,
      0.35,
    ),
    stroke(
      d`M-20 270H${x - 150}l26 ${-beat * 0.4}l26 ${beat * 0.4}h30l34 ${-beat}l40 ${beat * 1.9}l36 ${-beat * 1.2}l22 ${beat * 0.3}H980`,
      palette.light,
      11,
    ),
    circle(x + 290, 270, 15, palette.pop),
    ellipse(x - 96, 176, 26, 34, palette.light, 0.35),
  ].join('');
};

const clinic: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(-50, 50);
  return [
    sky(scene, 740, 130),
    clouds(scene, 3, 0.5),
    hills(scene, 400, 90, palette.far),
    rect(0, 430, 960, 110, palette.mid),
    group(
      `translate(${x.toFixed(1)} 0)`,
      rect(220, 250, 520, 190, palette.light),
      rect(600, 250, 140, 190, palette.shade),
      rect(370, 130, 220, 310, palette.light),
      rect(530, 130, 60, 310, palette.shade),
      rect(356, 116, 248, 20, palette.near),
      rect(210, 240, 160, 16, palette.near),
      rect(590, 240, 160, 16, palette.near),
      circle(468, 204, 48, palette.accent),
      rect(458, 174, 20, 60, palette.light),
      rect(438, 194, 60, 20, palette.light),
      repeat(6, (index) =>
        rect(
          244 + (index % 2) * 60,
          278 + Math.floor(index / 2) * 50,
          38,
          28,
          random.chance(0.4) ? palette.pop : palette.near,
          3,
        ),
      ),
      repeat(6, (index) =>
        rect(
          622 + (index % 2) * 60,
          278 + Math.floor(index / 2) * 50,
          38,
          28,
          random.chance(0.4) ? palette.pop : palette.near,
          3,
        ),
      ),
      rect(400, 280, 136, 34, palette.near, 3),
      rect(424, 352, 88, 88, palette.ink, 4),
      rect(404, 336, 128, 16, palette.accent),
    ),
    rect(0, 440, 960, 100, palette.near),
    path('M380 540L440 440H500L580 540Z', palette.shade, 0.8),
    repeat(4, (index) => {
      const left = index < 2 ? 40 + index * 90 : 560 + index * 105;
      return ellipse(left + random.between(-10, 10), 450, 52, 40, palette.ink);
    }),
  ].join('');
};

/** Motifs of laboratories, machines and medicine. */
export const scienceMotifs = { circuit, clinic, heartbeat, microscope, robot, satellite };
