/** The programs of the ops host, as text: they fetch what the duties are told, run them in the container, and tell how they ended. */

/** What the scripts read; its values come from the template. */
export const HOST_FILE = '/etc/roc/host.env';

export const SCRIPTS = {
  image: '/usr/local/sbin/roc-image',
  settings: '/usr/local/sbin/roc-settings',
  duty: '/usr/local/sbin/roc-duty',
  ended: '/usr/local/sbin/roc-ended',
} as const;

/** Tags never move: an image that is here needs no registry, so that a restart works without one. */
export const IMAGE_SCRIPT = `#!/bin/bash
# Pulls the image unless it is here.
set -euo pipefail
. ${HOST_FILE}
docker image inspect "$IMAGE" > /dev/null 2>&1 && exit 0
aws ecr get-login-password --region "$REGION" |
  docker login --username AWS --password-stdin "\${IMAGE%%/*}" > /dev/null
docker pull --quiet "$IMAGE"
`;

/**
 * Settings are fetched before each run, so that they change without a new host. What cannot be fetched stops the duty;
 * a key that is not there yet does not.
 */
export const SETTINGS_SCRIPT = `#!/bin/bash
# Brings what the duties are told: settings, outputs of the stack, the key of the orchestrator and the way to it.
set -euo pipefail
umask 022
. ${HOST_FILE}
exec 9> /run/roc-settings.lock
flock 9
new=$(mktemp -d /etc/roc/new.XXXXXX)
trap 'rm -rf "$new"' EXIT
all=$(aws ssm get-parameters-by-path --region "$REGION" --path "$SETTINGS" --recursive --output json)
for file in $(jq -r '.Parameters[].Name | split("/")[-2]' <<< "$all" | sort -u); do
  jq -j --arg file "$file" '[.Parameters[] | select(.Name | split("/")[-2] == $file)]
    | sort_by(.Name | split("/")[-1] | tonumber) | .[].Value' <<< "$all" > "$new/$file"
done
[ -s "$new/roc.yaml" ] || { echo "no settings under $SETTINGS" >&2; exit 1; }
aws ssm get-parameter --region "$REGION" --name "$OUTPUTS" --query Parameter.Value --output text > "$new/stack-outputs.json"
mkdir "$new/.roc"
# The balancer's own addresses in the VPC: its name may lead to the Internet, where this host has no way.
ips=$(aws ec2 describe-network-interfaces --region "$REGION" --filters "Name=description,Values=ELB $BALANCER" \\
  --query 'NetworkInterfaces[].PrivateIpAddress' --output text) || ips=
for ip in $(tr '\\t' '\\n' <<< "$ips" | sort); do echo "--add-host=\${URL#https://}:$ip"; done > "$new/.hosts"
chmod -R a+rX "$new"
why=
key=$(aws secretsmanager get-secret-value --region "$REGION" --secret-id "$KEY_SECRET" --query SecretString \\
  --output text 2> /run/roc-key.err) || why=$(tail -n 1 /run/roc-key.err)
[[ $why == *ResourceNotFound* ]] && why='its secret is empty'
[[ -n $why || $key =~ ^roc_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43}$ ]] || why='its secret holds no API key'
umask 077
if [ -z "$why" ]; then echo "ROC_TOKEN=$key" > /etc/roc/key.new; else : > /etc/roc/key.new; fi
echo "$why" > /etc/roc/key.why
if diff -r /etc/roc/work/ "$new" > /dev/null 2>&1 && cmp -s /etc/roc/key.new /etc/roc/key.env; then exit 0; fi
mv -f /etc/roc/key.new /etc/roc/key.env
# A link is swapped, so that there is no moment without settings, and what a running container has mounted stays.
former=$(readlink -f /etc/roc/work)
ln -sfn "\${new##*/}" /etc/roc/work.new
mv -fT /etc/roc/work.new /etc/roc/work
trap - EXIT
# A drill ends within twelve hours, and watching starts anew below: what was retired a day ago nobody has mounted.
[ ! -d "$former" ] || [ "$former" = "$new" ] || touch "$former"
find /etc/roc -mindepth 1 -maxdepth 1 -name 'new.*' ! -path "$new" -mmin +1440 -exec rm -rf {} +
# Whoever brings them, the duty that never ends has to see them. Not waited for: its stop may take minutes.
[ "\${1:-}" = scale-watch ] || systemctl --no-block try-restart roc-scale-watch.service
`;

/** What it prints goes to the system's log; what the container prints, to the log group of the duties. */
export const DUTY_SCRIPT = `#!/bin/bash
# Runs one duty in the container.
set -uo pipefail
. ${HOST_FILE}
duty=$1
bad=0
say() { echo "roc $duty: $*"; }
if ! ${SCRIPTS.image}; then say "$IMAGE cannot be pulled: is it pushed?"; exit 69; fi
if ! ${SCRIPTS.settings} "$duty"; then say 'its settings cannot be read'; exit 78; fi
state=/var/lib/roc
work=$(readlink -f /etc/roc/work)
rm -rf "$state/tmp/$duty"
install -d -o 1000 -g 1000 -m 0700 "$state" "$state/tmp" "$state/tmp/$duty"
mapfile -t hosts < "$work/.hosts"
roc=(docker run --rm --pull never --no-healthcheck --name "roc-$duty" --user 1000:1000 --network host "\${hosts[@]}"
  --read-only --tmpfs /tmp --tmpfs /run/roc:uid=1000 --cap-drop ALL --security-opt no-new-privileges
  --env-file /etc/roc/env --env-file /etc/roc/key.env -e "TMPDIR=/work/.roc/tmp/$duty"
  -v "$work:/work:ro" -v "$state:/work/.roc"
  -v "$work/stack-outputs.json:/work/.roc/stack-outputs.json:ro" -w /work
  --log-driver awslogs --log-opt "awslogs-region=$REGION" --log-opt "awslogs-group=$LOG_GROUP"
  --log-opt "tag=$duty-{{.ID}}" --log-opt mode=non-blocking --stop-timeout 300 "$IMAGE")
publish=(--publish)
unpublished=0
if [ "$duty" != app-user ] && [ ! -s /etc/roc/key.env ]; then
  say "has no key of the orchestrator, so it tells it nothing: $(cat /etc/roc/key.why)"
  publish=()
  unpublished=1
fi
[ "$duty" = app-user ] || aws cloudwatch put-metric-data --region "$REGION" --namespace roc \\
  --metric-name DutiesUnpublished --dimensions "Stack=$NAME" --value "$unpublished"
case $duty in
  app-user)
    "\${roc[@]}" provision app-user $APP_USER > /dev/null || bad=$? ;;
  scale-watch)
    exec "\${roc[@]}" scale watch --json > /dev/null ;;
  backup-sweep)
    "\${roc[@]}" backup sweep --yes --json > /dev/null || bad=$? ;;
  backup-verify)
    while read -r type asset; do
      snapshot=
      if [ "$type" = rds-mysql ]; then
        # A point without a manifest proves little, and those of AWS Backup have none.
        made=$("\${roc[@]}" backup run "$asset" --json < /dev/null) || { bad=$?; say "no backup of $asset"; continue; }
        snapshot=$(jq -r .snapshot <<< "$made")
      fi
      "\${roc[@]}" backup verify "$asset" --point "\${snapshot:-latest}" --json "\${publish[@]}" \\
        < /dev/null > /dev/null || { bad=$?; say "$asset ended with $bad"; continue; }
      # It is proved; the daily ones stay.
      [ -z "$snapshot" ] || aws rds delete-db-snapshot --region "$REGION" \\
        --db-snapshot-identifier "$snapshot" > /dev/null || { bad=1; say "$snapshot stays"; }
    done < "$work/drills" ;;
  vulns-report)
    aws s3 sync --region "$REGION" --only-show-errors "$STATE/feeds" "$state/feeds" || say 'no feeds from the bucket'
    install -d -o 1000 -g 1000 -m 0700 "$state/feeds"
    chown -R 1000:1000 "$state/feeds"
    [ -z "$FEEDS" ] || "\${roc[@]}" vulns feeds pull --feeds .roc/feeds --only "$FEEDS" > /dev/null ||
      say 'feeds are as old as they were'
    "\${roc[@]}" vulns report --output .roc/vulns-report.json=json "\${publish[@]}" > /dev/null || bad=$? ;;
  *)
    say 'there is no such duty'
    bad=64 ;;
esac
exit "$bad"
`;

/** systemd says how it ended: also what was killed, or took too long. */
export const ENDED_SCRIPT = `#!/bin/bash
# After each end of a duty: nothing of it runs on, what it remembers is kept, and CloudWatch is told.
. ${HOST_FILE}
docker rm -f "roc-$1" > /dev/null 2>&1
# Until the image is pushed nothing can be done, which is no failure; what stays silent for long raises an alarm of its own.
[ "\${EXIT_STATUS:-}" = 69 ] && exit 0
aws s3 sync --region "$REGION" --only-show-errors --delete --exclude 'tmp/*' --exclude 'feeds/*' --exclude 'backup/*' \\
  --exclude stack-outputs.json /var/lib/roc "$STATE/state"
failed=1
[ "\${SERVICE_RESULT:-}" = success ] && failed=0
aws cloudwatch put-metric-data --region "$REGION" --namespace roc --metric-name DutyFailed \\
  --dimensions "Stack=$NAME" --value "$failed"
`;
