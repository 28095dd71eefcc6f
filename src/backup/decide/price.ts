/** What a drill costs at most, from a small dated table; what the table does not know is said, not guessed. Pure. */
import { HOUR } from '../../kernel/time.js';

/** On-demand prices of MySQL, Single-AZ, in us-east-1, as AWS published them by then. */
const PRICES_AS_OF = '2025-06-01';

const HOURLY_USD: Readonly<Record<string, number>> = {
  'db.t3.micro': 0.017,
  'db.t3.small': 0.034,
  'db.t3.medium': 0.068,
  'db.t3.large': 0.136,
  'db.t3.xlarge': 0.272,
  'db.t3.2xlarge': 0.544,
  'db.t4g.micro': 0.016,
  'db.t4g.small': 0.032,
  'db.t4g.medium': 0.065,
  'db.t4g.large': 0.129,
  'db.t4g.xlarge': 0.258,
  'db.t4g.2xlarge': 0.517,
  'db.m5.large': 0.171,
  'db.m5.xlarge': 0.342,
  'db.m5.2xlarge': 0.684,
  'db.m5.4xlarge': 1.368,
  'db.m6g.large': 0.152,
  'db.m6g.xlarge': 0.304,
  'db.m6g.2xlarge': 0.608,
  'db.m6g.4xlarge': 1.216,
  'db.m6i.large': 0.171,
  'db.m6i.xlarge': 0.342,
  'db.m6i.2xlarge': 0.684,
  'db.m7g.large': 0.168,
  'db.m7g.xlarge': 0.337,
  'db.m7g.2xlarge': 0.674,
  'db.r5.large': 0.24,
  'db.r5.xlarge': 0.48,
  'db.r5.2xlarge': 0.96,
  'db.r6g.large': 0.215,
  'db.r6g.xlarge': 0.43,
  'db.r6g.2xlarge': 0.859,
  'db.r6i.large': 0.25,
  'db.r6i.xlarge': 0.5,
  'db.r7g.large': 0.239,
  'db.r7g.xlarge': 0.478,
};
const STORAGE_GB_MONTH_USD = 0.115;
const HOURS_A_MONTH = 730;
/** RDS bills ten minutes at least. */
const LEAST_HOURS = 1 / 6;
/** Prices elsewhere stand above those of us-east-1; the cap must hold in the dearest. */
const REGION_MARGIN = 1.6;

export interface DrillCost {
  /** Upper bound for the whole time to live; null where the class has no price here. */
  readonly usd: number | null;
  readonly asOf: string;
  readonly why: string;
}

/** @param ttl milliseconds that the copy may live at most */
export function drillCost(drill: {
  class: string;
  multiAz: boolean;
  storageGb: number;
  ttl: number;
  region: string;
}): DrillCost {
  const hourly = HOURLY_USD[drill.class];
  if (hourly === undefined)
    return { usd: null, asOf: PRICES_AS_OF, why: `${drill.class} is not in the table of prices` };
  const hours = Math.max(LEAST_HOURS, drill.ttl / HOUR);
  const factor = (drill.multiAz ? 2 : 1) * (drill.region === 'us-east-1' ? 1 : REGION_MARGIN);
  const storage = (drill.storageGb * STORAGE_GB_MONTH_USD) / HOURS_A_MONTH;
  const usd = (hourly + storage) * hours * factor;
  const margin =
    factor === 1 || drill.region === 'us-east-1' ? '' : `, with ${REGION_MARGIN} times for the region`;
  return {
    usd: Math.ceil(usd * 100) / 100,
    asOf: PRICES_AS_OF,
    why: `${hours.toFixed(1)} h of ${drill.class} and ${drill.storageGb} GB at most${margin}`,
  };
}
