import { clouds, hills, type Motif, sea, sky } from '../scene.ts';
import { circle, d, ellipse, group, path, rect, repeat, stroke } from '../shapes.ts';

const lighthouse: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(300, 420);
  const lamp = 132;
  return [
    sky(scene, 740, 170),
    clouds(scene, 2, 0.4),
    hills(scene, 385, 60, palette.far),
    sea(scene, 380),
    path(d`M${x} ${lamp}L-40 ${lamp - 70}L-40 ${lamp + 60}Z`, palette.glow, 0.3),
    path(d`M${x} ${lamp}L1000 ${lamp - 110}L1000 ${lamp + 90}Z`, palette.glow, 0.3),
    path(
      d`M-20 540V420Q${x - 170} 385 ${x - 90} 392Q${x + 20} 372 ${x + 120} 398Q${x + 240} 432 ${x + 300} 540Z`,
      palette.ink,
    ),
    path(d`M${x - 44} 398L${x - 26} 160L${x + 26} 160L${x + 44} 398Z`, palette.light),
    path(d`M${x + 8} 160L${x + 26} 160L${x + 44} 398L${x + 14} 398Z`, palette.shade),
    path(d`M${x - 32} 240L${x - 28.5} 192L${x + 28.5} 192L${x + 32} 240Z`, palette.accent),
    path(d`M${x - 39.5} 340L${x - 35.8} 290L${x + 35.8} 290L${x + 39.5} 340Z`, palette.accent),
    rect(x - 38, 152, 76, 10, palette.ink),
    rect(x - 20, 112, 40, 40, palette.pop),
    rect(x - 2, 112, 4, 40, palette.ink),
    path(d`M${x - 26} 112Q${x} 74 ${x + 26} 112Z`, palette.accent),
    rect(x - 8, 362, 16, 34, palette.ink, 8),
    rect(x + 70, 350, 76, 46, palette.shade),
    path(d`M${x + 60} 352L${x + 108} 322L${x + 156} 352Z`, palette.accent),
  ].join('');
};

const ship: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(-60, 60);
  const boxes = [palette.accent, palette.pop, palette.light, palette.near, palette.shade];
  const stack = (column: number) =>
    repeat(random.integer(1, 3), (row) =>
      rect(
        330 + column * 62,
        318 - row * 34,
        58,
        31,
        boxes[random.integer(0, boxes.length - 1)] ?? palette.pop,
      ),
    );
  return [
    sky(scene, 250, 140),
    clouds(scene, 3, 0.45),
    hills(scene, 392, 90, palette.far),
    sea(scene, 384),
    group(
      `translate(${x.toFixed(1)} 0)`,
      repeat(6, stack),
      rect(212, 240, 92, 110, palette.light),
      rect(276, 240, 28, 110, palette.shade),
      repeat(3, (row) => rect(222, 254 + row * 30, 46, 12, palette.near)),
      rect(232, 186, 34, 54, palette.accent),
      rect(232, 198, 34, 10, palette.light),
      path('M176 349H772L728 432H226Q190 410 176 349Z', palette.ink),
      path('M206 408H741L728 432H226Q214 424 206 408Z', palette.accent),
      stroke('M690 349V270M690 276L742 349', palette.ink, 5),
      stroke(
        'M140 440q30 -14 60 0t60 0t60 0t60 0t60 0t60 0t60 0t60 0t60 0t60 0t60 0',
        palette.light,
        5,
        0.75,
      ),
    ),
  ].join('');
};

const waves: Motif = (scene) => {
  const { palette, random } = scene;
  const crest = random.between(330, 420);
  const roller = (y: number, shift: number, color: string) =>
    path(`${d`M${shift - 400} ${y}`}${repeat(8, () => 'q50 -46 100 0t100 0')}V640H-400Z`, color);
  return [
    sky(scene, 660, 150),
    clouds(scene, 2, 0.5),
    rect(0, 300, 960, 240, palette.far),
    roller(332, random.between(0, 200), palette.mid),
    path(
      d`M0 470C140 470 ${crest - 180} 430 ${crest - 60} 320C${crest} 262 ${crest + 90} 216 ${crest + 190} 232C${crest + 286} 248 ${crest + 318} 326 ${crest + 262} 362C${crest + 270} 318 ${crest + 214} 296 ${crest + 172} 326C${crest + 118} 366 ${crest + 196} 450 ${crest + 330} 452Q860 456 960 420V540H0Z`,
      palette.near,
    ),
    path(
      d`M${crest - 60} 320C${crest} 262 ${crest + 90} 216 ${crest + 190} 232C${crest + 286} 248 ${crest + 318} 326 ${crest + 262} 362C${crest + 274} 300 ${crest + 240} 262 ${crest + 176} 262C${crest + 90} 262 ${crest + 20} 300 ${crest - 60} 320Z`,
      palette.light,
    ),
    repeat(9, () =>
      circle(
        crest + random.between(180, 330),
        random.between(190, 330),
        random.between(3, 9),
        palette.light,
        0.85,
      ),
    ),
    roller(468, random.between(0, 200), palette.ink),
    stroke(d`M${crest - 20} 392q60 -60 130 -70M${crest + 20} 428q40 -44 90 -56`, palette.far, 5, 0.8),
  ].join('');
};

const fishShape = (x: number, y: number, size: number, body: string, belly: string, eye: string) =>
  group(
    `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${size.toFixed(2)})`,
    path('M-150 0Q-60 -86 60 -52Q104 -38 128 0Q104 40 60 54Q-60 84 -150 0Z', body),
    path('M-132 10Q-50 74 60 54Q104 40 128 0Q60 34 -132 10Z', belly),
    path('M112 0L190 -58Q172 0 190 58Z', body),
    path('M-30 -62Q20 -108 64 -52Z', body),
    path('M-20 14Q30 22 40 52Q0 50 -20 14Z', body),
    circle(-98, -12, 9, eye),
    stroke('M-66 -34q22 34 0 68', eye, 4, 0.6),
  );

const fish: Motif = (scene) => {
  const { palette, random } = scene;
  const y = random.between(240, 290);
  return [
    rect(0, 0, 960, 540, scene.skyPaint),
    repeat(4, (index) => {
      const x = index * 250 + random.between(-60, 60);
      return path(d`M${x} 0L${x + 90} 0L${x + 10} 540L${x - 170} 540Z`, palette.glow, 0.16);
    }),
    hills(scene, 470, 70, palette.far),
    fishShape(random.between(150, 240), y - 120, 0.42, palette.far, palette.shade, palette.ink),
    fishShape(random.between(700, 800), y - 150, 0.34, palette.far, palette.shade, palette.ink),
    fishShape(random.between(720, 820), y + 120, 0.5, palette.mid, palette.shade, palette.ink),
    fishShape(random.between(420, 500), y + 10, 1.25, palette.accent, palette.pop, palette.ink),
    repeat(6, (index) =>
      circle(
        250 - index * 9 + random.between(-8, 8),
        y - index * 34,
        random.between(5, 12),
        palette.light,
        0.6,
      ),
    ),
    hills(scene, 515, 50, palette.near),
    repeat(7, (index) => {
      const x = random.between(20, 200) + index * 125;
      const h = random.between(60, 150);
      return stroke(d`M${x} 540q-24 ${-h / 4} 0 ${-h / 2}t0 ${-h / 2}`, palette.ink, 12);
    }),
  ].join('');
};

const delta: Motif = (scene) => {
  const { palette, random } = scene;
  const fork = 480 + random.between(-60, 60);
  const water = palette.shade;
  const arm = (end: number, bend: number, mouth: number) =>
    path(
      d`M${fork - 9} 262C${fork - 6} ${330 + bend} ${end - mouth * 0.7} ${360 + bend} ${end - mouth} 500H${end + mouth}C${end + mouth * 0.4} ${360 + bend} ${fork + 14} ${330 + bend} ${fork + 9} 262Z`,
      water,
    );
  const reeds = repeat(11, (index) => {
    const x = 20 + index * 92 + random.between(-26, 26);
    const tall = random.between(60, 96);
    return stroke(
      d`M${x} 540q-4 ${-tall / 2} -14 ${-tall}M${x} 540v${-tall - 14}M${x} 540q6 ${-tall / 2} 18 ${-tall + 12}`,
      palette.ink,
      6,
    );
  });
  return [
    sky(scene, 480, 110),
    hills(scene, 222, 70, palette.far),
    rect(0, 206, 960, 334, palette.mid),
    path(d`M0 330Q300 270 520 ${random.between(300, 330)}T960 300V540H0Z`, palette.near, 0.45),
    repeat(18, () =>
      ellipse(
        random.between(10, 950),
        random.between(240, 440),
        random.between(14, 34),
        random.between(4, 8),
        palette.ink,
        0.4,
      ),
    ),
    path(
      d`M${fork + 30} 204Q${fork + 60} 226 ${fork + 10} 238T${fork - 9} 264H${fork + 9}Q${fork + 8} 250 ${fork + 44} 238T${fork + 38} 204Z`,
      water,
    ),
    arm(fork - 300, 0, 62),
    arm(fork - 50, 26, 70),
    arm(fork + 250, 6, 58),
    path('M0 484Q240 468 480 486T960 480V540H0Z', water),
    repeat(9, () =>
      stroke(
        d`M${random.between(0, 860)} ${random.between(496, 530)}h${random.between(40, 120)}`,
        palette.far,
        3,
        0.7,
      ),
    ),
    stroke(d`M${fork - 180} 120q14 -16 28 0q14 -16 28 0m56 28q11 -13 22 0q11 -13 22 0`, palette.ink, 4),
    reeds,
  ].join('');
};

const storm: Motif = (scene) => {
  const { palette, random } = scene;
  const x = random.between(380, 560);
  return [
    rect(0, 0, 960, 540, scene.skyPaint),
    circle(x + 250, 170, 74, palette.glow, 0.5),
    hills(scene, 420, 60, palette.far),
    repeat(26, () => {
      const rx = random.between(120, 900);
      return stroke(d`M${rx} ${random.between(250, 360)}l-22 64`, palette.light, 4, 0.6);
    }),
    path(
      d`M${x - 260} 268a78 78 0 0 1 22 -152a120 120 0 0 1 218 -42a104 104 0 0 1 186 66a66 66 0 0 1 14 128Z`,
      palette.ink,
    ),
    path(
      d`M${x - 330} 296a56 56 0 0 1 22 -110a88 88 0 0 1 160 -20a74 74 0 0 1 126 50a46 46 0 0 1 6 80Z`,
      palette.mid,
    ),
    path(
      d`M${x + 50} 262L${x - 14} 356L${x + 24} 356L${x - 22} 448L${x + 84} 332L${x + 44} 332L${x + 96} 262Z`,
      palette.pop,
    ),
    sea(scene, 432),
    stroke(
      'M-20 452q40 -24 80 0t80 0t80 0t80 0t80 0t80 0t80 0t80 0t80 0t80 0t80 0t80 0',
      palette.light,
      5,
      0.6,
    ),
  ].join('');
};

/** Motifs of the coast and the water. */
export const seaMotifs = { delta, fish, lighthouse, ship, storm, waves };
