/** The tables of jobs: what each is, which wait, which are held by a runner, and what became of them. */
import type { JobState } from '../../protocol/job-states.js';
import type { OnLost } from '../decide/on-lost.js';

export interface JobTable {
  id: string;
  tenant_id: string;
  project_id: string;
  process_id: string;
  environment_id: string;
  deployment_id: string;
  robot_id: string;
  version_id: string;
  pool_id: string;
  lane: string;
  priority: number;
  state: JobState;
  attempt: number;
  max_attempts: number;
  epoch: number;
  on_lost: OnLost;
  timeout_ms: number;
  run_at: number;
  input: string;
  output: string | null;
  error: string | null;
  progress: string | null;
  /** Name of the runner that had or has the newest lease. */
  runner: string | null;
  retry_of: string | null;
  event_seq: number;
  log_lines: number;
  log_bytes: number;
  created_by: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  /** Filler that no reader cares about: see spare-room.ts. */
  spare: string | null;
}

/** Queued jobs, and nothing else: small, so that a claim stays fast whatever the history. */
export interface JobReadyTable {
  job_id: string;
  tenant_id: string;
  pool_id: string;
  lane: string;
  priority: number;
  ready_at: number;
}

/** Jobs that wait for a time: of their own, or of a retry. */
export interface JobScheduledTable {
  job_id: string;
  run_at: number;
}

export interface JobLeaseTable {
  job_id: string;
  tenant_id: string;
  runner_id: string;
  session_epoch: number;
  epoch: number;
  attempt: number;
  lease_until: number;
  leased_at: number;
  /** Null until the runner said that the robot starts: such a lease goes back without counting the attempt. */
  started_at: number | null;
  progress: string | null;
  next_log_seq: number;
  log_lines: number;
  log_bytes: number;
}

/** How each epoch ended: the answer that a repeated completion gets again. */
export interface JobResultTable {
  job_id: string;
  epoch: number;
  runner_id: string;
  result_id: string;
  state: JobState;
  created_at: number;
}

export interface JobEventTable {
  job_id: string;
  seq: number;
  id: string;
  type: string;
  attempt: number;
  epoch: number;
  state: JobState;
  detail: string | null;
  created_at: number;
}

export interface JobLogTable {
  job_id: string;
  attempt: number;
  seq: number;
  logged_at: number;
  stream: 'stdout' | 'stderr' | 'system';
  line: string;
}
