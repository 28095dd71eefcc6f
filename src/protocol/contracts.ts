/** The shape of every route's parameters, query, body and reply; the server validates with it, OpenAPI is made from it. */
import type { z } from 'zod';
import { assetContracts } from './contracts/assets.js';
import { auditContracts } from './contracts/audit.js';
import { authContracts } from './contracts/auth.js';
import { catalogContracts } from './contracts/catalog.js';
import { deploymentContracts } from './contracts/deployments.js';
import { evidenceContracts } from './contracts/evidence.js';
import { jobContracts } from './contracts/jobs.js';
import { keyContracts } from './contracts/keys.js';
import { nodeContracts } from './contracts/nodes.js';
import { processContracts } from './contracts/processes.js';
import { publisherContracts } from './contracts/publishers.js';
import { robotContracts } from './contracts/robots.js';
import { roleContracts } from './contracts/roles.js';
import { runnerContracts } from './contracts/runner.js';
import { runnersContracts } from './contracts/runners.js';
import { tenantContracts } from './contracts/tenants.js';
import { userContracts } from './contracts/users.js';
import type { RouteId } from './routes.js';

export interface Contract {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** A schema for JSON, or `stream` for raw bytes. */
  readonly body?: z.ZodType | 'stream';
  /** Largest body, where it is not that of the route's URL class. */
  readonly bodyBytes?: number;
  /** A schema for JSON, `stream` for raw bytes, `sse` for an event stream, `empty` for 204. */
  readonly reply: z.ZodType | 'stream' | 'sse' | 'empty';
}

export const CONTRACTS = {
  ...authContracts,
  ...catalogContracts,
  ...robotContracts,
  ...deploymentContracts,
  ...processContracts,
  ...jobContracts,
  ...runnersContracts,
  ...keyContracts,
  ...assetContracts,
  ...publisherContracts,
  ...auditContracts,
  ...evidenceContracts,
  ...userContracts,
  ...roleContracts,
  ...tenantContracts,
  ...runnerContracts,
  ...nodeContracts,
} satisfies Record<RouteId, Contract>;

export type Contracts = typeof CONTRACTS;

type Part<K extends RouteId, P extends keyof Contract> =
  Contracts[K] extends Record<P, infer S> ? S : undefined;
type Input<S> = S extends z.ZodType ? z.input<S> : undefined;
type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a caller sends. */
export type ParamsOf<K extends RouteId> = Input<Part<K, 'params'>>;
export type QueryOf<K extends RouteId> = Input<Part<K, 'query'>>;
export type BodyOf<K extends RouteId> = Input<Part<K, 'body'>>;
/** What a caller receives. */
export type ReplyOf<K extends RouteId> = Output<Part<K, 'reply'>>;
/** What a handler receives, defaults filled in. */
export type ParsedParamsOf<K extends RouteId> = Output<Part<K, 'params'>>;
export type ParsedQueryOf<K extends RouteId> = Output<Part<K, 'query'>>;
export type ParsedBodyOf<K extends RouteId> = Output<Part<K, 'body'>>;
