/** The policy of `roc scale` once read: plain data, durations in milliseconds, shares between 0 and 1. */

/** Hours of a week in a time zone; `to` before `from` reaches into the next day. */
export interface WeekWindow {
  readonly days: readonly Weekday[];
  /** `HH:MM`, local to the time zone. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timezone: string;
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export interface DateWindow {
  /** Epoch milliseconds; `to` is not part of it. */
  readonly from: number;
  readonly to: number;
}

export type FreezeWindow = WeekWindow | DateWindow;

export interface ScheduledFloor extends WeekWindow {
  /** Least instances while the window is open; never above `bounds.max`. */
  readonly min: number;
}

export interface ScalePolicy {
  readonly version: 1;
  /** What is scaled and what is looked at; what is left out comes from the outputs of the stack. */
  readonly target: {
    readonly asg?: string | undefined;
    readonly ecs?: { readonly cluster: string; readonly service: string } | undefined;
    readonly targetGroup?: string | undefined;
    readonly dbInstance?: string | undefined;
  };
  readonly bounds: {
    readonly min: number;
    readonly max: number;
    readonly perAz: number;
    readonly maxStepOut: number;
    readonly maxStepIn: number;
  };
  readonly signal: {
    readonly primary: 'requests' | 'cpu';
    /** Requests a minute that keep one instance 100 % busy; `auto` learns it from CPU and requests. */
    readonly capacityPerInstance: number | 'auto';
    /** Utilisation to aim at. */
    readonly targetUtil: number;
    /** Utilisation above which a minute is a violation. */
    readonly sloUtil: number;
  };
  readonly timing: {
    readonly poll: number;
    /** A bucket counts this long after its end, not before: CloudWatch still writes to it. */
    readonly settle: { readonly alb: number; readonly ec2: number; readonly rds: number };
    /** From launch to service; `auto` is what the group's own launches took (90th percentile). */
    readonly boot: number | 'auto';
    readonly drain: number;
    /** Data older than this is stale: nothing is scaled in. */
    readonly maxAge: number;
  };
  readonly scaleIn: {
    /** Capacity is cut only to what this much of the past would have needed. */
    readonly window: number;
    readonly cooldown: number;
    readonly flapBudget: { readonly actions: number; readonly per: number };
    readonly freeze: readonly FreezeWindow[];
  };
  readonly learn: {
    /** Follow the way of reckoning that would have cost least on the group's own past. */
    readonly mode: 'on' | 'off';
    /** Instance-minutes that a minute above the SLO is worth; `auto` takes it from how far the target is below the SLO. */
    readonly violationCost: number | 'auto';
  };
  readonly forecast: {
    readonly mode: 'off' | 'trend' | 'seasonal';
    /** Share of past forecast errors that the margin covers. */
    readonly band: number;
    readonly seasonal: { readonly period: number; readonly days: number; readonly look: number };
  };
  readonly credits: {
    readonly mode: 'auto' | 'off';
    /** CPU credits below which an instance counts as running dry. */
    readonly minBalance: number;
  };
  readonly rails: {
    /** Share of the database's connections that the fleet's pools may hold. */
    readonly dbConnFraction: number;
    /** Connections in the pool of one instance. */
    readonly dbPool: number;
    /** Share of the database's CPU above which more instances would not help. */
    readonly dbCpu: number;
    readonly unhealthyStop: boolean;
    readonly drainJobs: boolean;
  };
  /** `floor`: a plan says what AWS's own scaling lacks as a floor. `observe`: it is left alone. */
  readonly native: { readonly mode: 'observe' | 'floor' };
  readonly schedule: readonly ScheduledFloor[];
}
