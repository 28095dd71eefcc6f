// Prints the id of the task that this container is of, as Fargate knows it; nothing anywhere else. Never fails: a server
// that does not know it serves all the same, and only `roc scale` cannot name it.
const { ECS_CONTAINER_METADATA_URI_V4: place } = process.env;
const TRIES = 3;
const TRY_MS = 2000;

if (place) process.stdout.write(await firstAnswer(place));

async function firstAnswer(place) {
  for (let tries = 1; ; tries++) {
    try {
      return await taskId(place);
    } catch (error) {
      if (tries < TRIES) continue;
      process.stderr.write(`roc: the task has no id: its metadata could not be read (${error.message})\n`);
      return '';
    }
  }
}

async function taskId(place) {
  // The body counts too: it may stop half way.
  const reply = await fetch(`${place}/task`, { signal: AbortSignal.timeout(TRY_MS), redirect: 'error' });
  if (!reply.ok) throw new Error(`it answered ${reply.status}`);
  const { TaskARN } = await reply.json();
  const [, id] = /^arn:[^\s]*\/([0-9A-Za-z-]+)$/.exec(TaskARN) ?? [];
  if (id === undefined) throw new Error('it names no task');
  return id;
}
