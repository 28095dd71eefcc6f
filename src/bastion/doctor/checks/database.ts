/** Checks of the database behind the instance. */
import { type Check, type Finding, fail, notApplicable, pass, present, warn } from '../check.js';
import { ABSENT, type DatabaseFacts, type DoctorFacts } from '../facts.js';
import { rulesAllow } from '../rules.js';

const NONE = 'no database was named';

export const databaseChecks: readonly Check[] = [
  {
    id: 'database-status',
    judge: ({ database, region }) =>
      present(database, NONE, ({ id, status, endpoint, port }) => {
        if (status === 'available') return pass(`${id} at ${endpoint}:${port}`);
        return status === ABSENT
          ? fail(`RDS has no instance or cluster ${id} in ${region}`, 'Check --database and --region.')
          : fail(`${id} is ${status}`, 'Wait until it is available, or start it.');
      }),
  },
  {
    id: 'database-security-group',
    judge: ({ database, instance }) =>
      there(database, ({ id, port, securityGroups }) =>
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
      there(database, ({ id, iamAuth }) =>
        iamAuth
          ? pass('IAM authentication is on')
          : warn(
              `${id} has no IAM authentication`,
              'Turn it on to sign in with a token, or keep to the secret.',
            ),
      ),
  },
];

function there(database: DoctorFacts['database'], judge: (database: DatabaseFacts) => Finding): Finding {
  return present(database, NONE, (found) =>
    found.status === ABSENT ? notApplicable('there is no such database') : judge(found),
  );
}
