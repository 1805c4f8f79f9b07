import { clouds, hills, type Motif, sky, stars, tree } from '../scene.ts';
import { circle, d, ellipse, group, path, rect, repeat, stroke } from '../shapes.ts';

const mountains: Motif = (scene) => {
  const { palette, random } = scene;
  const peak = (x: number, y: number, spread: number, color: string, snow: string) =>
    path(d`M${x - spread} 460L${x} ${y}L${x + spread} 460Z`, color) +
    path(
      d`M${x} ${y}L${x + spread} 460L${x + spread * 0.2} 460L${x + spread * 0.06} ${y + 120}Z`,
      palette.ink,
      0.16,
    ) +
    path(
      d`M${x} ${y}L${x + spread * 0.25} ${y + (460 - y) * 0.25}L${x + spread * 0.1} ${y + (460 - y) * 0.2}L${x} ${y + (460 - y) * 0.3}L${x - spread * 0.1} ${y + (460 - y) * 0.2}L${x - spread * 0.25} ${y + (460 - y) * 0.25}Z`,
      snow,
    );
  const main = random.between(400, 520);
  return [
    sky(scene, 740, 130),
    clouds(scene, 2, 0.5),
    peak(random.between(120, 200), random.between(210, 250), 260, palette.far, palette.light),
    peak(random.between(740, 840), random.between(190, 240), 280, palette.far, palette.light),
    peak(main, random.between(105, 140), 330, palette.mid, palette.light),
    hills(scene, 430, 50, palette.near),
    repeat(16, (index) => {
      const x = index * 62 + random.between(-10, 30);
      const h = random.between(54, 96);
      return path(d`M${x - h * 0.28} 500L${x} ${500 - h}L${x + h * 0.28} 500Z`, palette.ink);
    }),
    rect(0, 494, 960, 46, palette.ink),
  ].join('');
};

const turbines: Motif = (scene) => {
  const { palette, random } = scene;
  const turbine = (x: number, foot: number, tall: number) => {
    const turn = random.between(0, 120);
    const hub = foot - tall;
    const blade = path(
      d`M-4 0Q${-tall * 0.05} ${-tall * 0.2} -2 ${-tall * 0.58}Q${tall * 0.035} ${-tall * 0.2} 4 0Z`,
      palette.light,
    );
    return [
      path(
        d`M${x - tall * 0.025} ${foot}L${x - tall * 0.011} ${hub}L${x + tall * 0.011} ${hub}L${x + tall * 0.025} ${foot}Z`,
        palette.shade,
      ),
      repeat(3, (index) =>
        group(
          `translate(${x.toFixed(1)} ${hub.toFixed(1)}) rotate(${(turn + index * 120).toFixed(1)})`,
          blade,
        ),
      ),
      circle(x, hub, tall * 0.032, palette.accent),
    ].join('');
  };
  return [
    sky(scene, 230, 150),
    clouds(scene, 3, 0.45),
    hills(scene, 390, 80, palette.far),
    turbine(random.between(160, 230), 400, 170),
    turbine(random.between(800, 860), 410, 190),
    hills(scene, 440, 70, palette.mid),
    turbine(random.between(330, 400), 450, 250),
    turbine(random.between(580, 650), 490, 345),
    hills(scene, 490, 50, palette.near),
    repeat(5, (index) =>
      tree(60 + index * 210 + random.between(-50, 50), 520, random.between(36, 60), palette.ink, palette.ink),
    ),
    rect(0, 515, 960, 25, palette.ink),
  ].join('');
};

const seedling: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(420, 540);
  const bend = random.between(-26, 26);
  const leaf = (cx: number, cy: number, turn: number, size: number, color: string) =>
    group(
      `translate(${cx.toFixed(1)} ${cy.toFixed(1)}) rotate(${turn.toFixed(1)}) scale(${size.toFixed(2)})`,
      path('M0 0C30 -70 120 -90 190 -40C150 30 60 50 0 0Z', color),
      stroke('M0 0C50 -30 110 -44 170 -38', palette.light, 4, 0.6),
    );
  return [
    sky(scene, 700, 170),
    hills(scene, 436, 60, palette.far),
    hills(scene, 474, 30, palette.mid),
    stroke(d`M${x} 452C${x + bend} 380 ${x - bend} 300 ${x + bend / 2} 210`, palette.near, 13),
    leaf(x + bend * 0.2, 372, -14, 0.9, palette.near),
    leaf(x - bend * 0.2, 332, 198, 1, palette.near),
    leaf(x, 270, -32, 0.78, palette.pop),
    leaf(x + bend / 2, 214, 232, 0.62, palette.accent),
    path(d`M0 540V470Q${x - 160} 440 ${x} 436Q${x + 190} 440 960 474V540Z`, palette.ink),
    repeat(18, () =>
      ellipse(random.between(20, 940), random.between(486, 530), random.between(5, 12), 4, palette.mid, 0.7),
    ),
  ].join('');
};

const greenhouse: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(-40, 40);
  const plants = repeat(9, (index) => {
    const px = 236 + index * 61;
    const h = random.between(50, 118);
    return [
      stroke(d`M${px} 424v${-h}`, palette.near, 6),
      ellipse(px - 17, 424 - h * 0.6, 20, 10, palette.near),
      ellipse(px + 17, 424 - h * 0.8, 20, 10, palette.mid),
      circle(px, 424 - h, random.between(7, 12), random.chance(0.5) ? palette.accent : palette.pop),
    ].join('');
  });
  return [
    sky(scene, 760, 130),
    clouds(scene, 2, 0.5),
    hills(scene, 410, 80, palette.far),
    rect(0, 420, 960, 120, palette.mid),
    group(
      `translate(${x.toFixed(1)} 0)`,
      path('M190 430L190 250L480 120L770 250L770 430Z', palette.light, 0.62),
      plants,
      stroke('M190 430V250L480 120L770 250V430', palette.ink, 9),
      stroke('M190 250H770M190 340H770', palette.ink, 5),
      stroke('M306 430V198M422 430V146M538 430V146M654 430V198', palette.ink, 5),
      rect(178, 424, 604, 26, palette.ink),
      rect(438, 320, 84, 106, palette.accent),
      rect(448, 330, 64, 50, palette.light),
    ),
    path('M400 540Q440 470 452 450H508Q520 470 560 540Z', palette.shade),
    repeat(6, (index) =>
      tree(
        index < 3 ? 30 + index * 60 : 640 + index * 62,
        470,
        random.between(40, 70),
        palette.near,
        palette.ink,
      ),
    ),
  ].join('');
};

const telescope: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(400, 520);
  const tilt = random.between(-40, -24);
  return [
    sky(scene, 780, 130),
    stars(scene, 46),
    hills(scene, 400, 100, palette.far),
    hills(scene, 440, 60, palette.mid),
    group(
      `translate(${x.toFixed(1)} 262) rotate(${tilt.toFixed(1)})`,
      rect(20, -26, 210, 52, palette.shade, 6),
      rect(20, 4, 210, 22, palette.near, 6),
      rect(196, -32, 34, 64, palette.accent, 6),
    ),
    path(d`M${x - 150} 356a150 150 0 0 1 300 0Z`, palette.light),
    path(d`M${x + 40} 211.5a150 150 0 0 1 110 144.5h-60q0 -90 -50 -144.5Z`, palette.shade),
    path(d`M${x + 6} 220L${x + 62} 214L${x + 108} 300L${x + 60} 330Z`, palette.ink),
    rect(x - 168, 352, 336, 22, palette.ink),
    rect(x - 140, 374, 280, 90, palette.near),
    repeat(4, (index) => rect(x - 112 + index * 64, 396, 34, 40, palette.pop)),
    path('M0 540V480Q260 440 480 448T960 470V540Z', palette.ink),
  ].join('');
};

const bicycle: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(-50, 50);
  const wheel = (cx: number) => {
    const turn = random.between(0, 45);
    return [
      `<circle cx="${cx}" cy="380" r="88" fill="none" stroke="${palette.ink}" stroke-width="13"/>`,
      `<circle cx="${cx}" cy="380" r="76" fill="none" stroke="${palette.light}" stroke-width="4"/>`,
      repeat(8, (index) =>
        group(
          `translate(${cx} 380) rotate(${(turn + index * 45).toFixed(1)})`,
          stroke('M0 0V-74', palette.ink, 2, 0.6),
        ),
      ),
      circle(cx, 380, 10, palette.ink),
    ].join('');
  };
  return [
    sky(scene, 250, 150),
    clouds(scene, 2, 0.5),
    hills(scene, 380, 80, palette.far),
    repeat(4, (index) =>
      tree(
        90 + index * 250 + random.between(-40, 40),
        430,
        random.between(80, 120),
        palette.mid,
        palette.near,
      ),
    ),
    rect(0, 424, 960, 116, palette.near),
    stroke('M0 504H960', palette.light, 5, 0.5),
    group(
      `translate(${x.toFixed(1)} 48)`,
      wheel(330),
      wheel(640),
      stroke('M330 380L410 230H590L480 380Z', palette.accent, 13),
      stroke('M330 380H480L396 204M590 230L576 186M590 230L640 380', palette.accent, 13),
      stroke('M366 200H430', palette.ink, 17),
      stroke('M576 186H534M576 186q40 -10 44 24', palette.ink, 11),
      circle(480, 380, 23, palette.pop),
      stroke('M480 380l26 38', palette.ink, 8),
      stroke('M492 420h30', palette.ink, 10),
      path('M578 214h88v62q-44 14 -88 0Z', palette.pop),
      stroke('M580 236h84M580 256h84', palette.near, 4, 0.6),
    ),
  ].join('');
};

/** Motifs of fields, hills and the road. */
export const landMotifs = { bicycle, greenhouse, mountains, seedling, telescope, turbines };
