/** Finds where a JSON value ends in bytes, without decoding or parsing it; resumes across chunks. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

export interface ValueScanner {
  /** Begins at the value's first byte. */
  begin(firstByte: number): void;
  /** The index after the value's last byte, or -1 when it goes on past `end`. */
  scan(bytes: Buffer, from: number, end: number): number;
}

export function createValueScanner(): ValueScanner {
  let depth = 0;
  let inString = false;
  let isScalar = false;
  let escaped = false;

  // Strings are most of the bytes: indexOf finds their end at memory speed.
  function stringEnd(bytes: Buffer, from: number, end: number): number {
    let at = from;
    if (escaped && at < end) {
      at++;
      escaped = false;
    }
    for (;;) {
      const quote = bytes.indexOf(QUOTE, at);
      const stop = quote === -1 || quote >= end ? end : quote;
      let slashes = 0;
      while (stop - 1 - slashes >= at && bytes[stop - 1 - slashes] === BACKSLASH) slashes++;
      if (stop === end) {
        escaped = slashes % 2 === 1;
        return -1;
      }
      if (slashes % 2 === 0) return quote + 1;
      at = quote + 1;
    }
  }

  /** Behind the next quote (then we are in a string), or behind the value's last bracket; -1: neither before `end`. */
  function structureEnd(bytes: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        inString = true;
        return at + 1;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth <= 0) return at + 1;
    }
    return -1;
  }

  function scan(bytes: Buffer, from: number, end: number): number {
    if (isScalar) return scalarEnd(bytes, from, end);
    let at = from;
    for (;;) {
      if (inString) {
        at = stringEnd(bytes, at, end);
        if (at === -1) return -1;
        inString = false;
        if (depth === 0) return at;
      }
      at = structureEnd(bytes, at, end);
      if (at === -1 || !inString) return at;
    }
  }

  return {
    begin(firstByte) {
      depth = 0;
      inString = false;
      escaped = false;
      isScalar = firstByte !== QUOTE && firstByte !== OPEN_BRACE && firstByte !== OPEN_BRACKET;
    },
    scan,
  };
}

function scalarEnd(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte <= 0x20 || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return at;
  }
  return -1;
}
