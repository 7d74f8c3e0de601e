/**
 * Walks from frame to frame through compressed bytes as they come, and refuses a frame that asks for more memory than a
 * log can need. Pure; what a frame looks like is from RFC 8878, 3.1.
 *
 * The package that unpacks allocates what a header of eighteen bytes asks for, two gigabytes and less.
 *
 * @module
 */

/** What `zstd` itself gives unless it is told to give more (zstd 1.5, 2026-11). */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

const MB = 1024 * 1024;
const FRAME_MAGIC = 0xfd2fb528;
/** The last four bits of this one are free. */
const SKIPPABLE_MAGIC = 0x184d2a5;
const BLOCK_RLE = 1;
const CHECKSUM_BYTES = 4;

/** Some bytes to leave out, then some to look at, which say what comes next; undefined where no frame is. */
interface Step {
  readonly skip: number;
  readonly take: number;
  read(bytes: Uint8Array): Step | undefined;
}

/**
 * Opens a walk over one file's bytes, which are handed in in order, in parts of any size. It says nothing of bytes that
 * are no frame, or are cut off: whoever unpacks them does.
 *
 * @throws {RangeError} from the walk, with a sentence, at a frame that asks for more than 128 MB
 */
export function openFrameWalk(): (bytes: Uint8Array) => void {
  let step: Step | undefined = frameAfter(0);
  let skip = 0;
  let held: number[] = [];
  return (bytes) => {
    for (let at = 0; step !== undefined && at < bytes.length;) {
      const skipped = Math.min(skip, bytes.length - at);
      const part = bytes.subarray(at + skipped, at + skipped + step.take - held.length);
      held.push(...part);
      skip -= skipped;
      at += skipped + part.length;
      if (held.length < step.take) return;
      step = step.read(new Uint8Array(held));
      skip = step?.skip ?? 0;
      held = [];
    }
  };
}

function frameAfter(skip: number): Step {
  return {
    skip,
    take: 4,
    read(bytes): Step | undefined {
      const magic = readNumber(bytes);
      if (magic === FRAME_MAGIC) return DESCRIPTOR;
      return Math.floor(magic / 16) === SKIPPABLE_MAGIC ? SKIPPABLE : undefined;
    },
  };
}

const SKIPPABLE: Step = { skip: 0, take: 4, read: (bytes) => frameAfter(readNumber(bytes)) };

const DESCRIPTOR: Step = {
  skip: 0,
  take: 1,
  read([flags = 0]): Step {
    const isSingle = (flags & 0x20) !== 0;
    const sizeBytes = flags >> 6 === 0 ? (isSingle ? 1 : 0) : 1 << (flags >> 6);
    const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
    const endBytes = (flags & 4) === 0 ? 0 : CHECKSUM_BYTES;
    return {
      skip: 0,
      take: (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes,
      read(bytes): Step {
        // Without a window of its own, all of the content is the window; two bytes count from 256.
        refuseLarge(isSingle ? readNumber(bytes.subarray(dictionaryBytes)) : windowOf(bytes[0] ?? 0));
        return blockAfter(0, endBytes);
      },
    };
  },
};

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + base / 8 * (descriptor & 7);
}

function refuseLarge(windowBytes: number): void {
  if (windowBytes <= MAX_WINDOW_BYTES) return;
  const asked = Math.ceil(windowBytes / MB).toLocaleString("en");
  throw new RangeError(`it asks for ${asked} MB of memory to be unpacked; no log needs more than 128 MB`);
}

function blockAfter(skip: number, endBytes: number): Step {
  return {
    skip,
    take: 3,
    read(bytes): Step {
      const header = readNumber(bytes);
      const size = (header >> 1 & 3) === BLOCK_RLE ? 1 : header >> 3;
      return (header & 1) === 1 ? frameAfter(size + endBytes) : blockAfter(size, endBytes);
    },
  };
}

/** Least byte first. */
function readNumber(bytes: Uint8Array): number {
  return bytes.reduceRight((number, byte) => number * 256 + byte, 0);
}
