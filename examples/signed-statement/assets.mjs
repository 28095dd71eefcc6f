// Reading assets: plain HTTP on this very host, to the runner, with a token that is good for this attempt alone.

const { ROC_ASSETS_URL: url, ROC_ASSETS_TOKEN: token } = process.env;

/** The value of an asset that robot.yaml names; the runner keeps it in memory only, and so should a robot. */
export async function readAsset(name) {
  const response = await fetch(`${url}/${name}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`the asset ${name} could not be read: ${text.trim()}`);
}
