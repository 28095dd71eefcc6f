/** Packages that must be refused, each with a word of the reason; made anew at each call, nothing of them is stored. */
import { deflateRawSync } from 'node:zlib';
import {
  DESCRIPTOR,
  descriptorOf,
  extraField,
  type RawEntry,
  type RawZip,
  rawZip,
  unixMode,
} from './raw-zip.js';
import { ROBOT_YAML } from './robot-folder.js';

export interface HostileArchive {
  readonly name: string;
  make(): Buffer;
  /** What the refusal says. */
  readonly says: RegExp;
}

const ROBOT: RawEntry = { name: 'robot.yaml', content: ROBOT_YAML };
const TEXT = 'console.log("harmless")\n';

/** Every archive holds a good robot.yaml first, unless it is about that. */
export const HOSTILE_ARCHIVES: readonly HostileArchive[] = [
  ...badNames(),
  ...badTypes(),
  ...badPairs(),
  ...badMethods(),
  ...badHeaders(),
  ...badLayouts(),
  ...bombs(),
  ...zip64Lies(),
  ...badManifests(),
];

/** A good robot with one more entry. */
function withEntry(entry: Partial<RawEntry>, zip: Partial<RawZip> = {}): Buffer {
  return rawZip({ entries: [ROBOT, { name: 'main.js', content: TEXT, ...entry }], ...zip });
}

function hostile(name: string, says: RegExp, make: () => Buffer): HostileArchive {
  return { name, says, make };
}

function badNames(): HostileArchive[] {
  const names: [string, RegExp][] = [
    ['../evil', /"\.\."/],
    ['..', /"\.\."/],
    ['a/../../evil', /"\.\."/],
    ['a/..', /"\.\."/],
    ['./a', /"\."/],
    ['a//b', /empty part/],
    ['', /empty/],
    ['/', /empty/],
    ['/etc/passwd', /absolute/],
    ['//host/share', /absolute/],
    ['C:/evil', /drive letter/],
    ['c:evil', /drive letter/],
    ['..\\evil', /backslash/],
    ['a\\b', /backslash/],
    ['\\\\host\\share', /backslash/],
    ['a\0.txt', /control character/],
    ['a\u001b[2Jb', /control character/],
    ['a\nb', /control character/],
    ['a\u0085b', /control character/],
    ['gpj.\u202esj', /deceives/],
    ['a\u2028b', /deceives/],
    ['main.js:evil', /Windows refuses/],
    ['what?', /Windows refuses/],
    ['a/b.', /dot or a space/],
    ['a./b', /dot or a space/],
    ['b ', /dot or a space/],
    ['...', /dot or a space/],
    ['CON', /device name/],
    ['nul.txt', /device name/],
    ['a/aux.tar.gz', /device name/],
    ['Com1', /device name/],
    ['LPT\u00b2.log', /device name/],
    ['conout$', /device name/],
    ['nul .txt', /device name/],
    [`${'n'.repeat(256)}`, /longer than 255/],
    [`${'d/'.repeat(70)}f`, /deeper than/],
    [`${'folder/'.repeat(40)}${'n'.repeat(255)}/${'m'.repeat(255)}/${'o'.repeat(255)}`, /longer than 1024/],
  ];
  return [
    ...names.map(([name, says]) =>
      hostile(`name ${JSON.stringify(name.slice(0, 40))}`, says, () => withEntry({ name })),
    ),
    hostile('name of the folder ../', /"\.\."/, () => withEntry({ name: '../', content: '' })),
    hostile('name that is not UTF-8', /not UTF-8/, () =>
      withEntry({ name: Buffer.from([0x61, 0xff]), flags: 1 << 11 }),
    ),
    hostile('name in another code page', /not UTF-8/, () =>
      withEntry({ name: Buffer.from([0x61, 0x81]), flags: 0 }),
    ),
    hostile('overlong UTF-8 slash', /not UTF-8/, () =>
      withEntry({ name: Buffer.from('2e2ec0af61', 'hex'), flags: 1 << 11 }),
    ),
  ];
}

function badTypes(): HostileArchive[] {
  const types: [string, number, RegExp][] = [
    ['symbolic link', 0o120777, /symbolic link/],
    ['block device', 0o060644, /block device/],
    ['character device', 0o020644, /character device/],
    ['named pipe', 0o010644, /named pipe/],
    ['socket', 0o140644, /socket/],
    ['unknown type', 0o150644, /unknown file type/],
  ];
  return [
    ...types.map(([name, mode, says]) =>
      hostile(name, says, () => withEntry({ content: '/etc/passwd', attributes: unixMode(mode) })),
    ),
    hostile('symbolic link made on DOS', /symbolic link/, () =>
      withEntry({ content: '/etc', madeBy: 0, attributes: unixMode(0o120777) }),
    ),
    hostile('link to a folder, then a file through it', /symbolic link/, () =>
      rawZip({
        entries: [
          ROBOT,
          { name: 'out', content: '/tmp', attributes: unixMode(0o120777) },
          { name: 'out/evil', content: 'x' },
        ],
      }),
    ),
    hostile('hard link (PKWARE Unix field)', /may be a link/, () =>
      withEntry({ extra: extraField(0x000d, Buffer.concat([Buffer.alloc(12), Buffer.from('/etc/passwd')])) }),
    ),
    hostile('link (ASi Unix field)', /may be a link/, () =>
      withEntry({ extra: extraField(0x756e, Buffer.alloc(14)) }),
    ),
    hostile('link only in the local header', /may be a link/, () =>
      withEntry({ local: { extra: extraField(0x000d, Buffer.alloc(12)) } }),
    ),
    hostile('second name (Unicode path field)', /second name/, () =>
      withEntry({ extra: extraField(0x7075, Buffer.from('0100000000', 'hex')) }),
    ),
    hostile('folder that says it is a file', /disagree/, () =>
      withEntry({ name: 'dir/', content: '', attributes: unixMode(0o100644) }),
    ),
    hostile('file that says it is a folder', /disagree/, () => withEntry({ attributes: unixMode(0o040755) })),
    hostile('file with the DOS mark of a folder', /disagree/, () =>
      withEntry({ madeBy: 0, attributes: 0x10 }),
    ),
    hostile('folder with content', /folder with content/, () => withEntry({ name: 'dir/' })),
  ];
}

function badPairs(): HostileArchive[] {
  const pairs: [string, string, string, RegExp][] = [
    ['the same name twice', 'a', 'a', /appears twice/],
    ['robot.yaml twice', 'robot.yaml', 'a', /appears twice/],
    ['names that differ in case', 'Main.js', 'main.JS', /clashes/],
    ['robot.yaml in capitals', 'ROBOT.YAML', 'a', /clashes/],
    ['composed and decomposed', 'caf\u00e9', 'cafe\u0301', /clashes/],
    ['sharp s', 'stra\u00dfe', 'STRASSE', /clashes/],
    ['Kelvin sign', '\u212a', 'k', /clashes/],
    ['a character that is not shown', 'a\u200db', 'ab', /clashes/],
    ['ligature', 'o\ufb03ce', 'office', /clashes/],
    ['a file below a file', 'a', 'a/b', /file and a folder/],
    ['a file in place of a folder', 'a/b', 'a', /file and a folder/],
    ['a file below a file, other case', 'A', 'a/b', /file and a folder/],
    ['folders that differ in case', 'Lib/a', 'lib/b', /one folder/],
    ['a folder entry and a file', 'a/', 'a', /file and a folder/],
  ];
  return pairs.map(([name, first, second, says]) =>
    hostile(name, says, () => {
      const entries = [first, second].map((path) => ({
        name: path,
        content: path.endsWith('/') ? '' : TEXT,
      }));
      return rawZip({ entries: [ROBOT, ...entries] });
    }),
  );
}

function badMethods(): HostileArchive[] {
  return [
    hostile('encrypted entry', /encrypted/, () => withEntry({ flags: 1 })),
    hostile('strongly encrypted entry', /entry 2: strong encryption/, () => withEntry({ flags: 0x41 })),
    hostile('masked headers', /encrypted/, () => withEntry({ flags: 1 << 13 })),
    hostile('AES field', /encrypted/, () => withEntry({ extra: extraField(0x9901, Buffer.alloc(7)) })),
    hostile('patched data', /unknown flags/, () => withEntry({ flags: 1 << 5 })),
    ...[1, 6, 9, 12, 14, 93, 95, 99].map((method) =>
      hostile(`compression method ${method}`, /compression method/, () => withEntry({ method })),
    ),
  ];
}

function badHeaders(): HostileArchive[] {
  const locals: [string, NonNullable<RawEntry['local']>][] = [
    ['name', { name: 'evil.js' }],
    ['longer name', { name: 'main.js.exe' }],
    ['method', { method: 0 }],
    ['flags', { flags: 1 << 11 }],
    ['descriptor flag', { flags: DESCRIPTOR }],
    ['checksum', { crc: 1 }],
    ['size', { size: 1 }],
    ['compressed size', { compressedSize: 1 }],
    ['sizes of zero', { crc: 0, size: 0, compressedSize: 0 }],
  ];
  const data = deflateRawSync(TEXT);
  const damaged = Buffer.from(data);
  damaged[0] = 0xff;
  return [
    ...locals.map(([name, local]) =>
      hostile(`local header with another ${name}`, /disagree|overlaps|belong to no entry/, () =>
        withEntry({ local }),
      ),
    ),
    hostile('extra field longer than the header', /malformed|extra field/i, () =>
      withEntry({ local: { extra: Buffer.from('5554ffff00', 'hex') } }),
    ),
    hostile('listed extra field longer than the header', /extra field/i, () =>
      withEntry({ extra: Buffer.from('5554ffff00', 'hex') }),
    ),
    hostile('wrong checksum', /checksum/, () => withEntry({ crc: 0x12345678 })),
    hostile('stored with two sizes', /two sizes differ/, () => withEntry({ method: 0, size: 5 })),
    hostile('says fewer bytes than it holds', /more bytes than it says/, () => withEntry({ size: 3 })),
    hostile('says more bytes than it holds', /fewer bytes than it says/, () => withEntry({ size: 300 })),
    hostile('damaged deflate stream', /damaged/, () => withEntry({ compressed: damaged })),
    hostile('deflate stream cut short', /damaged/, () => withEntry({ compressed: data.subarray(0, -2) })),
    hostile('bytes after the deflate stream', /after the end of its compressed data/, () =>
      withEntry({ compressed: Buffer.concat([data, Buffer.from('hidden')]) }),
    ),
    hostile('descriptor with another checksum', /data descriptor/, () =>
      withEntry({ flags: DESCRIPTOR, trailer: descriptorOf(TEXT, true, { crc: 1 }) }),
    ),
    hostile('descriptor with another size', /data descriptor/, () =>
      withEntry({ flags: DESCRIPTOR, trailer: descriptorOf(TEXT, false, { size: 1 }) }),
    ),
    hostile('descriptor missing', /belong to no entry/, () => withEntry({ flags: DESCRIPTOR })),
    hostile('descriptor of zip64', /belong to no entry/, () =>
      withEntry({ flags: DESCRIPTOR, trailer: Buffer.alloc(24) }),
    ),
    hostile('descriptor without its flag', /belong to no entry/, () =>
      withEntry({ trailer: descriptorOf(TEXT) }),
    ),
  ];
}

function badLayouts(): HostileArchive[] {
  const good = withEntry({});
  const endOnly = Buffer.alloc(22);
  endOnly.writeUInt32LE(0x06054b50, 0);
  return [
    hostile('nothing', /not a zip/, () => Buffer.alloc(0)),
    hostile('an end record only', /empty/, () => endOnly),
    hostile('text', /not a zip/, () => Buffer.from('PK this is no archive, though it begins like one\n')),
    ...[1, 10, 21, 22, 60, good.length - 30].map((bytes) =>
      hostile(`cut short by ${bytes} bytes`, /not a zip/, () => good.subarray(0, -bytes)),
    ),
    hostile('head cut off', /does not end where|before the first/, () => good.subarray(10)),
    hostile('junk before', /does not end where/, () => Buffer.concat([Buffer.from('#!/bin/sh\n'), good])),
    hostile('junk before, offsets honest', /before the first entry/, () =>
      withEntry({}, { prefix: Buffer.from('#!/bin/sh\nexit\n') }),
    ),
    hostile('junk after', /not a zip/, () => Buffer.concat([good, Buffer.from('junk')])),
    hostile('junk between entries', /belong to no entry/, () =>
      withEntry({ trailer: Buffer.from('hidden bytes') }),
    ),
    hostile('junk before the list of entries', /belong to no entry/, () =>
      withEntry({}, { gap: Buffer.from('hidden') }),
    ),
    hostile('junk before the end record', /does not end where/, () =>
      withEntry({}, { beforeEnd: () => Buffer.from('hidden') }),
    ),
    hostile('an archive within the comment', /two ends/, () => withEntry({}, { comment: good })),
    hostile('several disks', /several disks/, () => withEntry({}, { end: { disk: 1 } })),
    hostile('entries on other disks', /several disks/, () => withEntry({}, { end: { entriesHere: 1 } })),
    hostile('fewer entries than listed', /longer or shorter/, () => withEntry({}, { end: { entries: 1 } })),
    hostile('more entries than listed', /signature|outside/, () => withEntry({}, { end: { entries: 3 } })),
    hostile('list shorter than it is', /does not end where/, () =>
      withEntry({}, { end: { directoryBytes: 46 } }),
    ),
    hostile('list elsewhere', /does not end where/, () => withEntry({}, { end: { directoryOffset: 0 } })),
    hostile('entry outside the archive', /overlaps|outside/, () => withEntry({ offset: 0x7fffffff })),
    hostile('entry in the middle of another', /overlaps|local header/, () => withEntry({ offset: 5 })),
    hostile('two entries with the same bytes', /overlaps/, () =>
      rawZip({ entries: [ROBOT, { ...ROBOT, name: 'copy.yaml', isListedOnly: true, offset: 0 }] }),
    ),
    hostile('entries one within another', /overlaps/, nestedOverlap),
  ];
}

/** The shape of the better zip bomb: each entry's data runs over the headers and the data of those after it. */
function nestedOverlap(): Buffer {
  const kernel = deflateRawSync(Buffer.alloc(100_000));
  const inner: RawEntry = { name: 'inner', content: Buffer.alloc(100_000), compressed: kernel };
  const first = rawZip({ entries: [inner] }).subarray(0, 30 + 5 + kernel.length);
  return rawZip({
    entries: [
      ROBOT,
      { name: 'outer', method: 0, content: first },
      { ...inner, isListedOnly: true, offset: rawZip({ entries: [ROBOT] }).indexOf('PK\x01\x02') + 30 + 5 },
    ],
  });
}

const MIB = 1024 * 1024;

function bombs(): HostileArchive[] {
  const zeros = (bytes: number) => deflateRawSync(Buffer.alloc(bytes), { level: 9 });
  return [
    hostile('bomb by ratio', /times its size/, () => withEntry({ content: Buffer.alloc(40 * MIB) })),
    hostile('bomb by ratio over many files', /times its size/, () => {
      const content = Buffer.alloc(2 * MIB);
      const compressed = zeros(content.length);
      const entries = Array.from({ length: 20 }, (_, i) => ({ name: `part-${i}`, content, compressed }));
      return rawZip({ entries: [ROBOT, ...entries] });
    }),
    hostile('bomb that says it is small', /more bytes than it says/, () =>
      withEntry({ content: Buffer.alloc(40 * MIB), size: 1000 }),
    ),
    hostile('small bomb that says it is smaller', /more bytes than it says/, () =>
      withEntry({ content: Buffer.alloc(MIB), size: 10 }),
    ),
    hostile('file too large by its own word', /a file may have/, () => withEntry({ size: 600 * MIB })),
    hostile('too much in all by its own word', /in all/, () =>
      rawZip({
        entries: [ROBOT, ...['a', 'b', 'c'].map((name) => ({ name, content: TEXT, size: 400 * MIB }))],
      }),
    ),
    hostile('10,001 entries', /at most 10000/, () => manyEntries(10_001)),
    hostile('9,000 files, each in folders of its own', /more than 10000 folders/, () =>
      rawZip({
        entries: [ROBOT, ...Array.from({ length: 9000 }, (_, i) => ({ name: `${`${i}/`.repeat(8)}f` }))],
      }),
    ),
    hostile('100,000 entries', /entries/, () => manyEntries(100_000)),
    hostile('a list of entries of 17 MiB', /list of entries takes/, () =>
      rawZip({
        entries: [
          ROBOT,
          ...Array.from({ length: 280 }, (_, i) => ({
            name: `f${i}`,
            content: 'x',
            comment: 'c'.repeat(65_000),
          })),
        ],
      }),
    ),
  ];
}

function manyEntries(count: number): Buffer {
  return rawZip({ entries: [ROBOT, ...Array.from({ length: count - 1 }, (_, i) => ({ name: `f${i}` }))] });
}

function zip64Lies(): HostileArchive[] {
  const sizes = Buffer.alloc(16);
  sizes.writeBigUInt64LE(BigInt(TEXT.length), 0);
  sizes.writeBigUInt64LE(2n ** 60n, 8);
  return [
    hostile('zip64 field', /zip64/, () => withEntry({ extra: extraField(1, sizes) })),
    hostile('zip64 field that takes over the sizes', /zip64/, () =>
      withEntry({ size: 0xffffffff, compressedSize: 0xffffffff, extra: extraField(1, sizes) }),
    ),
    hostile('zip64 field cut short', /zip64/, () =>
      withEntry({ size: 0xffffffff, extra: extraField(1, Buffer.alloc(4)) }),
    ),
    hostile('zip64 field in the local header only', /zip64/, () =>
      withEntry({ local: { extra: extraField(1, sizes) } }),
    ),
    hostile('sizes of zip64 without its field', /a file may have|overlaps/, () =>
      withEntry({ size: 0xffffffff, compressedSize: 0xffffffff }),
    ),
    hostile('zip64 end record', /zip64/, () => withEntry({}, { beforeEnd: zip64End({}) })),
    hostile('zip64 end record with 2^53 entries', /zip64/, () =>
      withEntry({}, { beforeEnd: zip64End({ entries: 2n ** 53n }), end: { entries: 0xffff } }),
    ),
    hostile('zip64 end record that lies outside', /zip64/, () =>
      withEntry({}, { beforeEnd: zip64End({ at: 2n ** 62n }) }),
    ),
    hostile('end record that asks for zip64', /zip64/, () =>
      withEntry({}, { end: { directoryOffset: 0xffffffff } }),
    ),
  ];
}

function zip64End({ entries = 2n, at }: { entries?: bigint; at?: bigint }) {
  return (directoryOffset: number, directoryBytes: number) => {
    const record = Buffer.alloc(56 + 20);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(44n, 4);
    record.writeBigUInt64LE(entries, 24);
    record.writeBigUInt64LE(entries, 32);
    record.writeBigUInt64LE(BigInt(directoryBytes), 40);
    record.writeBigUInt64LE(BigInt(directoryOffset), 48);
    record.writeUInt32LE(0x07064b50, 56);
    record.writeBigUInt64LE(at ?? BigInt(directoryOffset + directoryBytes), 64);
    record.writeUInt32LE(1, 72);
    return record;
  };
}

function badManifests(): HostileArchive[] {
  const only = (content: string | Buffer, name = 'robot.yaml') => rawZip({ entries: [{ name, content }] });
  return [
    hostile('no robot.yaml', /no robot\.yaml/, () => only(TEXT, 'main.js')),
    hostile('robot.yaml in a folder', /no robot\.yaml/, () => only(ROBOT_YAML, 'robot/robot.yaml')),
    hostile('robot.yaml as a folder', /no robot\.yaml/, () => only('', 'robot.yaml/')),
    hostile('robot.yaml that is not UTF-8', /not UTF-8/, () => only(Buffer.from([0x6e, 0xff, 0xfe]))),
    hostile('robot.yaml of 70 KiB', /larger than/, () => only(`${ROBOT_YAML}# ${'x'.repeat(70_000)}`)),
    hostile('robot.yaml that is no YAML', /robot\.yaml:2: Flow sequence/, () => only('name: [totals\n')),
    hostile('robot.yaml with an unknown key', /robot\.yaml:4.*unknown key/, () =>
      only(`${ROBOT_YAML}shell: true\n`),
    ),
    hostile('robot.yaml with a nest of aliases', /alias/i, () =>
      only('a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nname: *c\n'),
    ),
    hostile('robot.yaml nested very deep', /nested too deep/, () =>
      only(`${ROBOT_YAML}inputs: ${'['.repeat(30_000)}`),
    ),
  ];
}
