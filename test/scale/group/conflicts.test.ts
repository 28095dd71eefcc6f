import { describe, expect, test } from 'vitest';
import { conflictsOf, type Place } from '../../../src/scale/group/conflicts.js';
import type { Contenders, ScalingPolicy } from '../../../src/scale/group/facts.js';
import { testPolicy } from '../../helpers/scale/controller.js';

const GROUP: Place = { kind: 'group', name: 'roc-app', region: 'eu-west-1' };
const SERVICE: Place = { kind: 'service', name: 'service/roc/roc-app', region: 'eu-west-1' };

function policy(more: Partial<ScalingPolicy>): ScalingPolicy {
  return {
    ...{ name: 'theirs', type: 'TargetTrackingScaling', isEnabled: true, target: 80, isOutOnly: true },
    ...{ metric: 'ASGAverageCPUUtilization', mode: null, ...more },
  };
}

const found = (contenders: Partial<Contenders>, place = GROUP) =>
  conflictsOf({ policies: [], scheduled: [], rollout: null, ...contenders }, testPolicy(), place);

describe('what would move the group against roc', () => {
  test.each<[string, Partial<ScalingPolicy>]>([
    ['a floor at the SLO that only adds', {}],
    ['a floor on another metric, such as requests', { metric: 'ALBRequestCountPerTarget', target: 900 }],
    ['a policy that is switched off', { type: 'StepScaling', isEnabled: false }],
    ['a forecast that is only looked at', { type: 'PredictiveScaling', mode: 'ForecastOnly' }],
  ])('%s is welcome', (_, more) => {
    expect(found({ policies: [policy(more)] })).toEqual([]);
  });

  test.each<[string, Partial<ScalingPolicy>, RegExp]>([
    ['target tracking that scales in', { isOutOnly: false }, /^scale-in:theirs$/],
    ['a floor below what roc aims at', { target: 50 }, /^floor-too-low:theirs$/],
    ['steps', { type: 'StepScaling', metric: null, target: null, isOutOnly: false }, /^policy:theirs$/],
    ['a simple policy', { type: 'SimpleScaling', metric: null, target: null }, /^policy:theirs$/],
    ['a forecast that acts', { type: 'PredictiveScaling', mode: 'ForecastAndScale' }, /^predictive:theirs$/],
    ['a kind that is not known yet', { type: 'SomethingNew' }, /^policy:theirs$/],
  ])('%s is refused, with the command that ends it', (_, more, id) => {
    const [conflict, ...others] = found({ policies: [policy(more)] });
    expect(others).toEqual([]);
    expect(conflict?.id).toMatch(id);
    expect(conflict?.fix).toContain(
      'aws autoscaling delete-policy --region eu-west-1 --auto-scaling-group-name roc-app --policy-name theirs',
    );
  });

  test('a scheduled action is refused, and its name is safe to paste', () => {
    const scheduled = [{ name: "night'; rm -rf /", when: '0 22 * * *', min: 1, max: null, desired: null }];
    const [conflict] = found({ scheduled });
    expect(conflict?.fix).toContain(`--scheduled-action-name 'night'\\''; rm -rf /'`);
  });

  test('of a service of ECS the commands are those of Application Auto Scaling', () => {
    const [conflict] = found({ policies: [policy({ isOutOnly: false })] }, SERVICE);
    expect(conflict?.fix).toContain(
      'aws application-autoscaling delete-scaling-policy --region eu-west-1 --service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id service/roc/roc-app',
    );
  });
});
