import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { constants } from 'node:zlib';
import type { Transform } from 'node:stream';

const KEPT_BODY = 64 * 1024;

/** RFC 9110 §8.4.1: "deflate" is zlib's format, though some servers send it bare. */
function decoderFor(coding: string, bytes: Uint8Array): Transform | null {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    case 'deflate':
      return ((bytes[0] ?? 0) & 0x0f) === 8
        ? createInflate({ finishFlush: constants.Z_SYNC_FLUSH })
        : createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return null;
  }
}

/** Runs bytes through a decoder until its end, an error, or the bound: a bomb bursts at 64 KiB. */
function runThrough(decoder: Transform, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const kept: Buffer[] = [];
    let length = 0;
    const finish = (): void => {
      decoder.destroy();
      resolve(Buffer.concat(kept).subarray(0, KEPT_BODY));
    };
    decoder.on('data', (piece: Buffer) => {
      kept.push(piece);
      length += piece.length;
      if (length >= KEPT_BODY) finish();
    });
    decoder.once('end', finish);
    // what was cut off or broken is given as far as it went
    decoder.once('error', finish);
    decoder.end(bytes);
  });
}

/** A body as far as it can be decoded, at most 64 KiB; unknown codings stay as they are. */
export async function decodeBody(bytes: Uint8Array, contentEncoding: string | undefined): Promise<Uint8Array> {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  let decoded = bytes;
  for (const coding of codings.slice(-3).reverse()) {
    const decoder = decoderFor(coding, decoded);
    if (decoder === null || decoded.length === 0) return decoded;
    decoded = await runThrough(decoder, decoded);
  }
  return decoded;
}
