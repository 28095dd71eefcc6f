/** `/`: a page for whoever opens the server's address in a browser; no script, so that the strictest CSP holds. */

export function statusPage(version: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>roc</title>
</head>
<body>
<h1>roc</h1>
<p>Version ${version}. This server is up.</p>
<ul>
<li><a href="/openapi.json">The API, as OpenAPI 3.1</a></li>
<li><a href="/readyz">Is it ready?</a></li>
<li><a href="/.well-known/jwks.json">Its public keys</a></li>
</ul>
<p>Sign in from a shell: <code>roc login --url …</code>, then <code>roc --help</code>.</p>
</body>
</html>
`;
}
