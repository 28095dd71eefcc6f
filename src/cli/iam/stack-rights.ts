/** What CloudFormation does in the caller's name: allowed only when it is CloudFormation that calls. */
import { ANY, type Right } from './right.js';
import { TYPE_ACTIONS } from './stack-types.js';

const BY_CLOUDFORMATION = { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } };

// A load balancer takes a web ACL by a permission of its own, which is no call.
const NO_CALLS = ['elasticloadbalancing:SetWebAcl'];

/** One right a service; names that AWS makes up cannot be known before, so the condition is what narrows it. */
export const CREATE_STACK_RESOURCES: readonly Right[] = byService([
  ...Object.values(TYPE_ACTIONS).flatMap((text) => {
    const [service = '', names = ''] = text.split(': ');
    return names.split(' ').map((name) => `${service}:${name}`);
  }),
  ...NO_CALLS,
]);

function byService(actions: readonly string[]): Right[] {
  const services = [...new Set(actions.map((action) => action.split(':')[0]))].sort();
  return services.map((service) => ({
    actions: [...new Set(actions.filter((action) => action.startsWith(`${service}:`)))].sort(),
    on: ANY,
    when: BY_CLOUDFORMATION,
  }));
}
