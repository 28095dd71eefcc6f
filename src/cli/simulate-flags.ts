/** The flags of `roc scale simulate`. */
import { Flags } from '@oclif/core';
import { awsFlags } from './aws-flags.js';

const fleetFlags = {
  fleet: Flags.string({
    summary: 'small is 2 to 6 instances, medium 2 to 14; by default what the first policy says of its own',
    options: ['small', 'medium'],
    helpGroup: 'FLEET',
  }),
  min: Flags.integer({ summary: 'least instances', min: 1, helpGroup: 'FLEET', helpValue: 'N' }),
  max: Flags.integer({ summary: 'most instances', min: 1, helpGroup: 'FLEET', helpValue: 'N' }),
  capacity: Flags.string({
    summary:
      'what one instance carries at 100 %, in the unit of the file; by default the peak fits the fleet',
    helpGroup: 'FLEET',
    helpValue: 'NUMBER',
  }),
  boot: Flags.string({
    summary: 'from launch to service; 3m where the policy says auto',
    helpGroup: 'FLEET',
    helpValue: 'TIME',
  }),
  drain: Flags.string({
    summary: 'billed after leaving; what the policy says',
    helpGroup: 'FLEET',
    helpValue: 'TIME',
  }),
  lag: Flags.string({ summary: 'how late metrics are; 1m', helpGroup: 'FLEET', helpValue: 'TIME' }),
  slo: Flags.string({
    summary: 'utilisation above which a minute is a violation; what the policy says',
    helpGroup: 'FLEET',
    helpValue: 'SHARE',
  }),
  price: Flags.string({
    summary: 'dollars of an instance-hour; 0.0208 (t3.small)',
    helpGroup: 'FLEET',
    helpValue: 'USD',
  }),
};

const faultFlags = {
  outage: Flags.string({
    summary: 'metrics fail so long once a day',
    helpGroup: 'FAULTS',
    helpValue: 'TIME',
  }),
  'outage-as': Flags.string({
    summary: 'what an outage of metrics looks like',
    options: ['missing', 'zero'],
    default: 'missing',
    helpGroup: 'FAULTS',
  }),
  'drop-outs': Flags.string({
    summary: 'share of minutes without metrics',
    helpGroup: 'FAULTS',
    helpValue: 'SHARE',
  }),
  'launch-failures': Flags.string({
    summary: 'share of launches that fail and start again',
    helpGroup: 'FAULTS',
    helpValue: 'SHARE',
  }),
  'zone-loss-at': Flags.string({
    summary: 'every second instance is lost so long after the start',
    helpGroup: 'FAULTS',
    helpValue: 'TIME',
  }),
  seed: Flags.integer({ summary: 'of the faults', default: 1, helpGroup: 'FAULTS', helpValue: 'N' }),
};

export const simulateFlags = {
  policy: Flags.string({
    summary: 'policy file; repeatable; the shipped one by default',
    helpValue: 'FILE',
    multiple: true,
  }),
  against: Flags.string({
    summary: 'baselines, joined by commas',
    helpValue: 'NAMES',
    default: 'hpa60w60,tt50,static4,oracle',
  }),
  output: Flags.string({
    summary: 'also write FILE in FORMAT: html, svg or json; repeatable',
    helpValue: 'FILE=FORMAT',
    multiple: true,
  }),
  frontier: Flags.boolean({
    summary: 'sweep every contender with one budget: hours for 0.5, 1 and 2 % of avoidable violations',
  }),
  suggest: Flags.boolean({ summary: 'tune every contender on the first 70 %, show the last 30 %' }),
  budget: Flags.string({
    summary: 'avoidable violations that --suggest allows, in percent',
    helpValue: 'PERCENT',
    default: '0.5',
  }),
  'max-avoidable': Flags.string({
    summary: 'exit 3 when the first policy has more avoidable violations than this, in percent',
    helpValue: 'PERCENT',
  }),
  column: Flags.string({
    summary: 'header of the column that holds the demand',
    helpValue: 'NAME',
  }),
  zeros: Flags.string({
    summary: 'what a value of exactly 0 is',
    options: ['demand', 'missing'],
    default: 'demand',
  }),
  'allow-gaps': Flags.boolean({ summary: 'simulate a series of which more than 20 % is missing' }),
  chart: Flags.boolean({
    summary: 'draw each series; by default where there are at most three',
    allowNo: true,
  }),
  ascii: Flags.boolean({ summary: 'letters instead of bars and lines' }),
  ...fleetFlags,
  ...faultFlags,
  ...awsFlags,
};
