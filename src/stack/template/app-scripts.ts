/** What a server's instance runs beside its container: it asks the metadata service, and ends in time. */

/** The balancer goes on sending for some seconds after it was told that an instance leaves. */
export const LEAVE_SECONDS = 15;

export const METADATA_SCRIPT = '/usr/local/sbin/roc-metadata';
export const DRAIN_SCRIPT = '/usr/local/sbin/roc-drain';

/**
 * IMDSv2: a token first, then the question. An answer that is dropped on its way, as it is beyond the hop limit, ends in
 * two seconds and not never. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export const METADATA = `#!/bin/bash
# Prints what the metadata service says under a path; fails where it does not answer in time.
set -euo pipefail
base=\${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}/latest
token=$(curl -sf --max-time 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$base/api/token")
curl -sf --max-time 2 -H "X-aws-ec2-metadata-token: $token" "$base/meta-data/$1"
`;

/** As `roc scale` names this machine when it takes its server out of service. */
export const INSTANCE_ID_COMMANDS = [
  `for try in 1 2 3 4 5 6; do id=$(${METADATA_SCRIPT} instance-id) && break; [ $try -lt 6 ]; sleep 2; done`,
  'echo "ROC_SERVER__INSTANCE_ID=$id" >> /etc/roc/env',
];

export const DRAIN = `#!/bin/bash
# Stops the container as soon as the group says that this instance is to end, and the balancer has heard of it.
while true; do
  state=$(${METADATA_SCRIPT} autoscaling/target-lifecycle-state) || state=
  if [ "$state" = Terminated ]; then
    sleep ${LEAVE_SECONDS}
    systemctl stop roc.service || exit 1
    exit 0
  fi
  sleep 5
done
`;

export const DRAIN_UNIT = `[Unit]
Description=roc: ends the container before the instance ends
After=roc.service

[Service]
ExecStart=${DRAIN_SCRIPT}
Restart=on-failure

[Install]
WantedBy=multi-user.target
`;
