/** Burstable instances: what share of a processor each earns credits for, as AWS lists it. Pure. */

/** Percent of each vCPU: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html */
const BASELINES: Readonly<Record<string, number>> = {
  nano: 5,
  micro: 10,
  small: 20,
  medium: 20,
  large: 30,
  xlarge: 40,
  '2xlarge': 40,
};

/** Share of full speed that lasts without credits, 0 to 1; null for a type that does not burst. */
export function burstBaseline(type: string): number | null {
  const [, size = ''] = /^t(?:3|3a|4g)\.(\w+)$/.exec(type) ?? [];
  const percent = BASELINES[size];
  return percent === undefined ? null : percent / 100;
}
