/** The opening of a SOCKS5 connection (RFC 1928: CONNECT, no authentication) as a pure machine. */

export type SocksStep =
  | { readonly do: 'write'; readonly bytes: Buffer }
  | { readonly do: 'connect'; readonly host: string; readonly port: number; readonly rest: Buffer }
  /** After a reply, if there was one to give. */
  | { readonly do: 'close' };

export const SOCKS_REPLY = { ok: 0, forbidden: 2, unreachable: 4, noCommand: 7, noAddressType: 8 } as const;

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** A greeting and a request of the longest name fit well below this. */
const LIMIT = 1024;

export function socksReply(reply: number): Buffer {
  return Buffer.from([VERSION, reply, 0, ADDRESS.ipv4, 0, 0, 0, 0, 0, 0]);
}

export class SocksHead {
  #bytes = Buffer.alloc(0);
  #isGreeted = false;

  feed(chunk: Buffer): SocksStep[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > LIMIT || (this.#bytes[0] ?? VERSION) !== VERSION) return [{ do: 'close' }];
    if (this.#isGreeted) return this.#request();
    const greeting = this.#greeting();
    return this.#isGreeted ? [...greeting, ...this.#request()] : greeting;
  }

  #greeting(): SocksStep[] {
    const count = this.#bytes[1];
    if (count === undefined || this.#bytes.length < 2 + count) return [];
    const isOpen = this.#bytes.subarray(2, 2 + count).includes(NO_AUTHENTICATION);
    this.#isGreeted = isOpen;
    this.#bytes = this.#bytes.subarray(2 + count);
    const answer: SocksStep = {
      do: 'write',
      bytes: Buffer.from([VERSION, isOpen ? NO_AUTHENTICATION : 0xff]),
    };
    return isOpen ? [answer] : [answer, { do: 'close' }];
  }

  #request(): SocksStep[] {
    const bytes = this.#bytes;
    const [version, command, , type = 0, length = 0] = bytes;
    if (bytes.length < 5) return [];
    if (version !== VERSION) return [{ do: 'close' }];
    if (command !== CONNECT) return refused(SOCKS_REPLY.noCommand);
    const sizes: Record<number, number> = {
      [ADDRESS.ipv4]: 4,
      [ADDRESS.ipv6]: 16,
      [ADDRESS.name]: 1 + length,
    };
    const size = sizes[type];
    if (size === undefined) return refused(SOCKS_REPLY.noAddressType);
    const end = 4 + size + 2;
    if (bytes.length < end) return [];
    const host = addressText(type, bytes.subarray(4, 4 + size));
    return [{ do: 'connect', host, port: bytes.readUInt16BE(end - 2), rest: bytes.subarray(end) }];
  }
}

function refused(reply: number): SocksStep[] {
  return [{ do: 'write', bytes: socksReply(reply) }, { do: 'close' }];
}

function addressText(type: number, address: Buffer): string {
  if (type === ADDRESS.ipv4) return address.join('.');
  if (type === ADDRESS.name) return address.toString('latin1', 1);
  return (address.toString('hex').match(/.{4}/g) ?? []).join(':');
}
