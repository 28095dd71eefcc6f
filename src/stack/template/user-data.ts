/** What instances run at their first start: packages from Amazon's own repositories, then units of systemd. */

export interface Unit {
  readonly name: string;
  readonly text: string;
}

export interface UserData {
  readonly packages: readonly string[];
  /** Files by path; written before anything starts. */
  readonly files: Readonly<Record<string, string>>;
  /** Scripts by path, which root alone may read and run. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly units: readonly Unit[];
  readonly enable: readonly string[];
  readonly commands: readonly string[];
}

/** A shell script; a step that fails stops it, so that a half-made host never answers a health check. */
export function userData({ packages, files, programs = {}, units, enable, commands }: UserData): string {
  const all = {
    ...files,
    ...programs,
    ...Object.fromEntries(units.map(({ name, text }) => [`/etc/systemd/system/${name}`, text])),
  };
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    'umask 077',
    `for try in 1 2 3 4 5 6; do dnf install -y ${packages.join(' ')} && break; [ $try -lt 6 ]; sleep 10; done`,
    ...Object.entries(all).map(
      ([path, text]) =>
        `mkdir -p "$(dirname ${path})"\ncat > ${path} <<'ROC_END'\n${text.trimEnd()}\nROC_END`,
    ),
    ...Object.keys(programs).map((path) => `chmod 700 ${path}`),
    'systemctl daemon-reload',
    ...commands,
    // A unit whose image is not pushed yet fails and is tried again; the others start all the same.
    ...enable.map((unit) => `systemctl enable --now ${unit} || true`),
    '',
  ].join('\n');
}

export interface ServerRun {
  readonly image: string;
  readonly region: string;
  readonly logGroup: string;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopSeconds: number;
  /** Pulls the image. */
  readonly imageScript: string;
}

/**
 * A unit that runs the server without a right it does not need. Its network is the host's, so that the metadata service
 * answers at one hop and to nothing that is further away. A log that CloudWatch does not take stops no request.
 */
export function serverUnit(run: ServerRun): string {
  return `[Unit]
Description=roc: orchestrator
Wants=network-online.target
After=docker.service network-online.target
Requires=docker.service
StartLimitIntervalSec=0

[Service]
Type=simple
Environment=HOME=/root
ExecStartPre=${run.imageScript}
ExecStartPre=-/usr/bin/docker rm -f roc
ExecStart=/usr/bin/docker run --rm --pull never --name roc --user 1000:1000 --network host --read-only --tmpfs /tmp --tmpfs /run/roc:uid=1000,gid=1000,mode=0700 --cap-drop ALL --security-opt no-new-privileges --env-file /etc/roc/env -w /run/roc --log-driver awslogs --log-opt awslogs-region=${run.region} --log-opt awslogs-group=${run.logGroup} --log-opt tag=roc-{{.ID}} --log-opt mode=non-blocking --stop-timeout ${run.stopSeconds} ${run.image} serve
ExecStop=/usr/bin/docker stop --time ${run.stopSeconds} roc
TimeoutStartSec=10min
TimeoutStopSec=${run.stopSeconds + 15}
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
}

/** Where the agent's configuration is written, and how it is told. */
export const AGENT_FILE = '/etc/roc/cloudwatch-agent.json';
export const AGENT_PACKAGES = ['amazon-cloudwatch-agent', 'rsyslog'];
export const START_AGENT = [
  // Amazon Linux 2023 writes its log to the journal alone unless it is asked.
  'systemctl enable --now rsyslog',
  `/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${AGENT_FILE}`,
];

/** The agent's configuration: memory and disk as measures, the system's log as a log group. */
export function agentConfig(stack: string, name: string, systemLogs: string): string {
  // Written out, not looked up: the agent would have to ask EC2 for the tags of its instance.
  const group = { append_dimensions: { AutoScalingGroupName: `${stack}-${name}` } };
  return JSON.stringify({
    agent: { metrics_collection_interval: 60, run_as_user: 'root' },
    metrics: {
      namespace: 'roc/hosts',
      append_dimensions: { InstanceId: agentVariable('InstanceId') },
      aggregation_dimensions: [['AutoScalingGroupName'], ['InstanceId']],
      metrics_collected: {
        mem: { measurement: ['mem_used_percent'], ...group },
        disk: { measurement: ['used_percent'], resources: ['/'], drop_device: true, ...group },
        swap: { measurement: ['swap_used_percent'], ...group },
      },
    },
    logs: {
      logs_collected: {
        files: {
          collect_list: [
            {
              file_path: '/var/log/messages',
              log_group_name: systemLogs,
              log_stream_name: `${name}/{instance_id}/messages`,
            },
            {
              file_path: '/var/log/audit/audit.log',
              log_group_name: systemLogs,
              log_stream_name: `${name}/{instance_id}/audit`,
            },
          ],
        },
      },
    },
  });
}

/** A word that the agent itself fills in. */
function agentVariable(name: string): string {
  return `\${aws:${name}}`;
}
