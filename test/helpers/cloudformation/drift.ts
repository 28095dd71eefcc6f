/** Drift detection of the fake: started, looked at twice, then told. */
import { AwsFault, type FakeHandlers } from '../aws-model/fake-aws.js';
import type { Cloud } from './handlers.js';
import type { FakeStack } from './stack.js';

// Types of the tests' templates whose drift CloudFormation does not detect.
const UNSUPPORTED = ['AWS::SSM::Parameter'];

export function driftHandlers(cloud: Cloud, find: (name: string) => FakeStack): FakeHandlers {
  return {
    'cloudformation:DetectStackDrift': (input) => {
      const stack = find(String(input['StackName']));
      if (/_IN_PROGRESS$/.test(stack.status) || /^ROLLBACK_|^DELETE_/.test(stack.status))
        throw new AwsFault(
          'ValidationError',
          `Stack [${stack.name}] is in ${stack.status} state and its drift cannot be detected`,
        );
      const id = cloud.nextId();
      cloud.driftLooks.set(id, 2);
      return { StackDriftDetectionId: id };
    },
    'cloudformation:DescribeStackDriftDetectionStatus': (input) => {
      const id = String(input['StackDriftDetectionId']);
      const left = cloud.driftLooks.get(id);
      if (left === undefined) throw new AwsFault('ValidationError', `Drift detection ${id} does not exist`);
      cloud.driftLooks.set(id, left - 1);
      const stack = [...cloud.stacks.values()].find(({ deletedAt }) => deletedAt === undefined)!;
      return {
        StackId: stack.id,
        StackDriftDetectionId: id,
        DetectionStatus: left > 0 ? 'DETECTION_IN_PROGRESS' : 'DETECTION_COMPLETE',
        StackDriftStatus: left > 0 ? undefined : cloud.drift.size > 0 ? 'DRIFTED' : 'IN_SYNC',
        DriftedStackResourceCount: left > 0 ? undefined : cloud.drift.size,
        Timestamp: cloud.now(),
      };
    },
    'cloudformation:DescribeStackResourceDrifts': (input) => {
      const stack = find(String(input['StackName']));
      return {
        StackResourceDrifts: [...stack.resources.values()].flatMap((resource) => {
          if (UNSUPPORTED.includes(resource.type)) return [];
          const drift = cloud.drift.get(resource.logicalId);
          const actual = { ...resource.properties, ...drift?.actual };
          return [
            {
              StackId: stack.id,
              LogicalResourceId: resource.logicalId,
              PhysicalResourceId: resource.physicalId,
              ResourceType: resource.type,
              StackResourceDriftStatus: drift?.status ?? 'IN_SYNC',
              Timestamp: cloud.now(),
              ...(drift?.status === 'DELETED'
                ? {}
                : {
                    ExpectedProperties: JSON.stringify(resource.properties),
                    ActualProperties: JSON.stringify(actual),
                    PropertyDifferences: Object.entries(drift?.actual ?? {}).map(([name, value]) => ({
                      PropertyPath: `/${name}`,
                      ExpectedValue: text(resource.properties[name]),
                      ActualValue: text(value),
                      DifferenceType: resource.properties[name] === undefined ? 'ADD' : 'NOT_EQUAL',
                    })),
                  }),
            },
          ];
        }),
      };
    },
  };
}

function text(value: unknown): string {
  if (value === undefined) return 'null';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
