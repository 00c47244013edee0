// Makes a small PNG of a picture of few colours: 256 of them, chosen by median cut, as a screen's picture needs no more.
import { crc32, deflateSync } from 'node:zlib';

/** Rows from the top, each pixel four bytes: red, green, blue, opacity (left out: a screen's picture hides nothing). */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

interface Colour {
  readonly rgb: number;
  readonly count: number;
}

type Channel = 16 | 8 | 0; // by how many bits red, green and blue stand to the left
const channels: readonly Channel[] = [16, 8, 0];

export function indexedPng({ width, height, data }: Pixels): Buffer {
  const counts = new Map<number, number>();
  const rgbAt = (pixel: number): number => {
    const [red = 0, green = 0, blue = 0] = data.subarray(pixel * 4, pixel * 4 + 3);
    return (red << 16) | (green << 8) | blue;
  };
  for (let pixel = 0; pixel < width * height; pixel++) {
    const rgb = rgbAt(pixel);
    counts.set(rgb, (counts.get(rgb) ?? 0) + 1);
  }
  const palette = medianCut(
    [...counts].map(([rgb, count]) => ({ rgb, count })),
    256,
  );
  const indexOf = new Map([...counts.keys()].map((rgb) => [rgb, nearest(palette, rgb)]));
  const rows = Buffer.alloc((width + 1) * height); // each row after a 0, "no filter"
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf.get(rgbAt(y * width + x)) ?? 0;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits a pixel, by palette
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((rgb) => channels.map((channel) => (rgb >> channel) & 255)))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Splits the colours into boxes, always the one with the most to lose at its middle pixel, and takes each box's mean. */
function medianCut(colours: readonly Colour[], most: number): readonly number[] {
  let boxes = [measured(colours)];
  while (boxes.length < most) {
    const worst = boxes.reduce((a, b) => (b.loss > a.loss ? b : a));
    if (worst.loss === 0) break;
    boxes = [...boxes.filter((box) => box !== worst), ...halves(worst).map(measured)];
  }
  return boxes.map(({ colours: inside }) => {
    const pixels = inside.reduce((sum, { count }) => sum + count, 0);
    const mean = (channel: Channel): number =>
      Math.round(inside.reduce((sum, { rgb, count }) => sum + ((rgb >> channel) & 255) * count, 0) / pixels);
    return channels.reduce<number>((rgb, channel) => rgb | (mean(channel) << channel), 0);
  });
}

interface Box {
  readonly colours: readonly Colour[];
  /** The channel in which they differ most. */
  readonly widest: Channel;
  /** How wide that is, weighted by how many pixels it concerns; 0 for one colour. */
  readonly loss: number;
}

function measured(colours: readonly Colour[]): Box {
  const spread = (channel: Channel): number => {
    const values = colours.map(({ rgb }) => (rgb >> channel) & 255);
    return values.reduce((a, b) => Math.max(a, b), 0) - values.reduce((a, b) => Math.min(a, b), 255);
  };
  const widest = channels.reduce<Channel>((a, b) => (spread(b) > spread(a) ? b : a), 16);
  const pixels = colours.reduce((sum, { count }) => sum + count, 0);
  return { colours, widest, loss: spread(widest) * Math.sqrt(pixels) };
}

function halves({ colours, widest }: Box): readonly (readonly Colour[])[] {
  const sorted = [...colours].sort((a, b) => ((a.rgb >> widest) & 255) - ((b.rgb >> widest) & 255));
  const half = sorted.reduce((sum, { count }) => sum + count, 0) / 2;
  let seen = 0;
  const middle = sorted.findIndex(({ count }) => {
    seen += count;
    return seen >= half;
  });
  const at = Math.min(Math.max(middle, 1), sorted.length - 1);
  return [sorted.slice(0, at), sorted.slice(at)];
}

function nearest(palette: readonly number[], rgb: number): number {
  const distance = (other: number): number =>
    channels.reduce<number>((sum, channel) => sum + (((rgb >> channel) & 255) - ((other >> channel) & 255)) ** 2, 0);
  return palette.reduce((best, other, index) => (distance(other) < distance(palette[best] ?? 0) ? index : best), 0);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
