/** Where a walk stands in its document, and whether what begins there holds records, is one, or only goes with them. */
import type { Container } from './containers.js';
import { type Node, newNode } from './walk-context.js';

interface Frame {
  readonly node: Node;
  readonly isArray: boolean;
  key: string;
  index: number;
}

export type Place = 'enter' | 'record' | 'member';

export interface Frames {
  readonly root: Node;
  depth(): number;
  isInArray(): boolean;
  enter(isArray: boolean): void;
  leave(): void;
  setKey(key: string): void;
  nextElement(): void;
  keepMember(text: string): void;
  isRecordArray(): boolean;
  /** @param opens whether the value that begins is an object, an array, or neither */
  placeOf(opens: 'object' | 'array' | null): Place;
  /** The path of the array that we are in. */
  arrayPath(): (string | number)[];
}

export function createFrames({ paths }: Container): Frames {
  const root = newNode();
  const frames: Frame[] = [];

  function steps(of: readonly Frame[]): (string | number)[] {
    return of.map((frame) => (frame.isArray ? frame.index : frame.key));
  }

  function isRecordArray(): boolean {
    if (frames.at(-1)?.isArray !== true) return false;
    return paths.some(
      (path) =>
        path.length === frames.length &&
        frames.every((frame, i) => path[i] === '*' || (!frame.isArray && path[i] === frame.key)),
    );
  }

  function leads(isArray: boolean): boolean {
    const here = steps(frames);
    return paths.some(
      (path) =>
        path.length > here.length &&
        here.every((key, i) => path[i] === '*' || path[i] === key) &&
        (path[here.length] === '*') === isArray,
    );
  }

  return {
    root,
    depth: () => frames.length,
    isInArray: () => frames.at(-1)?.isArray === true,
    enter(isArray) {
      const parent = frames.at(-1);
      const node = parent === undefined ? root : newNode();
      parent?.node.children.set(parent.isArray ? parent.index : parent.key, node);
      frames.push({ node, isArray, key: '', index: -1 });
    },
    leave: () => void frames.pop(),
    setKey(key) {
      const frame = frames.at(-1);
      if (frame !== undefined) frame.key = key;
    },
    nextElement() {
      const frame = frames.at(-1);
      if (frame?.isArray === true) frame.index++;
    },
    keepMember(text) {
      const frame = frames.at(-1);
      if (frame?.isArray === false) frame.node.members.set(frame.key, text);
    },
    isRecordArray,
    placeOf(opens) {
      if (frames.length === 0) return 'enter';
      if (isRecordArray()) return 'record';
      return opens !== null && leads(opens === 'array') ? 'enter' : 'member';
    },
    arrayPath: () => steps(frames.slice(0, -1)),
  };
}
