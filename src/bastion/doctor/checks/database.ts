/** Checks of the database behind the instance. */
import { type Check, fail, pass, present, warn } from '../check.js';
import { rulesAllow } from '../rules.js';

const NONE = 'no database was named';

export const databaseChecks: readonly Check[] = [
  {
    id: 'database-status',
    judge: ({ database }) =>
      present(database, NONE, ({ id, status, endpoint, port }) =>
        status === 'available'
          ? pass(`${id} at ${endpoint}:${port}`)
          : fail(`${id} is ${status}`, 'Wait until it is available, or start it.'),
      ),
  },
  {
    id: 'database-security-group',
    judge: ({ database, instance }) =>
      present(database, NONE, ({ id, port, securityGroups }) =>
        present(instance, 'no EC2 instance', ({ privateIp, securityGroupIds }) => {
          const rules = securityGroups.flatMap(({ ingress }) => ingress);
          return rulesAllow(rules, port, { ip: privateIp, groups: securityGroupIds })
            ? pass(`${port} from the instance is let in`)
            : fail(
                `${id} does not let ${port} in from the instance`,
                `Allow TCP ${port} from the security group of the instance.`,
              );
        }),
      ),
  },
  {
    id: 'database-iam',
    judge: ({ database }) =>
      present(database, NONE, ({ id, iamAuth }) =>
        iamAuth
          ? pass('IAM authentication is on')
          : warn(
              `${id} has no IAM authentication`,
              'Turn it on to sign in with a token, or keep to the secret.',
            ),
      ),
  },
];
