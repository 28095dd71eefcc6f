/** Bytes between threads: a Buffer arrives as a plain Uint8Array, and only memory of its own can move. */

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// A buffer that shares its memory with others is copied by the message.
export function transferable({ buffer }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength >= 64 * 1024 ? [buffer] : [];
}
