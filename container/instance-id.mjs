// Prints the id of the task that this container is of, as Fargate knows it; nothing anywhere else.
const { ECS_CONTAINER_METADATA_URI_V4: place } = process.env;
if (place) {
  const reply = await fetch(`${place}/task`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
  const { TaskARN = '' } = reply?.ok ? await reply.json() : {};
  process.stdout.write(TaskARN.split('/').at(-1));
}
