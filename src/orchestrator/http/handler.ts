/** What a route's handler is given and what it may answer, typed by the route's contract. */
import type { Readable } from 'node:stream';
import type { Log } from '../../kernel/log.js';
import type {
  Contracts,
  ParsedBodyOf,
  ParsedParamsOf,
  ParsedQueryOf,
  ReplyOf,
} from '../../protocol/contracts.js';
import type { ROUTES, RouteId } from '../../protocol/routes.js';
import type { JobCaller, KeyCaller, RunnerCaller, UserCaller } from '../auth/caller.js';
import type { Sight } from '../decide/reach.js';
import type { AuditFacts } from './audit-rules.js';
import type { Transact } from './idempotency.js';

type AccessOf<K extends RouteId> = (typeof ROUTES)[K]['access'];

export type CallerOf<K extends RouteId> =
  AccessOf<K> extends 'public'
    ? null
    : AccessOf<K> extends 'runner'
      ? RunnerCaller
      : AccessOf<K> extends 'job'
        ? JobCaller
        : AccessOf<K> extends 'user'
          ? UserCaller
          : UserCaller | KeyCaller;

type BodyOf<K extends RouteId> = Contracts[K] extends { body: 'stream' } ? Readable : ParsedBodyOf<K>;

export interface Call<K extends RouteId> {
  readonly params: ParsedParamsOf<K>;
  readonly query: ParsedQueryOf<K>;
  readonly body: BodyOf<K>;
  readonly caller: CallerOf<K>;
  /** What a list may show to this caller. */
  readonly sight: Sight;
  /** The client's address, as far as proxies are trusted. */
  readonly address: string;
  readonly requestId: string;
  readonly log: Log;
  /** Aborts when the client has gone, the time is over, or the server stops. */
  readonly signal: AbortSignal;
  /** The transaction that does the work; under an Idempotency-Key it is done once and answered the same again. */
  readonly transact: Transact;
  /**
   * Asks again whether this caller may do this: for what is held open longer than a right may outlive its end.
   * @throws RocError as the request itself would
   */
  recheck(): Promise<CallerOf<K>>;
  /** Adds to the audit event of the transaction what its rule cannot know: what was there before, say. */
  tell(facts: AuditFacts): void;
  header(name: string): string | undefined;
  /** Another status than the table's, for a route that has two good ones. */
  setStatus(status: number): void;
  /** Milliseconds that the request was held on purpose; they do not count as latency. */
  addHeldTime(ms: number): void;
  /** Runs when the reply could not be written in full: the client was gone. */
  onUndelivered(undo: () => void): void;
}

/** Bytes as a reply; `sizeBytes` goes into Content-Length, so that a cut is seen. Null: the bytes themselves say where they end. */
export interface ByteReply {
  readonly content: Readable;
  readonly type: string;
  readonly sizeBytes: number | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SseFrame {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

type Answer<K extends RouteId> = Contracts[K] extends { reply: 'stream' }
  ? Promise<ByteReply>
  : Contracts[K] extends { reply: 'sse' }
    ? Promise<AsyncIterable<SseFrame>>
    : Contracts[K] extends { reply: 'empty' }
      ? Promise<void>
      : Promise<ReplyOf<K>>;

export type Handler<K extends RouteId> = (call: Call<K>) => Answer<K>;
export type Handlers = { readonly [K in RouteId]: Handler<K> };
