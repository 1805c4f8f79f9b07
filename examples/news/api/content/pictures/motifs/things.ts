import { hills, type Motif, sky, table } from '../scene.ts';
import { circle, d, ellipse, group, path, rect, repeat, stroke } from '../shapes.ts';

const coins: Motif = (scene) => {
  const { palette, random } = scene;
  const pile = (x: number, count: number, face: string, edge: string) =>
    repeat(count, (index) => {
      const y = 424 - index * 22;
      const cx = x + random.between(-5, 5);
      return (
        rect(cx - 52, y - 16, 104, 22, edge) +
        ellipse(cx, y + 6, 52, 13, edge) +
        ellipse(cx, y - 16, 52, 13, face) +
        ellipse(cx, y - 16, 36, 8, edge, 0.5)
      );
    });
  const trend = repeat(5, (index) =>
    index === 0 ? '' : d`L${180 + index * 150} ${300 - index * 42 + random.between(-36, 36)}`,
  );
  return [
    table(scene),
    repeat(4, (index) => stroke(d`M120 ${110 + index * 80}H840`, palette.far, 3, 0.5)),
    stroke(`M180 300${trend}`, palette.accent, 10),
    pile(260, random.integer(2, 4), palette.pop, palette.near),
    pile(400, random.integer(4, 6), palette.light, palette.near),
    pile(540, random.integer(5, 9), palette.pop, palette.near),
    pile(680, random.integer(7, 11), palette.light, palette.near),
  ].join('');
};

const mask: Motif = (scene) => {
  const { palette, random } = scene;
  const face = (x: number, y: number, turn: number, color: string, shadow: string, smile: number) =>
    group(
      `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)})`,
      path('M-116 -130Q0 -170 116 -130Q132 60 0 166Q-132 60 -116 -130Z', color),
      path('M20 -155Q72 -149 116 -130Q132 60 0 166Q70 60 20 -155Z', shadow, 0.55),
      path('M-82 -50Q-50 -88 -16 -50Q-50 -30 -82 -50Z', palette.ink),
      path('M16 -50Q50 -88 82 -50Q50 -30 16 -50Z', palette.ink),
      path('M0 -30L18 26Q0 38 -18 26Z', shadow),
      path(
        `M-56 ${70 - smile * 8}Q0 ${70 + smile * 46} 56 ${70 - smile * 8}Q0 ${70 + smile * 14} -56 ${70 - smile * 8}Z`,
        palette.ink,
      ),
      stroke('M-88 -88Q-50 -112 -14 -88M14 -88Q50 -112 88 -88', palette.ink, 7),
    );
  return [
    rect(0, 0, 960, 540, scene.skyPaint),
    circle(480, 270, 250, palette.glow, 0.5),
    face(random.between(580, 630), 280, random.between(8, 18), palette.near, palette.ink, -1),
    face(random.between(350, 390), 260, random.between(-14, -5), palette.light, palette.shade, 1),
    path('M0 0H170Q150 200 60 330Q20 420 30 540H0Z', palette.accent),
    path('M60 0H110Q100 200 30 330Q6 400 0 460V300Q60 160 60 0Z', palette.near, 0.35),
    path('M960 0H790Q810 200 900 330Q940 420 930 540H960Z', palette.accent),
    path('M900 0H850Q860 200 930 330Q954 400 960 460V300Q900 160 900 0Z', palette.near, 0.35),
    rect(0, 496, 960, 44, palette.ink),
    rect(0, 0, 960, 40, palette.near),
    repeat(10, (index) => path(d`M${index * 96} 38h96a48 34 0 0 1 -96 0Z`, palette.near)),
  ].join('');
};

const piano: Motif = (scene) => {
  const { palette, random } = scene;
  const pressed = random.integer(3, 9);
  const left = 60;
  const notes = repeat(random.integer(4, 6), (index) => {
    const x = 180 + index * 120 + random.between(-30, 30);
    const y = random.between(90, 210);
    return ellipse(x, y, 20, 15, palette.ink) + stroke(d`M${x + 17} ${y}v-76q22 10 26 34`, palette.ink, 6);
  });
  return [
    rect(0, 0, 960, 540, scene.skyPaint),
    circle(480 + random.between(-120, 120), 150, 150, palette.glow, 0.5),
    stroke(
      'M0 90Q480 40 960 110M0 130Q480 80 960 150M0 170Q480 120 960 190M0 210Q480 160 960 230',
      palette.mid,
      3,
      0.5,
    ),
    notes,
    path('M0 300Q300 262 520 288T960 270V540H0Z', palette.near),
    rect(left - 30, 318, 900, 222, palette.ink, 10),
    repeat(14, (index) =>
      rect(
        left + index * 60,
        340,
        57,
        index === pressed ? 186 : 178,
        index === pressed ? palette.pop : palette.light,
        5,
      ),
    ),
    repeat(14, (index) => rect(left + index * 60, 340, 57, 12, palette.shade)),
    repeat(13, (index) =>
      [2, 6, 9, 13].includes(index) ? '' : rect(left + 42 + index * 60, 340, 32, 108, palette.ink, 4),
    ),
    rect(left - 30, 318, 900, 22, palette.accent),
  ].join('');
};

const camera: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(440, 520);
  return [
    table(scene),
    group(
      `translate(${x.toFixed(1)} 0)`,
      rect(-120, 142, 84, 40, palette.ink, 8),
      rect(60, 150, 60, 26, palette.accent, 8),
      rect(-210, 172, 420, 252, palette.near, 28),
      rect(-210, 214, 420, 150, palette.ink),
      rect(-182, 190, 56, 34, palette.glow, 6),
      circle(10, 290, 108, palette.shade),
      circle(10, 290, 92, palette.ink),
      circle(10, 290, 66, palette.mid),
      circle(10, 290, 38, palette.near),
      path('M-36 262a56 56 0 0 1 46 -28a56 56 0 0 0 -34 62Z', palette.light, 0.7),
      circle(166, 196, 9, palette.pop),
    ),
    rect(x + (random.chance(0.5) ? 236 : -330), 372, 92, 52, palette.accent, 8),
    repeat(3, (index) =>
      group(
        `translate(${(140 + index * 24).toFixed(1)} ${(452 + index * 8).toFixed(1)}) rotate(${random.between(-14, 14).toFixed(1)})`,
        rect(-60, -22, 120, 74, palette.light, 3),
        rect(-50, -14, 100, 50, index === 1 ? palette.pop : palette.far),
      ),
    ),
  ].join('');
};

const bread: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(430, 530);
  return [
    table(scene),
    repeat(3, (index) => {
      const sx = x - 60 + index * 60;
      return stroke(d`M${sx} 190q-22 -34 0 -64t0 -${random.between(40, 70)}`, palette.light, 8, 0.7);
    }),
    rect(x - 280, 404, 560, 30, palette.ink, 12),
    path(
      d`M${x - 230} 406C${x - 262} 300 ${x - 150} 214 ${x} 214S${x + 262} 300 ${x + 230} 406Z`,
      palette.pop,
    ),
    path(
      d`M${x + 60} 219C${x + 190} 236 ${x + 254} 314 ${x + 230} 406H${x + 130}C${x + 170} 330 ${x + 140} 260 ${x + 60} 219Z`,
      palette.near,
      0.3,
    ),
    repeat(4, (index) => {
      const cx = x - 128 + index * 78;
      return path(
        d`M${cx - 20} 334Q${cx + 4} 278 ${cx + 34} 252Q${cx + 30} 306 ${cx - 20} 334Z`,
        palette.light,
      );
    }),
    repeat(2, (index) => {
      const wx = x + (index === 0 ? -330 : 300);
      return (
        stroke(d`M${wx} 440L${wx + 20} 250`, palette.near, 6) +
        repeat(
          5,
          (grain) =>
            ellipse(wx + 6 + grain * 3, 330 - grain * 22, 11, 15, palette.near) +
            ellipse(wx + 26 + grain * 2, 322 - grain * 22, 11, 15, palette.near),
        )
      );
    }),
    repeat(12, () =>
      circle(random.between(160, 820), random.between(462, 520), random.between(3, 6), palette.light, 0.7),
    ),
  ].join('');
};

const chess: Motif = (scene) => {
  const { palette, random } = scene;
  const king = (x: number, color: string, shadow: string) =>
    group(
      d`translate(${x} 0)`,
      path('M-58 424Q-52 392 -30 384Q-26 300 -22 250H22Q26 300 30 384Q52 392 58 424Z', color),
      path('M6 250H22Q26 300 30 384Q52 392 58 424H20Q14 320 6 250Z', shadow),
      path('M-34 250Q-56 196 -26 176Q0 196 26 176Q56 196 34 250Z', color),
      path('M8 186Q18 182 26 176Q56 196 34 250H8Z', shadow),
      stroke('M0 176V128M-18 146H18', color, 12),
    );
  const pawn = (x: number, color: string, shadow: string) =>
    group(
      d`translate(${x} 0)`,
      path('M-44 424Q-40 398 -22 390Q-16 350 -14 330H14Q16 350 22 390Q40 398 44 424Z', color),
      path('M4 330H14Q16 350 22 390Q40 398 44 424H14Q10 370 4 330Z', shadow),
      circle(0, 306, 32, color),
      path('M6 275.5A32 32 0 0 1 6 336.5Q16 306 6 275.5Z', shadow),
    );
  const x = random.between(400, 500);
  return [
    table(scene),
    repeat(10, (index) =>
      path(
        d`M${index * 100 - 20} 540L${index * 88 + 40} 440H${index * 88 + 84}L${index * 100 + 30} 540Z`,
        palette.light,
        0.28,
      ),
    ),
    pawn(x - 220 + random.between(-20, 20), palette.light, palette.shade),
    pawn(x + 250 + random.between(-20, 20), palette.near, palette.ink),
    king(x, palette.near, palette.ink),
    pawn(x + 130, palette.light, palette.shade),
    pawn(x - 110, palette.accent, palette.near),
  ].join('');
};

const shoes: Motif = (scene) => {
  const { palette, random } = scene;
  const shoe = (x: number, y: number, turn: number, upper: string) =>
    group(
      `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)})`,
      path(
        'M-170 -20C-172 -90 -150 -130 -110 -128C-90 -96 -50 -92 -26 -124C30 -80 90 -52 160 -42C192 -36 196 -4 190 8H-168Z',
        upper,
      ),
      path('M60 -66C110 -50 180 -46 188 -16L190 8H40Q70 -20 60 -66Z', palette.shade, 0.5),
      path('M-174 0H196Q200 40 160 44H-140Q-176 40 -174 0Z', palette.light),
      path('M-170 28H192Q184 44 160 44H-140Q-162 44 -170 28Z', palette.ink),
      stroke('M-14 -104l34 -26M14 -84l34 -26M44 -68l32 -24', palette.light, 8),
      path('M-120 -6C-70 -20 -30 -50 -14 -84L14 -70C-10 -30 -50 -6 -90 0Z', palette.pop),
    );
  return [
    sky(scene, 720, 140),
    hills(scene, 330, 110, palette.far),
    hills(scene, 390, 60, palette.mid),
    path('M0 540V400Q480 350 960 400V540Z', palette.accent),
    stroke('M0 446Q480 392 960 446M0 500Q480 446 960 500', palette.light, 5, 0.7),
    shoe(random.between(560, 610), 330, random.between(-16, -8), palette.near),
    shoe(random.between(370, 420), 420, random.between(-4, 4), palette.ink),
    path('M20 540L120 540L150 500L60 500Z', palette.light, 0.35),
  ].join('');
};

const ball: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(400, 560);
  const y = random.between(180, 240);
  return [
    sky(scene, 200, 130),
    hills(scene, 330, 70, palette.far),
    repeat(5, (index) => rect(-20 + index * 200, 300 + (index % 2) * 16, 180, 60, palette.mid)),
    rect(0, 350, 960, 190, palette.near),
    repeat(6, (index) =>
      path(
        d`M${index * 180 - 60} 540L${index * 150 + 60} 350L${index * 150 + 135} 350L${index * 180 + 30} 540Z`,
        palette.mid,
        0.4,
      ),
    ),
    stroke('M150 470V120H810V470', palette.light, 15),
    repeat(12, (index) => stroke(d`M${180 + index * 54} 128V440`, palette.light, 2, 0.5)),
    repeat(6, (index) => stroke(d`M158 ${170 + index * 50}H802`, palette.light, 2, 0.5)),
    ellipse(x - 60, 494, 60, 12, palette.ink, 0.5),
    stroke(d`M${x - 250} 500Q${x - 170} ${y + 110} ${x - 84} ${y + 50}`, palette.pop, 8, 0.8),
    circle(x, y + 20, 84, palette.light),
    path(d`M${x + 20} ${y - 61}a84 84 0 0 1 -20 165a110 110 0 0 0 20 -165Z`, palette.shade),
    path(
      d`M${x - 30} ${y + 10}L${x} ${y - 14}L${x + 30} ${y + 10}L${x + 19} ${y + 46}L${x - 19} ${y + 46}Z`,
      palette.ink,
    ),
    stroke(
      d`M${x} ${y - 14}V${y - 58}M${x + 30} ${y + 10}L${x + 74} ${y - 6}M${x + 19} ${y + 46}L${x + 46} ${y + 82}M${x - 19} ${y + 46}L${x - 46} ${y + 82}M${x - 30} ${y + 10}L${x - 74} ${y - 6}`,
      palette.ink,
      6,
    ),
  ].join('');
};

/** Motifs that show one thing close up. */
export const thingMotifs = { ball, bread, camera, chess, coins, mask, piano, shoes };
