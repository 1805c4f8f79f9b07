/** Bytes of a page of PostgreSQL. */
export const pageBytes = 8192;

const laneCount = 32;
const prime = 16_777_619;
const laneOffsets = Int32Array.from([
  0x5b1f36e9, 0xb8525960, 0x02ab50aa, 0x1de66d2a, 0x79ff467a, 0x9bb9f8a3, 0x217e7cd2, 0x83e13d2c, 0xf8d4474f,
  0xe39eb970, 0x42c6ae16, 0x993216fa, 0x7b093b5d, 0x98daff3c, 0xf718902a, 0x0b1c9cdb, 0xe58f764b, 0x187636bc,
  0x5d7b3bb1, 0xe73de7de, 0x92bec979, 0xcca6c0b2, 0x304a0979, 0x85aa43d4, 0x783125bb, 0x6ca8eaa2, 0xe407eac6,
  0x4b5cfc3e, 0x9fbf8c76, 0x15ca20be, 0xf2ca9fd3, 0x959bd756,
]);

function mix(sum: number, value: number): number {
  const mixed = sum ^ value;
  return Math.imul(mixed, prime) ^ (mixed >>> 17);
}

/** The checksum that a page bears in its header, 0 when it has none. */
export function storedChecksum(page: Buffer): number {
  return page.readUInt16LE(8);
}

/**
 * The checksum a page should bear: FNV-1a in 32 lanes over its words, the checksum itself taken as 0, with the number of the block
 * in its relation. Source: PostgreSQL, storage/checksum_impl.h.
 */
export function pageChecksum(page: Buffer, blockNumber: number): number {
  const lanes = Int32Array.from(laneOffsets);
  for (let at = 0; at < pageBytes; at += laneCount * 4)
    for (let lane = 0; lane < laneCount; lane += 1) {
      const offset = at + lane * 4;
      const word = page.readInt32LE(offset);
      // The checksum is the lower half of the third word.
      lanes[lane] = mix(lanes[lane] ?? 0, offset === 8 ? word & 0xffff0000 : word);
    }
  let result = 0;
  for (const lane of lanes) result ^= mix(mix(lane, 0), 0);
  return (((result ^ blockNumber) >>> 0) % 65_535) + 1;
}
